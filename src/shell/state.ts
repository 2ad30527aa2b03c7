/** The state of a script while it is read: variables, functions, guards, limits, and what was found so far. */

import type { CommandNode, CommandPart, ProcessPart, ShellFile } from '../../grammar/shell/ast.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source, Span } from '../text/source.js';
import type { ExpansionStep } from '../text/word.js';
import type {
  ExpansionLimits,
  Guard,
  InputText,
  ShellCommand,
  ShellOptions,
  SourcedFile,
  SpecialAssignment,
  VariableAssignment,
  VariableUse,
} from './reading.js';
import { GIVEN_VARIABLES, SPECIAL_VARIABLES } from './special-variables.js';
import { isKnown, knownText, throughStep, valueText, type Fragment, type Origin, type Value } from './value.js';

/** A variable, or one element of the state it can be in. */
export interface Variable {
  /** Undefined when it is unset. For an array the element 0. */
  readonly value: Value | undefined;
  /** The elements of an array by index or key, in order. */
  readonly elements?: ReadonlyMap<string, Value>;
  /** Nothing of the value is known. */
  readonly unknown: boolean;
  /** It may also be unset, or have another value. */
  readonly maybe: boolean;
  /** How the value got here; undefined for one the caller gave. */
  readonly step: ExpansionStep | undefined;
  /** The value as a use of it sees it; made at the first use. */
  used?: Value;
  /** Array elements as a use sees them. */
  usedElements?: ReadonlyMap<string, Value>;
}

/** Positional parameters. Undefined: the script's own, which only the run knows. */
export type Positional = readonly Value[] | undefined;

/** A function as it was defined. */
export interface ShellFunction {
  readonly name: string;
  readonly nameAt: Span;
  readonly body: CommandNode;
  readonly script: ScriptText;
  calls: number;
  /** Its commands were read at least once. */
  followed: boolean;
}

/** The text commands are read from, with its origin. */
export interface ScriptText {
  readonly text: string;
  readonly origin: Origin;
  readonly source: Source;
  /** Whether the character at the offset is what an unknown value was written as: it is not run a second time. */
  readonly isUnknownAt?: (offset: number) => boolean;
}

/** Text on standard input, read up to `position`. */
export interface InputStream {
  readonly given: InputText;
  position: number;
  /** The text as a value, made at the first read, with the fragment that holds the position and where that begins. */
  value?: Value;
  index: number;
  offset: number;
  /** Whether its lines can be told apart; found out at the first read. */
  lines?: boolean;
}

/** Makes a text standard input. */
export function streamOf(given: InputText): InputStream {
  return { given, position: 0, index: 0, offset: 0 };
}

/** Collects what commands write to their standard output. */
export interface Capture {
  readonly fragments: Fragment[];
  /** Something was written that is not known. */
  unknown: boolean;
  /** What stands in it was written on paths that exclude each other, or perhaps not at all. */
  uncertain: boolean;
}

/** Where nothing was written yet. */
export function emptyCapture(): Capture {
  return { fragments: [], unknown: false, uncertain: false };
}

/** A call, loop or file that `return`, `break` or `continue` leaves. */
export interface Frame {
  readonly kind: 'call' | 'loop' | 'file' | 'subshell';
  /** Length of the change log when it began. */
  readonly mark: number;
  /** A way out was taken on some path only; the values of the variables changed until then, one map for each. */
  readonly leaks: ReadonlyMap<string, Variable | undefined>[];
}

type Change =
  | { readonly kind: 'variable'; readonly name: string; readonly old: Variable | undefined }
  | { readonly kind: 'function'; readonly name: string; readonly old: readonly (ShellFunction | undefined)[] | undefined }
  | { readonly kind: 'positional'; readonly old: Positional };

/** See the file's head. */
export interface Shell {
  readonly options: ShellOptions;
  readonly limits: ExpansionLimits;
  readonly dash: boolean;
  readonly defines: ReadonlyMap<string, string>;

  readonly variables: Map<string, Variable>;
  /** Several when it is not known which of them was defined; undefined among them when perhaps none was. */
  readonly functions: Map<string, readonly (ShellFunction | undefined)[]>;
  /** How often that changed. */
  functionChanges: number;
  positional: Positional;
  /** Changes that can be taken back; kept only while somebody may want to. */
  readonly log: Change[];
  watchers: number;
  /** Variables saved by `local`, innermost call last. */
  readonly locals: Map<string, Variable | undefined>[];

