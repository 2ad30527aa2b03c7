/** The iptables and ipset commands of a script or of prose, and which of them make up the ruleset. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Family, Target } from '../extensions/define.js';
import type { Command } from '../iptables/command.js';
import { readCommand } from '../iptables/read.js';
import { readIpsetCommand, type IpsetCommand } from '../ipset/command.js';
import { readIpsetFile } from '../ipset/read-file.js';
import type { CommandRedirection, Guard, InputText, ShellCommand, ShellReading } from '../shell/expand.js';
import { mapPieces, type MappedText } from '../text/mapped-text.js';
import type { Span } from '../text/source.js';
import { registryOf } from './families.js';
import { isUnknown } from '../text/word.js';
import { findIpset, findProgram } from './find-program.js';
import { quotedBundles, quotedProgram } from './quoted-bundles.js';
import { readSave } from './read-save.js';

export interface ScriptReading {
  /** In the order they run, those of branches that exclude each other included. */
  readonly commands: readonly Command[];
  /** Those that a single run of the script would not execute together with the others, and why. */
  readonly notRun: ReadonlyMap<Command, string>;
  /** Those whose failure the script asks about or hides: it knows that they may fail. */
  readonly mayFail: ReadonlySet<Command>;
  /** The ipset commands that run, in order. */
  readonly ipset: readonly IpsetCommand[];
  readonly problems: readonly Problem[];
}

export interface ScriptOptions {
  readonly family: Family | undefined;
  readonly target: Target;
}

interface Placed<C = Command | IpsetCommand> {
  readonly command: C;
  readonly shell: ShellCommand;
}

/** Words of a command that are read. A command of so many exceeds what the kernel hands to a program. (execve(2), Limits on size of arguments) */
const MOST_WORDS = 50_000;

/** Reads the iptables commands among the commands of a script. */
export function readScript(shell: ShellReading, options: ScriptOptions): ScriptReading {
  const placed: Placed<Command>[] = [];
  const sets: Placed<IpsetCommand>[] = [];
  const inOtherNamespaces: Command[] = [];
  const problems: Problem[] = [];
  for (const command of shell.commands) {
    const ipset = findIpset(command.words);
    if (ipset !== undefined) {
      for (const read of readIpset(command, ipset)) sets.push({ command: read, shell: command });
      continue;
    }
    const program = findProgram(command.words);
    if (program === undefined) problems.push(...quotedProgram(command));
    if (program === undefined || program.kind === 'save') continue;
    const family = program.family === 'ip' && options.family === 'ip6' ? 'ip6' : program.family;
    if (program.kind === 'restore') {
      if (command.hereDocument === undefined) continue;
      const reading = readSave(textOf(command.hereDocument), family, options.target);
      problems.push(...reading.problems);
      for (const read of reading.commands) placed.push({ command: read, shell: command });
      continue;
    }
    problems.push(...quotedBundles(command, program.word));
    const words = command.words.length > MOST_WORDS ? command.words.slice(0, MOST_WORDS) : command.words;
    if (words !== command.words)
      problems.push({
        check: 'expansion-limit',
        at: command.span,
        message: `the command has ${String(command.words.length)} words, of which the first ${String(MOST_WORDS)} are read: Linux runs no command whose arguments take more than 2 MB`,
      });
    const read = readCommand({ kind: 'words', words }, writtenAt(command, program.word), {
      registry: registryOf(family),
      target: options.target,
      start: program.word + 1,
    });
    placed.push({ command: read, shell: command });
    if (program.elsewhere === true) inOtherNamespaces.push(read);
  }
  const named = functionAnArgumentNames(shell, [...placed, ...sets]);
  const notRun = chooseBranches([...placed, ...sets], named, shell.commands);
  for (const command of inOtherNamespaces) notRun.set(command, 'it runs in another network namespace');
  for (const family of ['ip', 'ip6'] as const)
    for (const command of takenBack(placed.map(({ command }) => command).filter((command) => command.family === family && !notRun.has(command))))
      notRun.set(command, 'it takes all rules back at the end of the script');
  return {
    commands: placed.map(({ command }) => command),
    notRun: new Map(placed.flatMap(({ command }) => (notRun.has(command) ? [[command, notRun.get(command) ?? ''] as const] : []))),
    mayFail: new Set(placed.flatMap(({ command, shell: caller }) => (caller.statusAsked || hidesErrors(caller) ? [command] : []))),
    ipset: sets.map(({ command }) => command).filter((command) => !notRun.has(command)),
    problems,
  };
}

/** Where a command was written: at the call, if a function hands on what it is given: `run() { echo "$@"; "$@"; }`. */
function writtenAt({ words, span, context }: ShellCommand, program: number): Span {
  const own = words.slice(program + 1);
  for (const step of [...context].reverse()) {
    if (step.kind !== 'call') continue;
    const { calledAt } = step;
    const given = own.filter(
      ({ pieces }) =>
        pieces.length > 0 && pieces.every(({ span: at }) => at.source === calledAt.source && calledAt.start <= at.start && at.end <= calledAt.end),
    ).length;
    if (given * 2 > own.length) return calledAt;
  }
  return span;
}

/** `2>/dev/null`, `&>/dev/null`, `>/dev/null 2>&1`. */
function hidesErrors({ redirections }: ShellCommand): boolean {
  const discards = ({ operator, target }: CommandRedirection): boolean => operator.includes('>') && target.text === '/dev/null';
  return redirections.some(
    (redirection) =>
      (discards(redirection) && (redirection.descriptor === '2' || redirection.operator.startsWith('&'))) ||
      (redirection.descriptor === '2' && redirection.target.text === '1' && redirections.some(discards)),
  );
}

