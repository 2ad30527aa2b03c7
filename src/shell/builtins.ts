/** Commands that change the state of the shell, or run a text as commands. */

import type { CommandNode, ShellFile } from '../../grammar/shell/ast.js';
import { parseShell } from '../../grammar/shell/parser.js';
import type { Span } from '../text/source.js';
import { isUnknown, type ExpansionStep, type Word } from '../text/word.js';
import { evaluateArithmetic } from './arithmetic.js';
import { namesIn } from './assigned-names.js';
import { evaluateTest } from './conditions.js';
import { arithmeticVariables } from './fields.js';
import { joinWords, outputOf, printf } from './output.js';
import { openFile } from './sourced-files.js';
import type { ShellCommand } from './reading.js';
import { assignValue } from './assign.js';
import type { Jump } from './branches.js';
import {
  distrustVariables,
  meetLimit,
  setFunctions,
  setPositional,
  setVariable,
  takeSteps,
  unknownVariable,
  type InputStream,
  type Positional,
  type ScriptText,
  type Shell,
  type Variable,
} from './state.js';
import {
  addFragments,
  isKnown,
  knownText,
  originOfValue,
  sliceFragment,
  sliceValue,
  valueOfWord,
  valueText,
  type Fragment,
  type Value,
} from './value.js';

/** A builtin about to be carried out. `words[0]` is its name. */
export interface BuiltinCall {
  readonly shell: Shell;
  readonly words: readonly Word[];
  readonly span: Span;
  readonly prefix: ShellCommand['assignments'];
  readonly run: (shell: Shell, text: ScriptText, commands: readonly CommandNode[], step?: ExpansionStep) => Jump | undefined;
  readonly runIsolated: (shell: Shell, text: ScriptText, commands: readonly CommandNode[], positional: Positional, guard: 'trap' | undefined) => void;
}

export interface Builtin {
  readonly run: (call: BuiltinCall) => Jump | undefined;
  /** It is a program of its own, so `sudo` and its kin can run it. */
  readonly external?: boolean;
}

/** Builtins whose arguments are assignments. */
export const DECLARATIONS: ReadonlySet<string> = new Set(['export', 'readonly', 'local', 'declare', 'typeset']);

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

function withStatus(status: number | undefined): Builtin {
  return {
    run: ({ shell }) => {
      shell.status = status;
      return undefined;
    },
  };
}

function numberOf(word: Word | undefined, otherwise: number): number | undefined {
  if (word === undefined) return otherwise;
  return isUnknown(word) || !/^\d{1,9}$/.test(word.text) ? undefined : Number(word.text);
}

const leave =
  (kind: Jump['kind']) =>
  ({ shell, words }: BuiltinCall): Jump | undefined => {
    if (kind === 'break' || kind === 'continue') {
      shell.status = 0;
      // Outside of loops, the caller's too, bash says so and goes on.
      const inside = shell.frames.findLast((frame) => frame.kind === 'loop' || frame.kind === 'call')?.kind === 'loop';
      return inside ? { kind, count: numberOf(words[1], 1) ?? 1 } : undefined;
    }
    shell.status = words[1] === undefined ? shell.statusBefore : numberOf(words[1], 0);
    // Outside of functions and sourced files `return` ends the script, where it is not an error.
    const inside = kind === 'return' && shell.frames.some((frame) => frame.kind === 'call' || frame.kind === 'file');
    return { kind: inside ? 'return' : 'exit', count: 0 };
  };

function runTest({ shell, words }: BuiltinCall): undefined {
  const last = words[words.length - 1];
  const given = words[0]?.text === '[' && last?.text === ']' ? words.slice(1, -1) : words.slice(1);
  const truth = evaluateTest(shell, given.map(valueOfWord));
  shell.status = truth === undefined ? undefined : truth ? 0 : 1;
  return undefined;
}