  script: ScriptText;
  /** The script itself, whatever it sources. */
  readonly main: ScriptText;
  /** Names assigned anywhere in the scripts read so far. */
  readonly assigned: Set<string>;
  /** Something was run that can assign any variable: a file that is not known, an unknown `eval`. */
  anythingAssigned: boolean;
  /** A function that nothing calls is read: the state is not the one its caller will find. */
  uncalled: boolean;
  /** Commands that were reached. */
  readonly reached: Set<CommandNode>;

  guards: readonly Guard[];
  /** Guards for the rest of the innermost frames, from ways out that may have been taken. */
  late: readonly Guard[];
  /** The last answer of `currentGuards`, and what it was put together from. */
  joined: { readonly guards: readonly Guard[]; readonly late: readonly Guard[]; readonly all: readonly Guard[] };
  frames: readonly Frame[];
  context: readonly ExpansionStep[];
  capture: Capture | undefined;
  /** Text on standard input. */
  input: InputStream | undefined;
  pipeline: ShellCommand['pipeline'] | undefined;
  background: boolean;
  subshell: boolean;
  statusAsked: boolean;
  /** `set -e` is in force. */
  stopsAtErrors: boolean;
  /** `set -u` is in force. */
  stopsAtUnset: boolean;
  /** An expansion ended the script: `${NAME:?}`, or with `set -u` a variable without a value. */
  ended: boolean;
  /** A failure here decides something further out, so that `set -e` does not end the script. */
  failureAsked: boolean;
  /** The exit status of the last command, when it is known. */
  status: number | undefined;
  /** The exit status before the command that is carried out. */
  statusBefore: number | undefined;

  commands: ShellCommand[];
  /** The node of the last of them. */
  lastNode: CommandNode | undefined;
  readonly problems: Problem[];
  readonly uses: (Omit<VariableUse, 'command'> & { command: number | undefined })[];
  readonly assignments: Map<string, VariableAssignment>;
  readonly specialAssignments: Map<string, SpecialAssignment>;
  readonly allFunctions: ShellFunction[];
  /** The same by their bodies. */
  readonly definitions: Map<CommandNode, ShellFunction>;
  readonly sourced: Map<string, SourcedFile>;
  /** Files that were sourced, by name. */
  readonly files: Map<string, { readonly script: ScriptText; readonly file: ShellFile }>;
  /** What the script wrote into files, by their names as they are written. */
  readonly written: Map<string, Capture>;
  /** Commands that are not reached are collected here instead. */
  dead: boolean;

  steps: number;
  depth: number;
  /** A limit was met: from now on everything is read once only. */
  exhausted: boolean;
  constructs: number;
  /** How many ways out were met that may be taken. */
  ways: number;

  /** Runs a substitution and gives what it writes; undefined when that is not known. */
  readonly substitute: (shell: Shell, part: CommandPart) => Value | undefined;
  readonly process: (shell: Shell, part: ProcessPart) => Value | undefined;
}

const EMPTY: Value = [];

/** Adds to the steps taken; whether they are still within the limit. */
export function takeSteps(shell: Shell, count: number): boolean {
  shell.steps += count;
  return !shell.exhausted && shell.steps <= shell.limits.steps;
}

/** Notes once that a limit was met. */
export function meetLimit(shell: Shell, at: Span, what: string): void {
  if (!shell.exhausted) {
    shell.problems.push({
      check: 'expansion-limit',
      message: `${what}: from here on loops and calls are read once only, with values that are not known`,
      at,
    });
  }
  shell.exhausted = true;
}

/** Sets, or with undefined removes, a variable. */
export function setVariable(shell: Shell, name: string, variable: Variable | undefined): void {
  if (shell.watchers > 0) shell.log.push({ kind: 'variable', name, old: shell.variables.get(name) });
  if (variable === undefined) shell.variables.delete(name);
  else shell.variables.set(name, variable);
}

export function setFunctions(shell: Shell, name: string, functions: readonly (ShellFunction | undefined)[] | undefined): void {
  if (shell.watchers > 0) shell.log.push({ kind: 'function', name, old: shell.functions.get(name) });
  shell.functionChanges += 1;
  if (functions === undefined) shell.functions.delete(name);
  else shell.functions.set(name, functions);
}

export function setPositional(shell: Shell, positional: Positional): void {
  if (shell.watchers > 0) shell.log.push({ kind: 'positional', old: shell.positional });
  shell.positional = positional;
}

/** Starts to remember changes; gives the mark to go back to. */
export function watchChanges(shell: Shell): number {
  shell.watchers += 1;
  return shell.log.length;
}

