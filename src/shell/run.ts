/** Goes through a script as the shell would, without running anything, and notes the commands that it meets. */

import type {
  AndOrList,
  ArithmeticForCommand,
  CaseCommand,
  CommandNode,
  CommandPart,
  ForCommand,
  IfCommand,
  LoopCommand,
  Pipeline,
  ProcessPart,
  RedirectionNode,
  SimpleCommand,
  WordNode,
} from '../../grammar/shell/ast.js';
import { assignmentOf } from '../../grammar/shell/simple-command.js';
import { oncePer } from '../text/once-per.js';
import type { Span } from '../text/source.js';
import { isUnknown, type ExpansionStep, type Word } from '../text/word.js';
import { evaluateArithmetic } from './arithmetic.js';
import { assign, assignedWord, setLoopVariable } from './assign.js';
import { namesIn } from './assigned-names.js';
import { addBranch, beginFork, endFork, guardOf, inFrame, runInSubshell, type Fork, type Jump } from './branches.js';
import { BUILTINS, DECLARATIONS } from './builtins.js';
import { evaluateCondition } from './conditions.js';
import { arithmeticVariables, evaluateSurely, expandPattern, expandValue, expandWords, isQuoted } from './fields.js';
import { outputOf } from './output.js';
import { matchesPattern } from './patterns.js';
import { inputOf, openRedirections } from './redirections.js';
import type { CommandRedirection, ShellCommand } from './reading.js';
import {
  currentGuards,
  emptyCapture,
  forget,
  meetLimit,
  mergeVariables,
  setFunctions,
  setPositional,
  setVariable,
  spanOfNode,
  streamOf,
  takeSteps,
  TOOL,
  unknownVariable,
  type Capture,
  type Shell,
  type ShellFunction,
  type Variable,
} from './state.js';
import {
  addFragments,
  isKnown,
  isUnsure,
  knownText,
  sliceValue,
  sureText,
  throughStep,
  valueOfWord,
  valueText,
  wordOfValue,
  type Fragment,
  type Value,
} from './value.js';

/** Runs commands one after another until one of them leaves. */
export function runCommands(shell: Shell, nodes: readonly CommandNode[]): Jump | undefined {
  for (const node of nodes) {
    const jump = runCommand(shell, node);
    if (jump !== undefined) return jump;
  }
  return undefined;
}

/** The way out of a script that an expansion ended. */
function takeEnd(shell: Shell): Jump | undefined {
  if (!shell.ended) return undefined;
  shell.ended = false;
  shell.status = 1;
  return { kind: 'exit', count: 0 };
}

function runCommand(shell: Shell, node: CommandNode): Jump | undefined {
  if (node.kind !== 'function') shell.reached.add(node);
  takeSteps(shell, 1);
  if (node.kind === 'simple') {
    const jump = runSimple(shell, node) ?? takeEnd(shell);
    const fails = shell.status !== undefined && shell.status !== 0;
    return jump === undefined && fails && shell.stopsAtErrors && !shell.failureAsked ? { kind: 'exit', count: 0 } : jump;
  }
  if (shell.depth >= shell.limits.depth) {
    meetLimit(shell, spanOfNode(shell, node), 'calls and blocks are nested deeper than fwlint reads');
    forget(shell, namesIn([node]).variables);
    shell.status = undefined;
    return undefined;
  }
  shell.depth += 1;
  const jump = runNested(shell, node) ?? takeEnd(shell);
  shell.depth -= 1;
  return jump;
}

function runNested(shell: Shell, node: Exclude<CommandNode, SimpleCommand>): Jump | undefined {
  switch (node.kind) {
    case 'pipeline':
      return runPipeline(shell, node);
    case 'and-or':
      return runAndOr(shell, node);
    case 'background': {
      const { background } = shell;
      shell.background = true;
      runInSubshell(shell, () => runCommand(shell, node.command));
      shell.background = background;
      shell.status = 0;
      return undefined;
    }
    case 'function':
      defineFunction(shell, node);
      return undefined;
    case 'malformed':
      shell.status = undefined;
      return undefined;
    default:
      return withRedirections(shell, node.redirections, () => runCompound(shell, node));
  }
}

function runCompound(shell: Shell, node: Extract<CommandNode, { readonly redirections: unknown }>): Jump | undefined {
  switch (node.kind) {
    case 'group':
      if (!node.subshell) return runCommands(shell, node.body);
      runInSubshell(shell, () => runCommands(shell, node.body));
      return undefined;
    case 'if':
      return runIf(shell, node);
    case 'loop':
      return runLoop(shell, node);
    case 'for':
      return runFor(shell, node);
    case 'arithmetic-for':
      return runArithmeticFor(shell, node);
    case 'case':
      return runCase(shell, node);
    case 'condition': {
      const truth = evaluateCondition(shell, node.items);
      shell.status = truth === undefined ? undefined : truth ? 0 : 1;
      return undefined;
    }
    case 'arithmetic': {
      const value = evaluateSurely(shell, sureText(expandValue(shell, node.expression)), spanOfNode(shell, node.expression));
      shell.status = value === undefined ? undefined : value === 0n ? 1 : 0;
      return undefined;
    }
    case 'simple':
      return runSimple(shell, node);
  }
}