function runOutput({ shell, words }: BuiltinCall): undefined {
  shell.status = 0;
  const output = outputOf(shell, words, shell.input);
  if (shell.capture === undefined) return undefined;
  if (output === undefined) shell.capture.unknown = true;
  else addFragments(shell.capture.fragments, output);
  return undefined;
}

function runPrintf(call: BuiltinCall): undefined {
  const { shell, words, span } = call;
  const name = words[2]?.text ?? '';
  if (words[1]?.text !== '-v' || !NAME.test(name)) {
    runOutput(call);
    return undefined;
  }
  const output = printf(words.slice(3));
  shell.status = 0;
  const step: ExpansionStep = { kind: 'variable', name, assignedAt: span };
  if (output === undefined) setVariable(shell, name, unknownVariable(false, step));
  else assignValue(shell, name, output, false, step, span);
  return undefined;
}

function runDeclaration({ shell, words, span }: BuiltinCall): undefined {
  const declaration = words[0]?.text ?? '';
  shell.status = 0;
  let options = '';
  for (const word of words.slice(1)) {
    if (isUnknown(word) && !word.text.includes('=')) continue;
    if (/^[-+]/.test(word.text)) {
      options += word.text;
      continue;
    }
    const equals = word.text.indexOf('=');
    const append = equals > 0 && word.text.charAt(equals - 1) === '+';
    const name = equals === -1 ? word.text : word.text.slice(0, append ? equals - 1 : equals);
    if (!NAME.test(name) || options.includes('f')) continue;
    const isLocal = declaration === 'local' || ((declaration === 'declare' || declaration === 'typeset') && !options.includes('g'));
    const locals = shell.locals[shell.locals.length - 1];
    if (isLocal && locals !== undefined && !locals.has(name)) {
      locals.set(name, shell.variables.get(name));
      // dash's `local x` keeps the value x has outside. (dash(1), local)
      if (equals === -1 && !shell.dash) setVariable(shell, name, unsetVariable());
    }
    if (options.includes('n')) {
      setVariable(shell, name, unknownVariable(false));
      continue;
    }
    if (equals === -1) {
      if (/[aA]/.test(options) && shell.variables.get(name)?.elements === undefined && !shell.variables.has(name)) {
        setVariable(shell, name, { value: [], elements: new Map(), unknown: false, maybe: false, step: undefined });
      }
      continue;
    }
    const value = sliceValue(valueOfWord(word), equals + 1, word.text.length);
    const nameAt = { ...word.span, end: word.span.start + name.length };
    assignValue(shell, name, value, append, { kind: 'variable', name, assignedAt: word.span }, nameAt);
    if (options.includes('i') && !/^-?\d+$/.test(valueText(value))) {
      const number = isKnown(value) ? evaluateArithmetic(valueText(value), arithmeticVariables(shell, span)) : undefined;
      if (number === undefined) setVariable(shell, name, unknownVariable(false));
      else
        assignValue(
          shell,
          name,
          [{ text: String(number), span: word.span, literal: false, via: [] }],
          false,
          { kind: 'variable', name, assignedAt: word.span },
          nameAt,
        );
    }
  }
  return undefined;
}

function unsetVariable(): Variable {
  return { value: undefined, unknown: false, maybe: false, step: undefined };
}

function runUnset({ shell, words }: BuiltinCall): undefined {
  shell.status = 0;
  let functions = false;
  for (const word of words.slice(1)) {
    if (word.text === '-f') functions = true;
    else if (word.text === '-v') functions = false;
    else if (isUnknown(word)) shell.anythingAssigned = true;
    else if (functions) setFunctions(shell, word.text, undefined);
    else if (NAME.test(word.text)) setVariable(shell, word.text, unsetVariable());
    else {
      const name = /^[A-Za-z_]\w*/.exec(word.text)?.[0];
      if (name !== undefined) setVariable(shell, name, unknownVariable(false));
    }
  }
  return undefined;
}

