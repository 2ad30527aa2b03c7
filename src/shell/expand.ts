/** Reads a shell script: which commands it would run, in order, with what is known of their words. Nothing is ever run. */

import type { CommandNode, ShellFile } from '../../grammar/shell/ast.js';
import { parseShell } from '../../grammar/shell/parser.js';
import { originalSpan, type MappedText } from '../text/mapped-text.js';
import { compareSpans, spanText } from '../text/source.js';
import { namesIn } from './assigned-names.js';
import { listCommands } from './list-commands.js';
import type { DeadCommand, Guard, ShellOptions, ShellReading } from './reading.js';
import { runCommands, runProcess, substitute } from './run.js';
import { keepChanges, setPositional, takeBack, watchChanges, type ScriptText, type Shell } from './state.js';
import { originOfMapped } from './value.js';

export type * from './reading.js';
export { GIVEN_VARIABLES, SPECIAL_VARIABLES } from './special-variables.js';

/** Steps beyond one pass over the script: about half a second's work. */
const STEPS = 20_000;
const LENGTH = 1_000_000;
const DEPTH = 200;

/** Reads a script. Total: never throws; what it costs is bounded by the script's length and `limits`. */
export function readShell(text: MappedText, options: ShellOptions = {}): ShellReading {
  const file = parseShell(text.text);
  const interpreter = interpreterOf(text.text);
  const script: ScriptText = { text: text.text, origin: originOfMapped(text), source: text.source };
  const shell = createShell(script, file, options, interpreter);
  for (const { message, start, end, warning } of file.problems) {
    shell.problems.push({ check: 'parse-error', message, at: originalSpan(text, start, end), ...(warning ? { severity: 'warning' as const } : {}) });
  }
  runCommands(shell, file.commands);
  runUncalledFunctions(shell);
  const dead = readDeadCommands(shell, script, file);
  return {
    commands: shell.commands,
    dead,
    problems: shell.problems,
    comments: file.comments.map(({ start, end }) => {
      const span = originalSpan(text, start, end);
      return { span, text: spanText(span) };
    }),
    uses: shell.uses,
    unset: unsetUses(shell),
    assignments: [...shell.assignments.values()],
    specialAssignments: [...shell.specialAssignments.values()],
    functions: shell.allFunctions.map(({ name, nameAt, calls }) => ({ name, nameAt, calls })),
    sourced: [...shell.sourced.values()],
    files: [...new Set([...shell.files.values()].map(({ script: { source } }) => source))],
    interpreter,
    stopsAtErrors: shell.stopsAtErrors,
  };
}

/** The shell that the `#!` line names. */
function interpreterOf(text: string): string | undefined {
  const match = /^\ufeff?#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text);
  const [, path = '', argument = ''] = match ?? [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (match === null || name === '') return undefined;
  return name === 'env' && argument !== '' ? argument : name;
}

function createShell(script: ScriptText, file: ShellFile, options: ShellOptions, interpreter: string | undefined): Shell {
  const assigned = new Set(namesIn(file.commands).variables);
  return {
    options,
    // Every command of the script is read once whatever the limit.
    limits: { steps: STEPS + countCommands(file), length: LENGTH, depth: DEPTH, ...options.limits },
    dash: (options.shell ?? interpreter) === 'dash',
    defines: options.defines ?? new Map<string, string>(),
    variables: new Map(),
    functions: new Map(),
    functionChanges: 0,
    positional: undefined,
    log: [],
    watchers: 0,
    locals: [],
    script,
    main: script,
    assigned,
    anythingAssigned: false,
    uncalled: false,
    reached: new Set<CommandNode>(),
    guards: [],
    late: [],
    joined: { guards: [], late: [], all: [] },
    frames: [],
    context: [],
    capture: undefined,
    input: undefined,
    pipeline: undefined,
    background: false,
    subshell: false,
    statusAsked: false,
    stopsAtErrors: /^#!.*\s-\w*e/.test(script.text),
    stopsAtUnset: /^#!.*\s-\w*u/.test(script.text),
    ended: false,
    failureAsked: false,
    status: 0,
    statusBefore: 0,
    commands: [],
    lastNode: undefined,
    problems: [],
    uses: [],
    assignments: new Map(),
    specialAssignments: new Map(),
    allFunctions: [],
    definitions: new Map(),
    sourced: new Map(),
    files: new Map(),
    written: new Map(),
    dead: false,
    steps: 0,
    depth: 0,
    exhausted: false,
    constructs: 0,
    ways: 0,
    substitute,
    process: runProcess,
  };
}

function countCommands(file: ShellFile): number {
  return 2 * file.commands.length + file.operators.length;
}

/** Functions nothing calls may be called from outside, or by a name only the run knows, and some calls were not followed: their commands may run. */
function runUncalledFunctions(shell: Shell): void {
  shell.uncalled = true;
  const { stopsAtErrors } = shell;
  shell.stopsAtErrors = false;
  shell.stopsAtUnset = false;
  // Running one may define others, and call some.
  for (let index = 0; index < shell.allFunctions.length; index += 1) {
    const definition = shell.allFunctions[index];
    if (definition === undefined || definition.followed) continue;
    definition.followed = true;
    const mark = watchChanges(shell);
    const { script, positional } = shell;
    shell.constructs += 1;
    const guard: Guard = { kind: 'uncalled', span: definition.nameAt, construct: shell.constructs, branch: 0, negated: false };
    shell.guards = [guard];
    shell.script = definition.script;
    setPositional(shell, undefined);
    shell.locals.push(new Map());
    runCommands(shell, [definition.body]);
    shell.locals.pop();
    shell.script = script;
    shell.positional = positional;
    shell.guards = [];
    shell.late = [];
    takeBack(shell, mark);
    keepChanges(shell);
  }
  shell.stopsAtErrors ||= stopsAtErrors;
}

/** Commands that nothing reached: they never run, but what is wrong in them is wrong all the same. */
function readDeadCommands(shell: Shell, script: ScriptText, file: ShellFile): DeadCommand[] {
  const { commands } = shell;
  shell.commands = [];
  shell.dead = true;
  shell.exhausted = true;
  shell.script = script;
  shell.positional = undefined;
  const mark = watchChanges(shell);
  const problems = shell.problems.length;
  const uses = shell.uses.length;
  for (const node of listCommands(file.commands)) {
    if (shell.reached.has(node)) continue;
    shell.functions.clear();
    runCommands(shell, [node]);
    takeBack(shell, mark);
  }
  keepChanges(shell);
  shell.problems.length = problems;
  shell.uses.length = uses;
  const dead = shell.commands.map((command): DeadCommand => ({ command, reason: 'not-reached' }));
  shell.commands = commands;
  return dead;
}

function unsetUses(shell: Shell): ShellReading['unset'] {
  const found = new Map<string, ShellReading['unset'][number]>();
  for (const { name, span, quoted, state, defaulted, stops } of shell.uses) {
    if (state !== 'unset' || defaulted) continue;
    found.set(`${span.source.name}\0${String(span.start)}\0${String(span.end)}`, { name, span, quoted, stops });
  }
  return [...found.values()].sort((left, right) => compareSpans(left.span, right.span));
}
