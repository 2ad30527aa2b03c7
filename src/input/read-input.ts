/** Text → everything known about it: damage repaired, commands read, rulesets run. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Family, Target } from '../extensions/define.js';
import { noticedCommands, type Command } from '../iptables/command.js';
import type { IpsetCommand } from '../ipset/command.js';
import type { Ipset } from '../ipset/model.js';
import { readIpsetFile } from '../ipset/read-file.js';
import { runIpset } from '../ipset/run.js';
import { detectInput } from '../paste/detect.js';
import { isFail2banAction } from '../paste/placeholder.js';
import { repairPaste } from '../paste/repair.js';
import { runCommands, type RunResult } from '../ruleset/run.js';
import { readShell, type ShellReading } from '../shell/expand.js';
import { mapText, type MappedText } from '../text/mapped-text.js';
import { compareSpans, type Source, type Span } from '../text/source.js';
import { chainsElsewhere, chainsNamed, chainsOfFragment, fragmentProblem } from './chains-elsewhere.js';
import { partsOfDump } from './dump-parts.js';
import { targetNames } from './families.js';
import { foreignFormat } from './foreign-formats.js';
import type { Input, InputKind, InputProblem } from './input.js';
import { isIptablesXml, readIptablesXml } from './iptables-xml.js';
import { readSave } from './read-save.js';
import { readScript } from './read-script.js';

export interface ReadOptions {
  /** Detected without. */
  readonly kind?: InputKind;
  /** Family of a dump, or of `iptables` in commands; detected without. */
  readonly family?: Family;
  readonly target: Target;
  /** Values of shell variables at run time. */
  readonly defines: ReadonlyMap<string, string>;
  /** Sets of other files that are given along with this one. */
  readonly ipsets?: ReadonlyMap<string, Ipset>;
  /** Gives a file that a script sources; undefined when it is not known. A relative name begins at the folder `from` is in. */
  readonly readFile?: (file: string, from: Source) => Source | undefined;
}

/** Reads an input. Total: never throws, keeps and reports what it does not understand. */
export function readInput(source: Source, options: ReadOptions): Input {
  const fromXml = isIptablesXml(source.text);
  const part = SHELL_SCRIPT.test(source.text) ? undefined : foreignFormat(source, true);
  const kind = fromXml ? 'save' : part === undefined ? (options.kind ?? detectInput(source)) : 'text';
  const repaired = fromXml ? readIptablesXml(source) : part === undefined ? repairPaste(source, kind) : leftOut(source, part);
  const problems: InputProblem[] = repaired.problems.map((problem) => ({ problem, command: undefined }));
  let commands: readonly Command[];
  let shell: ShellReading | undefined;
  let ipset: readonly IpsetCommand[] = [];
  let notRun: ReadonlyMap<Command, string> = new Map();
  let mayFail: ReadonlySet<Command> = new Set();
  if (kind === 'save') {
    const { text } = repaired.text;
    const parts = options.family === undefined ? partsOfDump(text, source.name) : ([{ start: 0, end: text.length, family: options.family }] as const);
    const begun = { ip: new Set<string>(), ip6: new Set<string>() };
    const readings = parts.map((part) => readSave(repaired.text, part.family, options.target, options.defines, part, begun[part.family]));
    commands = readings.length === 1 ? (readings[0]?.commands ?? []) : readings.flatMap((reading) => reading.commands);
    for (const reading of readings) add(problems, reading.problems);
  } else if (kind === 'ipset') {
    commands = [];
    ipset = readIpsetFile(repaired.text);
  } else {
    const { readFile } = options;
    const readSourced = (file: string, from: Source): MappedText | undefined => {
      const sourced = readFile?.(file, from);
      if (sourced === undefined) return undefined;
      const { text, problems: found } = repairPaste(sourced, 'script');
      add(problems, found);
      return text;
    };
    shell = readShell(repaired.text, { defines: options.defines, ...(readFile === undefined ? {} : { readFile: readSourced }) });
    const mentionsRules = MENTIONS_RULES.test(repaired.text.text) || shell.files.some(({ text }) => MENTIONS_RULES.test(text));
    add(problems, mentionsRules ? shell.problems : shell.problems.map(lessened));
    const reading = readScript(shell, { family: options.family, target: options.target });
    commands = reading.commands;
    notRun = reading.notRun;
    mayFail = reading.mayFail;
    ipset = reading.ipset;
    add(problems, reading.problems);
    const foreign =
      !SHELL_SCRIPT.test(source.text) && commands.every(({ kind: operation }) => CHANGES_NOTHING.has(operation))
        ? foreignFormat(source, false)
        : undefined;
    // What the shell makes of it says nothing to anybody.
    if (foreign !== undefined) problems.splice(0, problems.length, { problem: foreign, command: undefined });
  }
  const ipsets = { commands: ipset, run: runIpset(ipset, { fromNothing: kind === 'ipset' }), others: options.ipsets ?? new Map<string, Ipset>() };
  for (const { problem } of ipsets.run.problems) problems.push({ problem, command: undefined });
  problems.push(...onceWhereWritten(commands));
  const fragment = kind === 'save' ? chainsOfFragment(repaired.text.text) : new Set<string>();
  const cutOut = fragmentProblem(commands, fragment);
  if (cutOut !== undefined) problems.push({ problem: cutOut, command: undefined });
  const elsewhere = shell === undefined ? chainsNamed(fragment) : chainsElsewhere(shell, commands, notRun, kind === 'text' ? source.text : undefined);
  const runs = new Map<Family, RunResult>();
  for (const family of ['ip', 'ip6'] as const) {
    const isOwn = (command: Command): boolean => command.family === family && !notRun.has(command);
    const own = commands.every(isOwn) ? commands : commands.filter(isOwn);
    if (own.length === 0) continue;
    const run = runCommands(family, own, targetNames(family), elsewhere, mayFail);
    runs.set(family, run);
    for (const problem of run.problems) problems.push({ problem, command: problem.command });
    if (own === commands) break;
  }
  return {
    source,
    sources: [source, ...(shell?.files ?? [])],
    kind,
    ...(fromXml ? { fromXml } : {}),
    text: repaired.text,
    problems: firstCauses(kind === 'text' && isFail2banAction(source) ? problems.filter(({ problem }) => !holdsTag(problem)) : problems),
    shell,
    commands,
    notRun,
    runs,
    ipsets,
    target: options.target,
  };
}