function runShift({ shell, words }: BuiltinCall): undefined {
  const count = numberOf(words[1], 1);
  const { positional } = shell;
  shell.status = undefined;
  if (positional === undefined) return undefined;
  if (count === undefined) setPositional(shell, undefined);
  else {
    shell.status = count > positional.length ? 1 : 0;
    if (count <= positional.length) setPositional(shell, positional.slice(count));
  }
  return undefined;
}

function runSet({ shell, words }: BuiltinCall): undefined {
  shell.status = 0;
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) break;
    if (!isUnknown(word) && word.text !== '--' && word.text !== '-' && /^[-+]/.test(word.text)) {
      const named = /^[-+]\w*o$/.test(word.text);
      if (named) index += 1;
      const isOn = word.text.startsWith('-');
      const name = named ? words[index]?.text : undefined;
      if (/^[-+]\w*e/.test(word.text) || name === 'errexit') shell.stopsAtErrors = isOn;
      if (/^[-+]\w*u/.test(word.text) || name === 'nounset') shell.stopsAtUnset = isOn;
      continue;
    }
    const values = words.slice(word.text === '--' || word.text === '-' ? index + 1 : index);
    setPositional(shell, values.some(isUnknown) ? undefined : values.map(valueOfWord));
    break;
  }
  return undefined;
}

// Reading

const OPTIONS_WITH_ARGUMENT = /^-\w*[adinNptu]$/;

function runRead({ shell, words, span, prefix }: BuiltinCall): undefined {
  const names: string[] = [];
  let plain = true;
  let raw = false;
  let array: string | undefined;
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) break;
    if (word.text.startsWith('-') && names.length === 0) {
      if (/^-\w*r/.test(word.text)) raw = true;
      if (!/^-[rs]*a?$/.test(word.text)) plain = false;
      if (/^-\w*a$/.test(word.text)) array = words[index + 1]?.text ?? '';
      if (OPTIONS_WITH_ARGUMENT.test(word.text)) index += 1;
    } else if (NAME.test(word.text)) names.push(word.text);
    else if (isUnknown(word)) shell.anythingAssigned = true;
  }
  if (array !== undefined) names.splice(0, names.length, ...(NAME.test(array) ? [array] : []));
  else if (names.length === 0) names.push('REPLY');
  const line = plain ? nextLine(shell) : undefined;
  const text = line === undefined ? undefined : valueText(line.value);
  const split = names.length > 1 || array !== undefined;
  if (line === undefined || text === undefined || (!raw && text.includes('\\')) || (split && !isKnown(line.value))) {
    for (const name of names) setVariable(shell, name, unknownVariable(false, { kind: 'variable', name, assignedAt: span }));
    shell.status = undefined;
    return undefined;
  }
  shell.status = line.ended ? 0 : 1;
  const own = prefix.find(({ name }) => name === 'IFS');
  const separators = own === undefined ? separatorsOf(shell) : own.value.text;
  if (array !== undefined) {
    const values = fieldsOfLine(text, Infinity, separators).map(({ from, to }) => sliceValue(line.value, from, to));
    for (const name of names) setArray(shell, name, values, span);
    return undefined;
  }
  const fields = fieldsOfLine(text, names.length, separators);
  names.forEach((name, index) => {
    const field = fields[index];
    const value = field === undefined ? [] : sliceValue(line.value, field.from, field.to);
    assignValue(shell, name, value, false, { kind: 'variable', name, assignedAt: span }, span);
  });
  return undefined;
}

function separatorsOf(shell: Shell): string {
  const variable = shell.variables.get('IFS');
  return (variable?.value === undefined || variable.unknown ? undefined : knownText(variable.value)) ?? ' \t\n';
}