/** Stops to remember changes for one watcher, and keeps them. */
export function keepChanges(shell: Shell): void {
  shell.watchers -= 1;
  if (shell.watchers === 0) shell.log.length = 0;
}

/** Takes back all changes since the mark; the watcher goes on watching. */
export function takeBack(shell: Shell, mark: number): void {
  for (
    let change = shell.log.length > mark ? shell.log.pop() : undefined;
    change !== undefined;
    change = shell.log.length > mark ? shell.log.pop() : undefined
  ) {
    if (change.kind === 'function') shell.functionChanges += 1;
    if (change.kind === 'positional') shell.positional = change.old;
    else if (change.kind === 'variable') {
      if (change.old === undefined) shell.variables.delete(change.name);
      else shell.variables.set(change.name, change.old);
    } else if (change.old === undefined) shell.functions.delete(change.name);
    else shell.functions.set(change.name, change.old);
  }
}

/** The state a branch left behind: everything it changed. */
export interface Changes {
  readonly variables: ReadonlyMap<string, Variable | undefined>;
  readonly functions: ReadonlyMap<string, readonly (ShellFunction | undefined)[] | undefined>;
  readonly positional: { readonly now: Positional } | undefined;
}

/** What changed since the mark. */
export function changesSince(shell: Shell, mark: number): Changes {
  const variables = new Map<string, Variable | undefined>();
  const functions = new Map<string, readonly (ShellFunction | undefined)[] | undefined>();
  let positional: { readonly now: Positional } | undefined;
  for (let index = mark; index < shell.log.length; index += 1) {
    const change = shell.log[index];
    if (change?.kind === 'variable') variables.set(change.name, shell.variables.get(change.name));
    else if (change?.kind === 'function') functions.set(change.name, shell.functions.get(change.name));
    else if (change?.kind === 'positional') positional = { now: shell.positional };
  }
  return { variables, functions, positional };
}

/** Sets the state to what it is when any of the branches may have been taken. */
export function mergeChanges(shell: Shell, branches: readonly Changes[]): void {
  const [only] = branches;
  if (only !== undefined && branches.length === 1) {
    for (const [name, variable] of only.variables) setVariable(shell, name, variable);
    for (const [name, functions] of only.functions) setFunctions(shell, name, functions);
    if (only.positional !== undefined) setPositional(shell, only.positional.now);
    return;
  }
  const names = new Set<string>();
  const functionNames = new Set<string>();
  let positional = false;
  for (const branch of branches) {
    for (const name of branch.variables.keys()) names.add(name);
    for (const name of branch.functions.keys()) functionNames.add(name);
    if (branch.positional !== undefined) positional = true;
  }
  for (const name of names) {
    const before = shell.variables.get(name);
    const candidates = branches.map((branch) => (branch.variables.has(name) ? branch.variables.get(name) : before));
    setVariable(shell, name, mergeVariables(candidates));
  }
  for (const name of functionNames) {
    const before = shell.functions.get(name);
    const candidates = new Set<ShellFunction | undefined>();
    for (const branch of branches)
      for (const entry of (branch.functions.has(name) ? branch.functions.get(name) : before) ?? [undefined]) candidates.add(entry);
    setFunctions(shell, name, [...candidates]);
  }
  if (positional) setPositional(shell, undefined);
}

/** The path of a firewall program; group 1 is its name. */
export const TOOL = /(?:^|\/)((?:ip6?tables|ebtables|arptables)(?:-legacy|-nft)?(?:-save|-restore)?|ipset|nft)$/;

/** Nothing, or the option of iptables to wait for its lock. */
const WAIT = /^(?:-w *\d*|--wait(?:[= ]\d+)?)?$/;

/** The variable that is one of the candidates. */
export function mergeVariables(candidates: readonly (Variable | undefined)[]): Variable | undefined {
  const [first, ...rest] = candidates;
  if (rest.every((candidate) => candidate === first)) return first;
  if (first !== undefined && candidates.every((candidate) => candidate !== undefined && isSameValue(candidate, first))) return first;
  // Wherever a script finds the tool, it is the same tool.
  const tools = new Set(
    candidates.map((candidate) => (candidate?.value === undefined ? undefined : TOOL.exec(knownText(candidate.value) ?? '')?.[1])),
  );
  if (first !== undefined && tools.size === 1 && !tools.has(undefined)) return first;
  // `-w` only makes iptables wait: the rule is the same with it and without.
  const texts = candidates.map(textOrNothing);
  const waiting = texts.findIndex((text) => text !== '');
  if (waiting !== -1 && texts.every((text) => text !== undefined && WAIT.test(text))) return candidates[waiting];
  const maybe = candidates.some((candidate) => candidate === undefined || candidate.maybe || (candidate.value === undefined && !candidate.unknown));
  return { value: EMPTY, unknown: true, maybe, step: undefined };
}