function defineFunction(shell: Shell, node: Extract<CommandNode, { readonly kind: 'function' }>): void {
  let definition = shell.definitions.get(node.body);
  if (definition === undefined) {
    definition = { name: node.name, nameAt: spanOfNode(shell, node.nameAt), body: node.body, script: shell.script, calls: 0, followed: false };
    shell.definitions.set(node.body, definition);
    shell.allFunctions.push(definition);
  }
  setFunctions(shell, node.name, [definition]);
  shell.status = 0;
}

// Lists

/** Runs commands whose exit status is asked for. Gives the index of the command that decides, when it is a single one. */
function runAsked(shell: Shell, nodes: readonly CommandNode[]): { readonly jump: Jump | undefined; readonly command: number | undefined } {
  const { statusAsked, failureAsked } = shell;
  shell.statusAsked = true;
  shell.failureAsked = true;
  const jump = runCommands(shell, nodes);
  shell.statusAsked = statusAsked;
  shell.failureAsked = failureAsked;
  const last = nodes[nodes.length - 1];
  const inner = last?.kind === 'pipeline' && last.commands.length === 1 ? last.commands[0] : last;
  return { jump, command: inner !== undefined && shell.lastNode === inner ? shell.commands.length - 1 : undefined };
}

function runAndOr(shell: Shell, node: AndOrList): Jump | undefined {
  let asked = runAsked(shell, [node.first]);
  if (asked.jump !== undefined) return asked.jump;
  let { end } = node.first;
  let only = true;
  for (let index = 0; index < node.rest.length; index += 1) {
    const item = node.rest[index];
    if (item === undefined) break;
    const { operator, command } = item;
    const isLast = index === node.rest.length - 1;
    const run = (): Jump | undefined => {
      if (isLast) return runCommand(shell, command);
      asked = runAsked(shell, [command]);
      return asked.jump;
    };
    const { status } = shell;
    if (status === undefined) {
      const fork = beginFork(shell);
      const span = spanOfNode(shell, { start: node.first.start, end });
      const guard = guardOf(operator === '&&' ? 'and' : 'or', span, fork, operator === '||', only ? asked.command : undefined);
      let taken: number | undefined;
      addBranch(shell, fork, guard, () => {
        const jump = run();
        taken = shell.status;
        return jump;
      });
      addBranch(shell, fork, undefined, () => undefined);
      const jump = endFork(shell, fork);
      if (jump !== undefined) return jump;
      // `… || true` succeeds either way, `… && false` fails either way.
      if (taken !== undefined && (taken === 0) === (operator === '||')) shell.status = taken;
    } else if ((status === 0) === (operator === '&&')) {
      const jump = run();
      if (jump !== undefined) return jump;
    }
    end = command.end;
    only = false;
  }
  return undefined;
}

function runPipeline(shell: Shell, node: Pipeline): Jump | undefined {
  const [first] = node.commands;
  if (node.commands.length === 1 && first !== undefined) {
    const jump = node.negated ? runAsked(shell, [first]).jump : runCommand(shell, first);
    if (node.negated && shell.status !== undefined) shell.status = shell.status === 0 ? 1 : 0;
    return jump;
  }
  const { pipeline, capture, input } = shell;
  shell.constructs += 1;
  const id = shell.constructs;
  node.commands.forEach((command, index) => {
    const isLast = index === node.commands.length - 1;
    const own = emptyCapture();
    shell.pipeline = { id, index, count: node.commands.length };
    shell.capture = isLast ? capture : own;
    runInSubshell(shell, () => runCommand(shell, command));
    shell.input = own.unknown || isLast ? undefined : streamOf(inputOf('pipe', own.fragments, spanOfNode(shell, command), own.uncertain));
  });
  shell.pipeline = pipeline;
  shell.capture = capture;
  shell.input = input;
  if (node.negated && shell.status !== undefined) shell.status = shell.status === 0 ? 1 : 0;
  return undefined;
}

// Branching commands