/** The next line of standard input; undefined when it is not known. */
function nextLine(shell: Shell): { readonly value: Value; readonly ended: boolean } | undefined {
  const { input } = shell;
  if (input === undefined) return undefined;
  const { text, pieces, uncertain } = input.given;
  if (uncertain === true) return undefined;
  input.lines ??= !pieces.some((piece, index) => piece.unknown !== undefined && pieceText(text, pieces, index).includes('\n'));
  if (!input.lines) return undefined;
  const end = text.indexOf('\n', input.position);
  const from = input.position;
  const to = end === -1 ? text.length : end;
  takeSteps(shell, 1);
  input.position = end === -1 ? text.length : end + 1;
  return { value: sliceOfInput(input, from, to), ended: end !== -1 };
}

/** The characters `from`..`to` of the input. Asked in order, it costs no more than the characters it gives. */
function sliceOfInput(input: InputStream, from: number, to: number): Value {
  input.value ??= valueOfWord(input.given);
  for (let first = input.value[input.index]; first !== undefined && input.offset + first.text.length <= from; first = input.value[input.index]) {
    input.offset += first.text.length;
    input.index += 1;
  }
  const result: Fragment[] = [];
  let { index, offset } = input;
  for (let next = input.value[index]; next !== undefined && offset < to; next = input.value[index]) {
    const start = Math.max(from - offset, 0);
    const end = Math.min(to - offset, next.text.length);
    if (start < end) result.push(sliceFragment(next, start, end));
    offset += next.text.length;
    index += 1;
  }
  return result;
}

function pieceText(text: string, pieces: Word['pieces'], index: number): string {
  let offset = 0;
  for (let at = 0; at < index; at += 1) offset += pieces[at]?.length ?? 0;
  return text.slice(offset, offset + (pieces[index]?.length ?? 0));
}

/** Cuts a line into fields as `read` does: the last one takes all that is left. */
function fieldsOfLine(text: string, count: number, separators: string): { readonly from: number; readonly to: number }[] {
  const isBlank = (at: number): boolean => ' \t\n'.includes(text.charAt(at)) && separators.includes(text.charAt(at)) && at < text.length;
  const isSeparator = (at: number): boolean => at < text.length && separators.includes(text.charAt(at));
  const fields: { readonly from: number; readonly to: number }[] = [];
  let at = 0;
  while (isBlank(at)) at += 1;
  while (fields.length < count - 1 && at < text.length) {
    const from = at;
    while (at < text.length && !isSeparator(at)) at += 1;
    fields.push({ from, to: at });
    while (isBlank(at)) at += 1;
    if (isSeparator(at) && !isBlank(at)) {
      at += 1;
      while (isBlank(at)) at += 1;
    }
  }
  let to = text.length;
  while (to > at && isBlank(to - 1)) to -= 1;
  if (at < to) fields.push({ from: at, to });
  return fields;
}

function runMapfile({ shell, words, span }: BuiltinCall): undefined {
  const last = words[words.length - 1]?.text ?? '';
  const name = words.length > 1 && NAME.test(last) ? last : 'MAPFILE';
  const options = words.slice(1, name === last ? -1 : undefined);
  const lines = options.length === 1 && options[0]?.text === '-t' ? allLines(shell) : undefined;
  if (lines === undefined) setVariable(shell, name, unknownVariable(false));
  else setArray(shell, name, lines, span);
  shell.status = lines === undefined ? undefined : 0;
  return undefined;
}

/** The lines of standard input that are left; undefined when one of them is not known. */
function allLines(shell: Shell): readonly Value[] | undefined {
  const lines: Value[] = [];
  for (let line = nextLine(shell); line !== undefined; line = nextLine(shell)) {
    if (line.ended || line.value.length > 0) lines.push(line.value);
    if (!line.ended) return lines;
    if (lines.length > MOST_LINES) return undefined;
  }
  return undefined;
}

/** Lines one array may hold. */
const MOST_LINES = 100_000;

function setArray(shell: Shell, name: string, values: readonly Value[], span: Span): void {
  const elements = new Map(values.map((value, index) => [String(index), value]));
  setVariable(shell, name, { value: values[0] ?? [], elements, unknown: false, maybe: false, step: { kind: 'variable', name, assignedAt: span } });
}