/** The text of a variable, nothing when it is not set; undefined when it is not known. */
function textOrNothing(variable: Variable | undefined): string | undefined {
  if (variable === undefined) return '';
  if (variable.unknown) return undefined;
  return variable.value === undefined ? '' : knownText(variable.value);
}

function isSameValue(left: Variable, right: Variable): boolean {
  if (left.unknown || right.unknown || left.maybe !== right.maybe) return left.unknown && right.unknown && left.maybe === right.maybe;
  if (left.value === undefined || right.value === undefined) return left.value === right.value && left.elements === right.elements;
  if (left.elements !== undefined || right.elements !== undefined) return left.elements === right.elements;
  return isKnown(left.value) && isKnown(right.value) && valueText(left.value) === valueText(right.value);
}

/** A variable that has some value. */
export function unknownVariable(maybe: boolean, step?: ExpansionStep): Variable {
  return { value: EMPTY, unknown: true, maybe, step };
}

/** The value as a use sees it: through the step that brought it here. */
export function usedValue(variable: Variable): Value {
  if (variable.used === undefined) {
    const value = variable.value ?? EMPTY;
    variable.used = variable.step === undefined ? value : throughStep(value, variable.step);
  }
  return variable.used;
}

/** The elements of an array as a use sees them; undefined when it is none or they are not known. */
export function usedElements(variable: Variable): ReadonlyMap<string, Value> | undefined {
  if (variable.elements === undefined || variable.unknown) return undefined;
  if (variable.usedElements === undefined) {
    const { step } = variable;
    variable.usedElements =
      step === undefined ? variable.elements : new Map([...variable.elements].map(([key, value]) => [key, throughStep(value, step)]));
  }
  return variable.usedElements;
}

/** What a name that no assignment reached stands for. */
export function stateOfMissing(shell: Shell, name: string): 'given' | 'special' | 'maybe' | 'unset' {
  if (!shell.dash && SPECIAL_VARIABLES.has(name)) return 'special';
  if (GIVEN_VARIABLES.has(name)) return 'given';
  return shell.anythingAssigned || (shell.uncalled && shell.assigned.has(name)) ? 'maybe' : 'unset';
}

/** Whether the shell itself changes the variable. */
export function isSpecial(shell: Shell, name: string): boolean {
  return !shell.dash && SPECIAL_VARIABLES.has(name);
}

/** Makes the variables unknown. */
export function forget(shell: Shell, names: Iterable<string>): void {
  for (const name of names) {
    const before = shell.variables.get(name);
    setVariable(shell, name, unknownVariable(before === undefined || before.maybe || before.value === undefined));
  }
}

/** The guards a command met now is under. */
export function currentGuards(shell: Shell): readonly Guard[] {
  const { guards, late, joined } = shell;
  if (late.length === 0) return guards;
  if (joined.guards !== guards || joined.late !== late) shell.joined = { guards, late, all: [...guards, ...late] };
  return shell.joined.all;
}

/** The place of a node of the script that is read. */
export function spanOfNode(shell: Shell, node: { readonly start: number; readonly end: number }): Span {
  return shell.script.origin.span(node.start, node.end);
}

/** A file or text that is not known was run: it may have assigned any variable, though mostly it leaves what the script says. */
export function distrustVariables(shell: Shell): void {
  shell.anythingAssigned = true;
  takeSteps(shell, shell.variables.size >> 4);
  for (const [name, variable] of shell.variables) {
    if (variable.unknown) {
      if (!variable.maybe) setVariable(shell, name, unknownVariable(true, variable.step));
      continue;
    }
    // An empty value is there to be filled in, and has no text that could be kept.
    if (variable.value === undefined || (variable.value.length === 0 && variable.elements === undefined)) {
      setVariable(shell, name, unknownVariable(true, variable.step));
    } else if (!variable.value.every(({ unsure }) => unsure === true)) {
      const value = distrust(variable.value);
      const elements =
        variable.elements === undefined ? undefined : new Map([...variable.elements].map(([key, element]) => [key, distrust(element)]));
      setVariable(shell, name, { value, unknown: false, maybe: true, step: variable.step, ...(elements === undefined ? {} : { elements }) });
    }
  }
}

function distrust(value: Value): Value {
  return value.map((fragment) => ({ ...fragment, unsure: true }));
}