function runIf(shell: Shell, node: IfCommand): Jump | undefined {
  let fork: Fork | undefined;
  let outer = shell.guards;
  for (const branch of node.branches) {
    const asked = runAsked(shell, branch.condition);
    if (asked.jump !== undefined && fork === undefined) return asked.jump;
    const first = branch.condition[0];
    const last = branch.condition[branch.condition.length - 1];
    if (shell.status !== undefined || first === undefined || last === undefined) {
      if (shell.status !== 0) continue;
      // Certainly taken, when it is asked at all.
      if (fork === undefined) return runCommands(shell, branch.body);
      const { body } = branch;
      addBranch(shell, fork, outer[outer.length - 1], () => runCommands(shell, body));
      shell.guards = fork.guards;
      return endFork(shell, fork);
    }
    const span = spanOfNode(shell, { start: first.start, end: last.end });
    fork ??= beginFork(shell);
    const guard = guardOf('if', span, fork, false, branch.condition.length === 1 ? asked.command : undefined);
    const guards = shell.guards;
    addBranch(shell, fork, guard, () => runCommands(shell, branch.body));
    // The conditions that follow are asked only when this one fails.
    outer = [...guards, { ...guardOf('if', span, fork, true, guard.command) }];
    shell.guards = outer;
  }
  if (fork === undefined) {
    // `else` begins with the exit status of the condition.
    if (node.otherwise !== undefined) return runCommands(shell, node.otherwise);
    shell.status = 0;
    return undefined;
  }
  const { otherwise } = node;
  const negated = outer[outer.length - 1];
  if (otherwise === undefined) addBranch(shell, fork, undefined, () => undefined);
  else addBranch(shell, fork, negated, () => runCommands(shell, otherwise));
  shell.guards = fork.guards;
  return endFork(shell, fork);
}

function runCase(shell: Shell, node: CaseCommand): Jump | undefined {
  const subject = sureText(expandValue(shell, node.subject));
  const end = takeEnd(shell);
  if (end !== undefined) return end;
  let fork: Fork | undefined;
  shell.status = 0;
  for (let index = 0; index < node.branches.length; index += 1) {
    const branch = node.branches[index];
    if (branch === undefined) break;
    const truth = matchesBranch(shell, subject, branch.patterns);
    if (truth === false) continue;
    // `;&` falls through into the next branch.
    let last = branch;
    const taken = [branch];
    for (let next = node.branches[index + 1]; last.terminator === ';&' && next !== undefined; next = node.branches[index + taken.length]) {
      last = next;
      taken.push(next);
    }
    const run = (): Jump | undefined => {
      for (const { body } of taken) {
        const jump = runCommands(shell, body);
        if (jump !== undefined) return jump;
      }
      return undefined;
    };
    const goesOn = last.terminator === ';;&';
    if (truth === true && fork === undefined) {
      const jump = run();
      if (jump !== undefined || !goesOn) return jump;
      index += taken.length - 1;
      continue;
    }
    fork ??= beginFork(shell);
    const firstPattern = branch.patterns[0];
    const lastPattern = branch.patterns[branch.patterns.length - 1];
    const place = firstPattern === undefined || lastPattern === undefined ? branch : { start: firstPattern.start, end: lastPattern.end };
    addBranch(shell, fork, guardOf('case', spanOfNode(shell, place), fork), run);
    if (truth === true && !goesOn) return endFork(shell, fork);
  }
  if (fork === undefined) return undefined;
  addBranch(shell, fork, undefined, () => undefined);
  return endFork(shell, fork);
}

function matchesBranch(shell: Shell, subject: string | undefined, patterns: readonly WordNode[]): boolean | undefined {
  let result: boolean | undefined = false;
  for (const pattern of patterns) {
    const { pieces } = expandPattern(shell, pattern);
    // `*` matches whatever the subject is.
    if (pieces?.length === 1 && pieces[0]?.text === '*' && !pieces[0].quoted) return true;
    const matches = subject === undefined || pieces === undefined ? undefined : matchesPattern(subject, pieces);
    if (matches === true) return true;
    if (matches === undefined) result = undefined;
  }
  return result;
}

// Loops

/** Answers of `namesAssignedBy`, with the number of changes to functions they hold for. */
const namesOfLists = new WeakMap<readonly CommandNode[], { readonly changes: number; readonly names: ReadonlySet<string> }>();

/** Names that commands may assign, through the functions they call too. */
function namesAssignedBy(shell: Shell, commands: readonly CommandNode[]): ReadonlySet<string> {
  const known = namesOfLists.get(commands);
  if (known?.changes === shell.functionChanges) return known.names;
  const names = new Set<string>();
  const seen = new Set<ShellFunction>();
  const visit = (list: readonly CommandNode[]): void => {
    const found = namesIn(list);
    for (const name of found.variables) names.add(name);
    for (const call of found.calls) {
      for (const definition of shell.functions.get(call) ?? []) {
        if (definition === undefined || seen.has(definition)) continue;
        seen.add(definition);
        visit(bodyOf(definition));
      }
    }
  };
  visit(commands);
  namesOfLists.set(commands, { changes: shell.functionChanges, names });
  return names;
}