function runGetopts({ shell, words }: BuiltinCall): undefined {
  const name = words[2]?.text ?? '';
  if (NAME.test(name)) setVariable(shell, name, unknownVariable(false));
  setVariable(shell, 'OPTARG', unknownVariable(true));
  setVariable(shell, 'OPTIND', unknownVariable(false));
  shell.status = undefined;
  return undefined;
}

function runLet({ shell, words, span }: BuiltinCall): undefined {
  let last: bigint | undefined = 0n;
  for (const word of words.slice(1)) last = isUnknown(word) ? undefined : evaluateArithmetic(word.text, arithmeticVariables(shell, span));
  shell.status = last === undefined ? undefined : last === 0n ? 1 : 0;
  return undefined;
}

// Texts that are run

/** Reads a value as a script. */
function scriptOf(shell: Shell, value: Value, at: Span): { readonly script: ScriptText; readonly file: ShellFile } {
  const text = valueText(value);
  const file = parseShell(text);
  const known = isKnown(value);
  const unknownAt: { readonly from: number; readonly to: number }[] = [];
  let offset = 0;
  for (const fragment of value) {
    if (fragment.unknown !== undefined) unknownAt.push({ from: offset, to: offset + fragment.text.length });
    offset += fragment.text.length;
  }
  const origin = originOfValue(value, at);
  const script: ScriptText = {
    text,
    origin,
    source: shell.script.source,
    isUnknownAt: (place) => unknownAt.some(({ from, to }) => place >= from && place < to),
  };
  for (const name of namesIn(file.commands).variables) shell.assigned.add(name);
  if (known && !shell.dead) {
    for (const problem of file.problems) {
      if (problem.warning) continue;
      shell.problems.push({
        check: 'parse-error',
        message: problem.message,
        at: origin.span(problem.start, problem.end),
        labels: [{ span: at, text: 'run as a command here' }],
      });
    }
  }
  return { script, file };
}

function runEval({ shell, words, span, run }: BuiltinCall): Jump | undefined {
  const value = joinWords(words.slice(1));
  shell.status = undefined;
  if (!isKnown(value)) distrustVariables(shell);
  if (value.length === 0) {
    shell.status = 0;
    return undefined;
  }
  const size = valueText(value).length;
  if (!takeSteps(shell, 1 + (size >> 6)) || size > shell.limits.length)
    meetLimit(shell, span, 'the text that is run as commands grows beyond what fwlint reads');
  // What is wholly unknown says nothing; what is cut off by a limit is not run.
  if (shell.exhausted || value.every((fragment) => fragment.unknown !== undefined)) {
    if (shell.capture !== undefined) shell.capture.unknown = true;
    return undefined;
  }
  const { script, file } = scriptOf(shell, value, span);
  return run(shell, script, file.commands);
}

/** Files of functions that systems ship for scripts, and that leave a script's variables alone. */
const FUNCTION_LIBRARY = /\/init-functions$|\/init\.d\/functions$|\/rc\.(?:subr|d\/functions)$|^\/lib\/functions(?:\/[\w-]+)?\.sh$/;

function runSource({ shell, words, span, run }: BuiltinCall): Jump | undefined {
  const word = words[1];
  shell.status = undefined;
  if (word === undefined) return undefined;
  const note = (read: boolean): void => {
    const key = `${span.source.name}\0${String(span.start)}\0${word.text}`;
    if (!shell.dead) shell.sourced.set(key, { file: word.text, span, read, library: FUNCTION_LIBRARY.test(word.text) });
  };
  const opened = shell.exhausted ? undefined : openFile(shell, valueOfWord(word), span);
  const name = opened?.script.source.name;
  const open = shell.context.filter((step) => step.kind === 'sourced' && step.file === name).length;
  if (opened === undefined || name === undefined || open > 2) {
    note(false);
    if (!FUNCTION_LIBRARY.test(word.text)) distrustVariables(shell);
    return undefined;
  }
  note(true);
  const { positional } = shell;
  if (words.length > 2) setPositional(shell, words.slice(2).map(valueOfWord));
  const jump = run(shell, opened.script, opened.file.commands, { kind: 'sourced', file: name, includedAt: span });
  if (words.length > 2) setPositional(shell, positional);
  return jump;
}