/** An ipset command, or those of the here-document that `ipset restore` reads. */
function readIpset(command: ShellCommand, word: number): readonly IpsetCommand[] {
  const read = readIpsetCommand({ kind: 'words', words: command.words }, word + 1, command.span);
  if (read.verb !== 'restore' || command.hereDocument === undefined) return [read];
  const lines = readIpsetFile(textOf(command.hereDocument));
  return read.exist ? lines.map((line) => ({ ...line, exist: true })) : lines;
}

function textOf(input: InputText): MappedText {
  return mapPieces(input.span.source, input.text, input.pieces);
}

const ADDS: ReadonlySet<string> = new Set(['append', 'insert', 'replace', 'newChain', 'policy', 'create', 'add']);

function addsSomething(command: Command | IpsetCommand): boolean {
  return ADDS.has('kind' in command ? command.kind : (command.verb ?? ''));
}

const REMOVES: ReadonlySet<string> = new Set(['delete', 'deleteNumber', 'deleteChain', 'flush', 'destroy']);

function takesAway(command: Command | IpsetCommand): boolean {
  return REMOVES.has('kind' in command ? command.kind : (command.verb ?? ''));
}

/** Whether a guard is for what is done when a program fails, `dnsmasq … || { stop; exit 1; }`: neither a test nor a question to iptables. */
function isOfFailure({ kind, negated, command }: Guard, commands: readonly ShellCommand[]): boolean {
  const asked = kind === 'or' && negated && command !== undefined ? commands[command] : undefined;
  if (asked === undefined || /^(?:\[|test)$/.test(asked.words[0]?.text ?? '')) return false;
  return findProgram(asked.words) === undefined && findIpset(asked.words) === undefined;
}

/**
 * Branches of one `case` or `if` that only the run decides exclude each other: running `start` and then `stop` would leave an
 * empty ruleset. The branch that adds most is the one the ruleset is made of; the others are read and checked, not run.
 */
function chooseBranches(placed: readonly Placed[], named: Span | undefined, commands: readonly ShellCommand[]): Map<Command | IpsetCommand, string> {
  const adds = new Map<number, Map<number, number>>();
  for (const { command, shell } of placed)
    for (const guard of shell.guards) {
      if (guard.kind !== 'case' && guard.kind !== 'if') continue;
      const branches = adds.get(guard.construct) ?? new Map<number, number>();
      branches.set(guard.branch, (branches.get(guard.branch) ?? 0) + (addsSomething(command) ? 1 : 0));
      adds.set(guard.construct, branches);
    }
  const chosen = new Map<number, number>();
  for (const [construct, branches] of adds) {
    let best: number | undefined;
    for (const [branch, count] of branches) if (best === undefined || count > (branches.get(best) ?? 0)) best = branch;
    if (best !== undefined) chosen.set(construct, best);
  }
  const notRun = new Map<Command | IpsetCommand, string>();
  for (const { command, shell } of placed) {
    for (const guard of shell.guards) {
      if (guard.kind === 'uncalled' && guard.span !== named)
        notRun.set(
          command,
          named === undefined ? 'it stands in a function that nothing calls' : 'it stands in a function that only another argument calls',
        );
      else if (guard.kind === 'trap') notRun.set(command, 'it only runs when the script is interrupted or ends');
      else if ((guard.kind === 'case' || guard.kind === 'if') && chosen.get(guard.construct) !== guard.branch)
        notRun.set(command, 'it stands in another branch of a condition that only the run decides');
      else if (takesAway(command) && isOfFailure(guard, commands)) notRun.set(command, 'it only runs when a command before it fails');
    }
  }
  return notRun;
}

/** The name of the script is followed by that of one of its functions: `"$@"`, `do_$1`. */
const CALLS_WHAT_IS_NAMED = /\$\{?[@*1]\}?/;

/**
 * Where a script that does nothing else calls the function its argument names: the one that adds most, named by where it is defined.
 * The others are for other arguments, as the branches of a `case` are.
 */
function functionAnArgumentNames(shell: ShellReading, placed: readonly Placed[]): Span | undefined {
  if (!shell.commands.some(({ words: [first] }) => first !== undefined && isUnknown(first) && CALLS_WHAT_IS_NAMED.test(first.text))) return undefined;
  const adds = new Map<Span, number>();
  for (const { command, shell: caller } of placed) {
    if (!addsSomething(command)) continue;
    const uncalled = caller.guards.find(({ kind }) => kind === 'uncalled');
    if (uncalled === undefined) return undefined;
    adds.set(uncalled.span, (adds.get(uncalled.span) ?? 0) + 1);
  }
  return [...adds].sort(([, left], [, right]) => right - left)[0]?.[0];
}

/**
 * The commands that empty every table again after the last rule: `start; sleep 30; stop`, where whoever is locked out need only wait.
 * What the script is for are the rules before.
 */
function takenBack(commands: readonly Command[]): readonly Command[] {
  const last = commands.findLastIndex(({ kind }) => ADDS_RULES.has(kind));
  const filled = new Set(commands.slice(0, last + 1).flatMap(({ kind, table }) => (ADDS_RULES.has(kind) ? [table] : [])));
  const end = commands.slice(last + 1);
  for (const command of end) {
    if (command.kind === 'flush' && command.chain === undefined) filled.delete(command.table);
    if (command.kind === 'policy' && command.policy.text !== 'ACCEPT') return [];
  }
  return last === -1 || filled.size > 0 ? [] : end.filter(({ kind }) => TAKES_BACK.has(kind));
}

const ADDS_RULES: ReadonlySet<Command['kind']> = new Set(['append', 'insert', 'replace']);
const TAKES_BACK: ReadonlySet<Command['kind']> = new Set(['flush', 'deleteChain', 'zero', 'policy']);