const bodyOf = oncePer((definition: ShellFunction): readonly CommandNode[] => [definition.body]);

/** What a way out of a loop's body means for the loop. */
function leaveLoop(jump: Jump): { readonly ends: boolean; readonly jump: Jump | undefined } {
  if (jump.kind === 'exit' || jump.kind === 'return') return { ends: true, jump };
  if (jump.count > 1) return { ends: true, jump: { kind: jump.kind, count: jump.count - 1 } };
  return { ends: jump.kind === 'break', jump: undefined };
}

/** Runs a loop's body once for all the times it may run, with unknown values for all it assigns. */
function runUnknownTimes(
  shell: Shell,
  span: Span,
  kind: 'for' | 'while',
  lists: readonly (readonly CommandNode[])[],
  run: () => Jump | undefined,
): void {
  for (const list of lists) forget(shell, namesAssignedBy(shell, list));
  const fork = beginFork(shell);
  addBranch(shell, fork, guardOf(kind, span, fork), () => {
    // Ways out of the body lead past the loop, whose variables are unknown by then.
    const jump = inFrame(shell, 'loop', run);
    return jump === undefined ? undefined : leaveLoop(jump).jump;
  });
  addBranch(shell, fork, undefined, () => undefined);
  endFork(shell, fork);
}

interface Item {
  readonly word: Word;
  /** It may be no item or several. */
  readonly open: boolean;
}