/** `sh -c text name arguments…`, `su -c text`, and a shell whose standard input is known. */
function runShellText({ shell, words, span, runIsolated }: BuiltinCall): undefined {
  const isSu = words[0]?.text === 'su';
  const option = words.findIndex((word, index) => index > 0 && /^-\w*c$/.test(word.text) && !isUnknown(word));
  const { input, capture } = shell;
  shell.status = undefined;
  if (capture !== undefined) capture.unknown = true;
  const operands = words.slice(1, option === -1 ? undefined : option).filter((word) => !word.text.startsWith('-'));
  if (shell.exhausted || (!isSu && operands.length > 0)) return undefined;
  let value: Value;
  let positional: Positional = [];
  const text = words[option + 1];
  if (option !== -1 && text !== undefined) {
    value = valueOfWord(text);
    if (!isSu) positional = words.slice(option + 3).map(valueOfWord);
  } else if (option === -1 && !isSu && input?.position === 0) value = valueOfWord(input.given);
  else return undefined;
  if (value.every((fragment) => fragment.unknown !== undefined)) return undefined;
  const { script, file } = scriptOf(shell, value, span);
  shell.capture = undefined;
  shell.input = undefined;
  runIsolated(shell, script, file.commands, positional, undefined);
  shell.capture = capture;
  shell.input = input;
  return undefined;
}

function runTrap({ shell, words, span, runIsolated }: BuiltinCall): undefined {
  const text = words[1]?.text === '--' ? words[2] : words[1];
  shell.status = 0;
  if (text === undefined || text.text === '' || text.text.startsWith('-') || words.length < 3 || shell.exhausted) return undefined;
  const value = valueOfWord(text);
  if (value.every((fragment) => fragment.unknown !== undefined)) return undefined;
  const { script, file } = scriptOf(shell, value, span);
  runIsolated(shell, script, file.commands, shell.positional, 'trap');
  shell.status = 0;
  return undefined;
}

/** See the file's head. Everything else is a program, of which only the output may be known. */
export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', withStatus(0)],
  ['true', withStatus(0)],
  ['false', withStatus(1)],
  ['cd', withStatus(undefined)],
  ['[', { run: runTest }],
  ['test', { run: runTest }],
  ['echo', { run: runOutput }],
  ['printf', { run: runPrintf }],
  ['exit', { run: leave('exit') }],
  ['return', { run: leave('return') }],
  ['break', { run: leave('break') }],
  ['continue', { run: leave('continue') }],
  ['shift', { run: runShift }],
  ['set', { run: runSet }],
  ['shopt', withStatus(undefined)],
  ['umask', withStatus(0)],
  ['export', { run: runDeclaration }],
  ['readonly', { run: runDeclaration }],
  ['local', { run: runDeclaration }],
  ['declare', { run: runDeclaration }],
  ['typeset', { run: runDeclaration }],
  ['unset', { run: runUnset }],
  ['read', { run: runRead }],
  ['mapfile', { run: runMapfile }],
  ['readarray', { run: runMapfile }],
  ['getopts', { run: runGetopts }],
  ['let', { run: runLet }],
  ['eval', { run: runEval }],
  ['.', { run: runSource }],
  ['source', { run: runSource }],
  ['trap', { run: runTrap }],
  ['sh', { run: runShellText, external: true }],
  ['bash', { run: runShellText, external: true }],
  ['dash', { run: runShellText, external: true }],
  ['ash', { run: runShellText, external: true }],
  ['su', { run: runShellText, external: true }],
]);
