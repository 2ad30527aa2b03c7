/** Redirections: what stands on standard input, and where standard output goes. */

import type { RedirectionNode } from '../../grammar/shell/ast.js';
import type { Span } from '../text/source.js';
import { expandValue, unknownFragment, written as asWritten } from './fields.js';
import type { CommandRedirection, InputText } from './reading.js';
import { currentGuards, emptyCapture, spanOfNode, streamOf, takeSteps, type Capture, type Shell } from './state.js';
import { addFragments, computedValue, knownText, wordOfValue, type Value } from './value.js';

/** A value as text to read. */
export function inputOf(kind: InputText['kind'], value: Value, span: Span, uncertain = false): InputText {
  const { text, pieces } = wordOfValue(value, span);
  return uncertain ? { kind, text, span, pieces, uncertain } : { kind, text, span, pieces };
}

/** Redirections in force. */
export interface OpenRedirections {
  readonly redirections: readonly CommandRedirection[];
  /** Ends them. */
  readonly close: () => void;
}

/** Lets redirections take effect until they are closed. */
export function openRedirections(shell: Shell, nodes: readonly RedirectionNode[]): OpenRedirections {
  const { input, capture } = shell;
  const redirections: CommandRedirection[] = [];
  const written: { readonly file: string | undefined; readonly capture: Capture; readonly append: boolean }[] = [];
  for (const node of nodes) {
    const span = spanOfNode(shell, node);
    const [only] = node.target.parts;
    const process = node.operator === '<' && only?.kind === 'process' && node.target.parts.length === 1 ? only : undefined;
    const output = process === undefined ? undefined : shell.process(shell, process);
    const target =
      process !== undefined
        ? [unknownFragment(shell, process, asWritten(shell, process.start, process.end))]
        : node.operator.startsWith('<<')
          ? []
          : expandValue(shell, node.target);
    redirections.push({ operator: node.operator, descriptor: node.descriptor, span, target: wordOfValue(target, spanOfNode(shell, node.target)) });
    const found = output === undefined ? inputFrom(shell, node, target) : inputOf('pipe', output, span);
    if (found !== undefined) shell.input = found === null ? undefined : streamOf(found);
    if (takesOutput(node)) {
      shell.capture = emptyCapture();
      written.push({ file: knownText(target), capture: shell.capture, append: node.operator.endsWith('>>') });
    }
  }
  if (capture !== undefined && leaveOutputToOthers(nodes)) capture.unknown = true;
  const close = (): void => {
    shell.input = input;
    shell.capture = capture;
    // Only the last one was written to.
    for (const { file, capture: own, append } of written.slice(-1)) if (file !== undefined) writeFile(shell, file, own, append);
  };
  return { redirections, close };
}

/** Remembers what was written into a file, for a command that reads it later. */
function writeFile(shell: Shell, file: string, { fragments, unknown, uncertain }: Capture, append: boolean): void {
  if (shell.dead || file.startsWith('/dev/') || file.startsWith('/proc/') || file.startsWith('/sys/')) return;
  const before = append ? shell.written.get(file) : emptyCapture();
  // What is appended to a file nobody wrote comes after what was in it.
  const known = before !== undefined && !before.unknown && !unknown && currentGuards(shell).length === 0 && takeSteps(shell, fragments.length >> 4);
  if (!known) {
    shell.written.set(file, { ...emptyCapture(), unknown: true });
    return;
  }
  addFragments(before.fragments, fragments);
  before.uncertain ||= uncertain;
  shell.written.set(file, before);
}

/** The text a redirection gives to standard input; `null` when it gives something that is not known. */
function inputFrom(shell: Shell, node: RedirectionNode, target: Value): InputText | null | undefined {
  if (node.descriptor !== '' && node.descriptor !== '0') return undefined;
  switch (node.operator) {
    case '<<':
    case '<<-': {
      const document = node.hereDocument;
      if (document === undefined) return null;
      return inputOf('here-document', expandValue(shell, document.content), spanOfNode(shell, document.content));
    }
    case '<<<': {
      const span = spanOfNode(shell, node.target);
      return inputOf('here-string', [...expandValue(shell, node.target), ...computedValue('\n', span)], span);
    }
    case '<': {
      const file = knownText(target);
      const written = file === undefined ? undefined : shell.written.get(file);
      return written === undefined || written.unknown ? null : inputOf('file', written.fragments, spanOfNode(shell, node.target), written.uncertain);
    }
    case '<&':
    case '<>':
      return null;
    default:
      return undefined;
  }
}

/** Whether a redirection takes standard output away. */
function takesOutput({ descriptor, operator, target }: RedirectionNode): boolean {
  if (operator.startsWith('&>')) return true;
  if (!operator.startsWith('>') || (descriptor !== '' && descriptor !== '1')) return false;
  const [only] = target.parts;
  // `>&1` leads nowhere else.
  return !(operator === '>&' && only?.kind === 'text' && only.text === '1');
}

/** Whether what a program says by another way takes the place of its output: `answer=$(dialog … 3>&1 1>&2 2>&3)`, `said=$(iptables … 2>&1 >/dev/null)`. */
function leaveOutputToOthers(nodes: readonly RedirectionNode[]): boolean {
  // Where each descriptor leads: to one of those that were open before, or elsewhere.
  const open = new Map<string, string | undefined>([
    ['1', '1'],
    ['2', '2'],
  ]);
  for (const { descriptor, operator, target } of nodes) {
    const [only] = target.parts;
    const to = operator === '>&' && only?.kind === 'text' ? open.get(only.text) : undefined;
    if (operator.startsWith('&>')) {
      open.set('1', undefined);
      open.set('2', undefined);
    } else if (operator.startsWith('>')) open.set(descriptor === '' ? '1' : descriptor, to);
  }
  return open.get('1') !== '1' && [...open.values()].includes('1');
}