/** The items a `for` goes over. */
function itemsOf(shell: Shell, node: ForCommand): readonly Item[] {
  if (node.words === undefined) {
    const { positional } = shell;
    const span = spanOfNode(shell, node.nameAt);
    if (positional === undefined) return [{ word: { text: '', span, pieces: [] }, open: true }];
    return positional.map((value) => ({ word: wordOfValue(value, value[0]?.span ?? span), open: false }));
  }
  const items: Item[] = [];
  for (const list of node.words) {
    const pattern = list.parts.some((part) => part.kind === 'text' && !part.quoted && /[*?[]/.test(part.text));
    // An element that is not known is one item, a list that is not known is any number.
    const unquoted = list.parts.some((part) => !isQuoted(part) || (part.kind === 'parameter' && isUnknownList(shell, part)));
    for (const word of expandWords(shell, [list])) items.push({ word, open: (pattern && /[*?[]/.test(word.text)) || (unquoted && isUnknown(word)) });
    // Each takes a step at least: the loop does not come so far.
    if (items.length > shell.limits.steps) break;
  }
  return items;
}

/** Whether a part stands for all the items of a list of which not even the number is known. */
function isUnknownList(shell: Shell, part: Extract<WordNode['parts'][number], { readonly kind: 'parameter' }>): boolean {
  if (part.name === '@' && part.index === undefined) return shell.positional === undefined;
  if (part.index === undefined || shell.script.text.slice(part.index.start, part.index.end) !== '@') return false;
  const variable = shell.variables.get(part.name);
  return variable === undefined || variable.unknown;
}

function runFor(shell: Shell, node: ForCommand): Jump | undefined {
  const items = itemsOf(shell, node);
  const end = takeEnd(shell);
  if (end !== undefined) return end;
  const span = spanOfNode(shell, node);
  const { context } = shell;
  shell.status = 0;
  const jump = inFrame(shell, 'loop', () => {
    for (const { word, open } of items) {
      const listAt = word.span;
      const step: ExpansionStep = { kind: 'loop', name: node.name, value: word.text, listAt };
      shell.context = [...context, step];
      if (open || node.select || shell.exhausted) {
        runUnknownTimes(shell, listAt, 'for', [node.body], () => {
          setVariable(shell, node.name, unknownVariable(false, step));
          return runCommands(shell, node.body);
        });
        if (shell.exhausted) break;
        continue;
      }
      if (!takeSteps(shell, 1)) {
        meetLimit(shell, span, 'this loop runs more commands than fwlint reads');
        forget(shell, namesAssignedBy(shell, node.body));
        setVariable(shell, node.name, unknownVariable(false, step));
        break;
      }
      setLoopVariable(shell, node.name, valueOfWord(word), step);
      const left = runCommands(shell, node.body);
      if (left === undefined) continue;
      const leave = leaveLoop(left);
      if (leave.ends) return leave.jump;
    }
    return undefined;
  });
  shell.context = context;
  return jump;
}

/** How often a loop is followed that may have been left already. */
const ROUNDS_AFTER_A_WAY_OUT = 16;

function runLoop(shell: Shell, node: LoopCommand): Jump | undefined {
  const first = node.condition[0] ?? node;
  const last = node.condition[node.condition.length - 1] ?? node;
  const span = spanOfNode(shell, { start: first.start, end: last.end });
  const runs = (): boolean | undefined => (shell.status === undefined ? undefined : (shell.status === 0) !== node.until);
  const { ways } = shell;
  return inFrame(shell, 'loop', () => {
    for (let round = 0; ; round += 1) {
      const mark = shell.log.length;
      const position = shell.input?.position;
      const used = shell.uses.length;
      const asked = runAsked(shell, node.condition);
      if (asked.jump !== undefined) {
        const leave = leaveLoop(asked.jump);
        if (leave.ends) return leave.jump;
      }
      const decided = runs();
      // `while true` with a way out that the run decides: one round shows all there is to see.
      const rounds = shell.uses.length === used ? 1 : ROUNDS_AFTER_A_WAY_OUT;
      if (decided === false) {
        shell.status = 0;
        return undefined;
      }
      if (decided === undefined || shell.exhausted || (shell.ways > ways && round >= rounds)) {
        runUnknownTimes(shell, span, 'while', [node.condition, node.body], () => runCommands(shell, node.body));
        return undefined;
      }
      if (!takeSteps(shell, 1)) {
        meetLimit(shell, spanOfNode(shell, node), 'this loop runs more commands than fwlint reads');
        forget(shell, namesAssignedBy(shell, node.condition));
        forget(shell, namesAssignedBy(shell, node.body));
        return undefined;
      }
      const left = runCommands(shell, node.body);
      if (left !== undefined) {
        const leave = leaveLoop(left);
        if (leave.ends) return leave.jump;
      }
      // A round that changes nothing is followed by others like it, for ever; so is that of a menu, which only reads an answer.
      if (!hasChanged(shell, mark, rounds === 1) && shell.input?.position === position) {
        shell.status = undefined;
        return undefined;
      }
    }
  });
}

/** Whether a variable, function or positional parameter differs from the state at the mark. `known`: to a value that is known. */
function hasChanged(shell: Shell, mark: number, known: boolean): boolean {
  const seen = new Set<string>();
  for (let index = mark; index < shell.log.length; index += 1) {
    const change = shell.log[index];
    if (change === undefined) continue;
    if (change.kind === 'positional') {
      // Calls change it and change it back: only the first value counts.
      if (!seen.has('@') && change.old !== shell.positional) return true;
      seen.add('@');
      continue;
    }
    if (change.kind === 'function') {
      if (shell.functions.get(change.name) !== change.old) return true;
      continue;
    }
    if (seen.has(change.name)) continue;
    seen.add(change.name);
    const now = shell.variables.get(change.name);
    if (known && (now === undefined || now.unknown || now.maybe)) continue;
    if (now !== change.old && mergeVariables([now, change.old]) !== now) return true;
  }
  return false;
}

function runArithmeticFor(shell: Shell, node: ArithmeticForCommand): Jump | undefined {
  const text = knownText(expandValue(shell, node.head));
  const [start = '', check = '', after = ''] = (text ?? '').split(';');
  const span = spanOfNode(shell, node.head);
  const variables = arithmeticVariables(shell, span);
  if (text !== undefined) evaluateArithmetic(start, variables);
  return inFrame(shell, 'loop', () => {
    for (;;) {
      const truth = text === undefined ? undefined : check.trim() === '' ? 1n : evaluateSurely(shell, check, span);
      if (truth === 0n) {
        shell.status = 0;
        return undefined;
      }
      if (truth === undefined || shell.exhausted) {
        const names = [...(text ?? '').matchAll(/[A-Za-z_]\w*/g)].map(([name]) => name);
        forget(shell, names);
        runUnknownTimes(shell, span, 'for', [node.body], () => runCommands(shell, node.body));
        return undefined;
      }
      if (!takeSteps(shell, 1)) {
        meetLimit(shell, spanOfNode(shell, node), 'this loop runs more commands than fwlint reads');
        forget(shell, namesAssignedBy(shell, [node]));
        return undefined;
      }
      const left = runCommands(shell, node.body);
      if (left !== undefined) {
        const leave = leaveLoop(left);
        if (leave.ends) return leave.jump;
      }
      evaluateArithmetic(after, variables);
    }
  });
}

function withRedirections(shell: Shell, redirections: readonly RedirectionNode[], run: () => Jump | undefined): Jump | undefined {
  if (redirections.length === 0) return run();
  const { close } = openRedirections(shell, redirections);
  const jump = takeEnd(shell) ?? run();
  close();
  return jump;
}

// Simple commands

function runSimple(shell: Shell, node: SimpleCommand): Jump | undefined {
  const firstUse = shell.uses.length;
  const words = expandCommandWords(shell, node.words);
  const end = takeEnd(shell);
  if (end !== undefined) return end;
  if (words.length === 0) {
    shell.status = 0;
    for (const assignment of node.assignments) assign(shell, assignment);
    const { close } = openRedirections(shell, node.redirections);
    // `$(<file)` is the file's text.
    if (shell.capture !== undefined && node.redirections.length > 0 && node.assignments.length === 0) shell.capture.unknown = true;
    close();
    return undefined;
  }
  takeSteps(shell, words.length >> 4);
  const prefix = node.assignments.map((assignment) => ({
    name: assignment.name,
    span: spanOfNode(shell, assignment),
    value: assignedWord(shell, assignment),
  }));
  const endInPrefix = takeEnd(shell);
  if (endInPrefix !== undefined) return endInPrefix;
  const { redirections, close } = openRedirections(shell, node.redirections);
  const ended = takeEnd(shell);
  const jump = ended === undefined ? dispatch(shell, node, words, prefix, redirections, firstUse) : undefined;
  close();
  if (ended === undefined) return jump;
  // A program gets its redirections in a process of its own, which is all that ends.
  return isOfShell(words[0]) || shell.functions.has(words[0]?.text ?? '') ? ended : undefined;
}

/** The words of a command; what looks like an assignment after `export` and its kin is not split. */
function expandCommandWords(shell: Shell, nodes: readonly WordNode[]): Word[] {
  const first = nodes[0]?.parts[0];
  if (first?.kind !== 'text' || nodes[0]?.parts.length !== 1 || !DECLARATIONS.has(first.text)) return expandWords(shell, nodes);
  return nodes.flatMap((node) => {
    if (assignmentOf(node) === undefined) return expandWords(shell, [node]);
    return [wordOfValue(expandValue(shell, node), spanOfNode(shell, node))];
  });
}

/** Words before the command that leave what it is alone. `command` does not look at functions. */
const TRANSPARENT = new Set(['command', 'builtin', 'time', 'exec', 'nohup', 'nice', 'env', 'sudo', 'doas']);

/** Builtins that change nothing but the shell, or only answer a question. Scripts have so many of them that they are not listed. */
const OF_SHELL: ReadonlySet<string> = new Set([
  ...['[', 'test', ':', 'true', 'false', 'echo', 'printf', 'local', 'declare', 'export', 'readonly', 'set', 'shift', 'unset', 'read', 'return'],
  ...['break', 'continue'],
]);

function isOfShell(word: Word | undefined): boolean {
  return word !== undefined && OF_SHELL.has(word.text) && !isUnknown(word);
}

function emit(
  shell: Shell,
  node: SimpleCommand,
  words: readonly Word[],
  assignments: ShellCommand['assignments'],
  redirections: readonly CommandRedirection[],
  firstUse: number,
): void {
  if (redirections.length === 0 && isOfShell(words[0])) return;
  const index = shell.commands.length;
  shell.lastNode = node;
  const command: ShellCommand = {
    words,
    span: spanOfNode(shell, node),
    assignments,
    redirections,
    guards: currentGuards(shell),
    context: shell.context,
    background: shell.background,
    outputUsed: shell.capture !== undefined || (shell.pipeline !== undefined && shell.pipeline.index < shell.pipeline.count - 1),
    subshell: shell.subshell,
    statusAsked: shell.statusAsked,
    ...(shell.input?.position === 0 ? { hereDocument: shell.input.given } : {}),
    ...(shell.pipeline === undefined ? {} : { pipeline: shell.pipeline }),
  };
  shell.commands.push(command);
  if (shell.dead) return;
  for (let at = firstUse; at < shell.uses.length; at += 1) {
    const use = shell.uses[at];
    if (use !== undefined && use.command === undefined) use.command = index;
  }
}

function dispatch(
  shell: Shell,
  node: SimpleCommand,
  words: readonly Word[],
  prefix: ShellCommand['assignments'],
  redirections: readonly CommandRedirection[],
  firstUse: number,
): Jump | undefined {
  const [first] = words;
  if (first === undefined) return undefined;
  const name = isUnknown(first) ? undefined : first.text;
  const functions = name === undefined || name.includes('/') ? undefined : shell.functions.get(name);
  const plain = (): Jump | undefined => runProgram(shell, node, words, prefix, redirections, firstUse);
  return functions === undefined || functions.length === 0 ? plain() : callFunctions(shell, node, functions, words, prefix, plain);
}

/** Runs a command that is no function. */
function runProgram(
  shell: Shell,
  node: SimpleCommand,
  words: readonly Word[],
  prefix: ShellCommand['assignments'],
  redirections: readonly CommandRedirection[],
  firstUse: number,
): Jump | undefined {
  const [first] = words;
  if (first === undefined) return undefined;
  const name = isUnknown(first) ? undefined : first.text;
  emit(shell, node, words, prefix, redirections, firstUse);
  shell.statusBefore = shell.status;
  shell.status = undefined;
  if (name === undefined) {
    if (shell.capture !== undefined) shell.capture.unknown = true;
    return undefined;
  }
  let at = 0;
  let effective = name;
  while (TRANSPARENT.has(effective)) {
    at += 1;
    for (
      let word = words[at];
      word !== undefined && !isUnknown(word) && (word.text.startsWith('-') || (effective === 'env' && word.text.includes('=')));
      word = words[at]
    ) {
      if (effective === 'command' && /^-[vV]/.test(word.text)) break;
      at += 1;
    }
    const next = words[at];
    if (next === undefined || isUnknown(next) || (effective === 'command' && next.text.startsWith('-'))) break;
    effective = next.text;
  }
  // `command -v` asks about a command and runs none.
  if (effective === 'command') at = 0;
  const target = at >= words.length ? undefined : effective;
  const builtin = target === undefined ? undefined : BUILTINS.get(target);
  const external = name === 'sudo' || name === 'doas' || name === 'env' || name === 'nohup' || name === 'nice';
  let jump: Jump | undefined;
  if (builtin !== undefined && !(external && !builtin.external))
    jump = builtin.run({ shell, words: words.slice(at), span: spanOfNode(shell, node), run: runText, runIsolated: runTextIsolated, prefix });
  else writeOutput(shell, outputOf(shell, words.slice(at), shell.input));
  // `declare a=(…)`: words do not carry arrays.
  if (target !== undefined && DECLARATIONS.has(target)) {
    for (const word of node.words) {
      const assignment = word.elements === undefined ? undefined : assignmentOf(word);
      if (assignment !== undefined) assign(shell, assignment);
    }
  }
  // `$DEBUG && …` with a variable that holds `true` or `false`.
  if (isUnsure(valueOfWord(first))) shell.status = undefined;
  if (name === 'exec' && words.length > 1) return { kind: 'exit', count: 0 };
  return jump;
}

function writeOutput(shell: Shell, output: Value | undefined): void {
  if (shell.capture === undefined) return;
  if (output === undefined) shell.capture.unknown = true;
  else addFragments(shell.capture.fragments, output);
}

// Functions

/** How often a function is followed within itself when a condition that is not known leads there. */
function isUnderWay(shell: Shell, definition: ShellFunction): boolean {
  return shell.context.some((step) => step.kind === 'call' && step.function === definition.name);
}

function callFunctions(
  shell: Shell,
  node: SimpleCommand,
  functions: readonly (ShellFunction | undefined)[],
  words: readonly Word[],
  prefix: ShellCommand['assignments'],
  plain: () => Jump | undefined,
): Jump | undefined {
  const [only] = functions;
  if (only !== undefined && functions.length === 1) return callFunction(shell, node, only, words, prefix);
  const fork = beginFork(shell);
  for (const definition of functions) {
    addBranch(shell, fork, guardOf('called', definition?.nameAt ?? spanOfNode(shell, node), fork), () =>
      definition === undefined ? plain() : callFunction(shell, node, definition, words, prefix),
    );
  }
  return endFork(shell, fork);
}

function callFunction(
  shell: Shell,
  node: SimpleCommand,
  definition: ShellFunction,
  words: readonly Word[],
  prefix: ShellCommand['assignments'],
): Jump | undefined {
  definition.calls += 1;
  const guarded = shell.guards.length + shell.late.length > 0;
  if (shell.exhausted || shell.depth >= shell.limits.depth || (guarded && isUnderWay(shell, definition)) || !takeSteps(shell, 1)) {
    if (!guarded || !isUnderWay(shell, definition))
      meetLimit(shell, spanOfNode(shell, node), 'calls within calls make more commands than fwlint reads');
    forget(shell, namesAssignedBy(shell, bodyOf(definition)));
    if (shell.capture !== undefined) shell.capture.unknown = true;
    shell.status = undefined;
    return undefined;
  }
  definition.followed = true;
  const calledAt = spanOfNode(shell, node);
  const step: ExpansionStep = { kind: 'call', function: definition.name, calledAt };
  const { script, context, positional, statusAsked, guards } = shell;
  const locals = new Map<string, Variable | undefined>();
  shell.locals.push(locals);
  // Assignments before a call hold while it lasts.
  for (const { name, value } of prefix) {
    locals.set(name, shell.variables.get(name));
    setLoopVariable(shell, name, valueOfWord(value), { kind: 'variable', name, assignedAt: value.span });
  }
  const arguments_ = words.slice(1).map((word) => throughStep(valueOfWord(word), step));
  shell.depth += 1;
  const jump = inFrame(shell, 'call', () => {
    setPositional(shell, arguments_);
    shell.context = [...context, step];
    shell.script = definition.script;
    shell.statusAsked = false;
    return runCommand(shell, definition.body);
  });
  shell.depth -= 1;
  shell.locals.pop();
  for (const [name, variable] of locals) setVariable(shell, name, variable);
  setPositional(shell, positional);
  shell.script = script;
  shell.context = context;
  shell.statusAsked = statusAsked;
  shell.guards = guards;
  return jump?.kind === 'exit' ? jump : undefined;
}

// Texts that are run: eval, sh -c, trap, sourced files

/** Runs the commands of a text, within the script that is being read. */
function runText(shell: Shell, text: Shell['script'], commands: readonly CommandNode[], step?: ExpansionStep): Jump | undefined {
  const { script, context, depth } = shell;
  if (depth >= shell.limits.depth) {
    meetLimit(shell, text.origin.span(0, text.text.length), 'texts that are run as commands hold each other deeper than fwlint reads');
    return undefined;
  }
  shell.depth += 1;
  shell.script = text;
  if (step !== undefined) shell.context = [...context, step];
  const jump = step?.kind === 'sourced' ? inFrame(shell, 'file', () => runCommands(shell, commands)) : runCommands(shell, commands);
  shell.script = script;
  shell.context = context;
  shell.depth = depth;
  // `return` leaves the file only.
  return step?.kind === 'sourced' && jump?.kind === 'return' ? undefined : jump;
}

/** Runs the commands of a text in a shell of its own; with a guard when it is not sure that it runs. */
function runTextIsolated(
  shell: Shell,
  text: Shell['script'],
  commands: readonly CommandNode[],
  positional: Shell['positional'],
  guard: 'trap' | undefined,
): void {
  const body = (): undefined => {
    runInSubshell(shell, () => {
      setPositional(shell, positional);
      return runText(shell, text, commands);
    });
    return undefined;
  };
  if (guard === undefined) {
    body();
    return;
  }
  const fork = beginFork(shell);
  addBranch(shell, fork, guardOf(guard, text.origin.span(0, text.text.length), fork), body);
  endFork(shell, fork);
}

/** Runs a substitution and gives what it writes; undefined when that is not known. */
export function substitute(shell: Shell, part: CommandPart): Value | undefined {
  const output = outputOfCommands(shell, part);
  if (output === undefined || output.unknown) return undefined;
  return output.uncertain ? sameTool(output.fragments) : withoutLastLineEnds(output.fragments);
}

/** Runs a substitution and collects what it writes; undefined when it is not run. */
function outputOfCommands(shell: Shell, part: CommandPart | ProcessPart): Capture | undefined {
  if (shell.depth >= shell.limits.depth || shell.script.isUnknownAt?.(part.start) === true) return undefined;
  const { capture, pipeline, input, statusAsked, background } = shell;
  const own = emptyCapture();
  shell.capture = own;
  shell.pipeline = undefined;
  shell.input = undefined;
  shell.statusAsked = false;
  shell.depth += 1;
  runInSubshell(shell, () => runCommands(shell, part.script.commands));
  shell.depth -= 1;
  shell.capture = capture;
  shell.pipeline = pipeline;
  shell.input = input;
  shell.statusAsked = statusAsked;
  shell.background = background;
  return own;
}

/** The first of several answers that all name the same firewall program: `$(which iptables || echo /sbin/iptables)`. */
function sameTool(answers: Value): Value | undefined {
  const text = valueText(answers);
  const lines = text.split('\n').filter((line) => line !== '');
  const [first, ...rest] = lines.map((line) => TOOL.exec(line)?.[1]);
  if (first === undefined || !isKnown(answers) || rest.some((tool) => tool !== first)) return undefined;
  const from = text.indexOf(lines[0] ?? '');
  return sliceValue(answers, from, from + (lines[0] ?? '').length);
}

/** Runs the commands of `<(…)` or `>(…)`, and gives what they write; undefined when that is not known. */
export function runProcess(shell: Shell, part: ProcessPart): Value | undefined {
  const output = outputOfCommands(shell, part);
  return output === undefined || output.unknown || output.uncertain ? undefined : output.fragments;
}

function withoutLastLineEnds(value: readonly Fragment[]): Value {
  const result = [...value];
  for (let last = result[result.length - 1]; last !== undefined && last.unknown === undefined; last = result[result.length - 1]) {
    const text = last.text.replace(/\n+$/, '');
    if (text === last.text) break;
    result.pop();
    if (text === '') continue;
    const span = last.literal ? { ...last.span, end: last.span.start + text.length } : last.span;
    result.push({ ...last, text, span });
    break;
  }
  return result;
}
