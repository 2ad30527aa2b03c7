/** Ways a script may go on of which only the run decides, and what `return`, `break` and `exit` leave. */

import type { Span } from '../text/source.js';
import type { Guard } from './reading.js';
import {
  changesSince,
  keepChanges,
  mergeChanges,
  mergeVariables,
  setVariable,
  takeBack,
  watchChanges,
  type Changes,
  type Frame,
  type Shell,
  type Variable,
} from './state.js';

/** A way out of the commands that are run. */
export interface Jump {
  readonly kind: 'exit' | 'return' | 'break' | 'continue';
  /** Loops to leave. */
  readonly count: number;
}

export interface Fork {
  readonly guards: readonly Guard[];
  readonly status: number | undefined;
  readonly construct: number;
  mark: number;
  branches: number;
  /** What the branches that go on leave behind, and those that leave. */
  readonly kept: Changes[];
  readonly left: { readonly jump: Jump; readonly changes: Changes; readonly guard: Guard | undefined }[];
}

export function beginFork(shell: Shell): Fork {
  shell.constructs += 1;
  return { guards: shell.guards, status: shell.status, construct: shell.constructs, mark: watchChanges(shell), branches: 0, kept: [], left: [] };
}

/** Runs one branch of a fork; without a guard it is the way on when no branch is taken. */
export function addBranch(shell: Shell, fork: Fork, guard: Guard | undefined, run: () => Jump | undefined): void {
  fork.mark = shell.log.length;
  shell.guards = guard === undefined ? fork.guards : [...fork.guards, guard];
  shell.status = fork.status;
  const { capture } = shell;
  const written = capture?.fragments.length;
  const jump = run();
  shell.guards = fork.guards;
  // What follows a way out may not be written at all.
  if (capture !== undefined && (capture.fragments.length !== written || (jump !== undefined && jump.kind !== 'exit'))) capture.uncertain = true;
  const changes = changesSince(shell, fork.mark);
  if (jump === undefined) fork.kept.push(changes);
  else {
    fork.left.push({ jump, changes, guard });
    shell.ways += 1;
    leak(shell, jump);
  }
  takeBack(shell, fork.mark);
  fork.branches += 1;
}

/** Goes on after the branches; gives a way out when all of them leave. */
export function endFork(shell: Shell, fork: Fork): Jump | undefined {
  keepChanges(shell);
  shell.status = undefined;
  if (fork.kept.length === 0 && fork.left.length > 0) {
    mergeChanges(
      shell,
      fork.left.map(({ changes }) => changes),
    );
    return leastJump(fork.left.map(({ jump }) => jump));
  }
  mergeChanges(shell, fork.kept);
  for (const { jump, guard } of fork.left) {
    if (jump.kind === 'exit' || guard === undefined || shell.late.length >= MOST_LATE_GUARDS) continue;
    if (shell.late.some(({ span }) => span.start === guard.span.start && span.source === guard.span.source)) continue;
    shell.late = [...shell.late, { ...guard, kind: 'left', negated: !guard.negated }];
  }
  return undefined;
}

/** Ways out that may have been taken are listed up to this number: one of them already makes a command uncertain. */
const MOST_LATE_GUARDS = 8;

const REACH = { continue: 0, break: 1, return: 2, exit: 3 } as const;

/** Of several ways out the one that leaves the least. */
function leastJump(jumps: readonly Jump[]): Jump | undefined {
  let least: Jump | undefined;
  for (const jump of jumps) if (least === undefined || REACH[jump.kind] < REACH[least.kind]) least = jump;
  return least;
}

/** Remembers the variables at a way out that may be taken, for the place it leads to. */
function leak(shell: Shell, jump: Jump): void {
  const frame = shell.frames.findLast(({ kind }) =>
    jump.kind === 'exit' ? kind === 'subshell' : jump.kind === 'return' ? kind === 'call' || kind === 'file' : kind === 'loop',
  );
  if (frame === undefined || frame.leaks.length > 50) return;
  frame.leaks.push(changesSince(shell, frame.mark).variables);
}

/** Runs what `return`, `break` or a subshell's `exit` leave. */
export function inFrame(shell: Shell, kind: Frame['kind'], run: (frame: Frame) => Jump | undefined): Jump | undefined {
  const { late, frames } = shell;
  const frame: Frame = { kind, mark: watchChanges(shell), leaks: [] };
  shell.frames = [...frames, frame];
  const jump = run(frame);
  shell.frames = frames;
  shell.late = late;
  if (frame.leaks.length > 0) mergeLeaks(shell, frame);
  keepChanges(shell);
  return jump;
}

function mergeLeaks(shell: Shell, frame: Frame): void {
  const before = new Map<string, Variable | undefined>();
  for (let index = frame.mark; index < shell.log.length; index += 1) {
    const change = shell.log[index];
    if (change?.kind === 'variable' && !before.has(change.name)) before.set(change.name, change.old);
  }
  const names = new Set(before.keys());
  for (const leaked of frame.leaks) for (const name of leaked.keys()) names.add(name);
  for (const name of names) {
    const now = shell.variables.get(name);
    const start = before.has(name) ? before.get(name) : now;
    const candidates = frame.leaks.map((leaked) => (leaked.has(name) ? leaked.get(name) : start));
    const merged = mergeVariables([now, ...candidates]);
    if (merged !== now) setVariable(shell, name, merged);
  }
}

export function runInSubshell(shell: Shell, run: () => Jump | undefined): void {
  const { subshell, guards, stopsAtErrors, stopsAtUnset } = shell;
  shell.subshell = true;
  inFrame(shell, 'subshell', (frame) => {
    run();
    takeBack(shell, frame.mark);
    frame.leaks.length = 0;
    return undefined;
  });
  shell.subshell = subshell;
  shell.guards = guards;
  shell.stopsAtErrors = stopsAtErrors;
  shell.stopsAtUnset = stopsAtUnset;
}

export function guardOf(kind: Guard['kind'], span: Span, fork: Fork, negated = false, command?: number): Guard {
  const guard = { kind, span, construct: fork.construct, branch: fork.branches, negated };
  return command === undefined ? guard : { ...guard, command };
}