/** A source of which nothing is read, for this reason. */
function leftOut(source: Source, problem: Problem): { readonly text: MappedText; readonly problems: readonly Problem[] } {
  return { text: mapText(source, [{ start: 0, end: source.text.length, text: '' }]), problems: [problem] };
}

/** Whether a problem is about a word with a tag, which fail2ban fills in. */
function holdsTag({ at: { source, start, end } }: Problem): boolean {
  return /[<>]/.test(source.text.slice(start, end));
}

/** Words of a text that has to do with firewalls. */
const MENTIONS_RULES = /ip6?tables|ipset|\bipt\b/i;

/** A Makefile or a list of words is no script that does not parse: where no rule can be lost, nothing stops for it. */
function lessened(problem: Problem): Problem {
  return problem.check === 'parse-error' ? { ...problem, severity: 'info' } : problem;
}

/** A script that holds a listing or a file of another firewall is still one. */
const SHELL_SCRIPT = /^#!.*sh\b/;

const CHANGES_NOTHING: ReadonlySet<Command['kind']> = new Set(['list', 'nothing', 'malformed']);

/** The problems of commands; one with a value that a variable carries into several of them is one, with all their places. */
function onceWhereWritten(commands: readonly Command[]): readonly InputProblem[] {
  const found: Carried[] = [];
  const byOrigin = new Map<string, Carried>();
  for (const command of noticedCommands(commands))
    for (const problem of command.problems) {
      const origin = originOf(command, problem);
      const key =
        origin === undefined
          ? undefined
          : `${problem.check}\0${problem.message}\0${origin.source.name}\0${String(origin.start)}\0${String(origin.end)}`;
      const same = key === undefined ? undefined : byOrigin.get(key);
      if (same === undefined) {
        const item: Carried = { problem, command, origin, also: [] };
        found.push(item);
        if (key !== undefined) byOrigin.set(key, item);
        continue;
      }
      if ([same.problem.at, ...same.also].some(({ source, start }) => source === problem.at.source && start === problem.at.start)) continue;
      same.also.push(problem.at);
    }
  return found.map(({ problem, command, origin, also }) => ({ problem: withPlaces(problem, origin, also), command }));
}

interface Carried {
  readonly problem: Problem;
  readonly command: Command;
  readonly origin: Span | undefined;
  /** The other places it is carried to. */
  readonly also: Span[];
}

/** The problem with the place its word was written at, and the other places that word is carried to. */
function withPlaces(problem: Problem, origin: Span | undefined, also: readonly Span[]): Problem {
  if (origin === undefined && also.length === 0) return problem;
  const labels = [...(problem.labels ?? []), ...(origin === undefined ? [] : [{ span: origin, text: 'comes from here' }])];
  if (also.length === 0) return { ...problem, labels };
  const count = `${String(also.length)} more place${also.length === 1 ? '' : 's'}`;
  return {
    ...problem,
    also: [...(problem.also ?? []), ...also],
    labels,
    notes: [...(problem.notes ?? []), { kind: 'note', text: `the same in ${count}` }],
  };
}

/** Where the word a problem is about was written, when that is not in the command. */
function originOf({ words }: Command, { at }: Problem): Span | undefined {
  if (words.kind !== 'words') return undefined;
  const word = words.words.find(({ span }) => span.source === at.source && span.start === at.start && span.end === at.end);
  const [piece, ...more] = word?.pieces ?? [];
  return piece === undefined || more.length > 0 || piece.unknown !== undefined || piece.via.length === 0 ? undefined : piece.span;
}

/** What the text itself shows to be no value: that it is no number and no address needs no second finding. */
const NO_VALUES: ReadonlySet<string> = new Set(['placeholder', 'restore-shell-syntax', 'quoted-option-bundle']);

function firstCauses(problems: readonly InputProblem[]): readonly InputProblem[] {
  const causes = problems.flatMap(({ problem, command }) =>
    command === undefined && NO_VALUES.has(problem.check)
      ? [problem.at, ...(problem.labels ?? []).map((label) => label.span), ...(problem.also ?? [])]
      : [],
  );
  if (causes.length === 0) return problems;
  causes.sort(compareSpans);
  const bySource = new Map<Source, readonly Span[]>();
  for (const { source } of causes)
    if (!bySource.has(source))
      bySource.set(
        source,
        causes.filter((cause) => cause.source === source),
      );
  return problems.filter(({ problem: { at }, command }) => command === undefined || !overlapsOne(at, bySource.get(at.source) ?? []));
}

/** Whether a span has a character in common with one of `others`, which are in order and do not overlap. */
function overlapsOne({ start, end }: Span, others: readonly Span[]): boolean {
  let low = 0;
  let high = others.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((others[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  return (others[low]?.start ?? Infinity) < end;
}

function add(problems: InputProblem[], found: readonly Problem[]): void {
  for (const problem of found) problems.push({ problem, command: undefined });
}
