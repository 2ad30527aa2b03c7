/** Prints what was read of a script, one command a line, for the expected results of the cases. */

import type { ShellCommand, ShellReading } from '../../src/shell/expand.js';
import { spanText } from '../../src/text/source.js';
import type { ExpansionStep, Word } from '../../src/text/word.js';

/** A word as it would be typed, unknown parts in `‹ ›` with the name that decides them when it is not the text itself. */
export function printWord(word: Word): string {
  let text = '';
  let offset = 0;
  for (const piece of word.pieces) {
    const part = word.text.slice(offset, offset + piece.length);
    offset += piece.length;
    if (piece.unknown === undefined) text += part;
    else text += piece.unknown === part || `$${piece.unknown}` === part ? `‹${part}›` : `‹${part}: ${piece.unknown}›`;
  }
  return word.text === '' || /[\s'"\\]/.test(word.text.replaceAll(/\$\(.*\)/g, '')) ? JSON.stringify(text) : text;
}

function printStep(step: ExpansionStep): string {
  switch (step.kind) {
    case 'variable':
      return `$${step.name}`;
    case 'loop':
      return `for ${step.name}=${step.value}`;
    case 'call':
      return `${step.function}()`;
    case 'sourced':
      return `. ${step.file}`;
  }
}

/** One command: its words, its input, the guards it is under, the way that led to it. */
export function printCommand(command: ShellCommand): string {
  const parts = [command.words.map(printWord).join(' ')];
  if (command.hereDocument !== undefined) parts.push(`<< ${JSON.stringify(command.hereDocument.text)}`);
  for (const guard of command.guards) parts.push(`?${guard.kind}${guard.negated ? '!' : ''}(${spanText(guard.span).replaceAll('\n', ' ')})`);
  if (command.context.length > 0) parts.push(`@ ${command.context.map(printStep).join(' > ')}`);
  return parts.join('  ');
}

/** Everything a case may expect. Builtins that only change the shell are left out. */
export function printReading(reading: ShellReading): string {
  const lines: string[] = [];
  const shown = (command: ShellCommand): boolean =>
    !/^(?:\[|test|shift|local|set|read|export|readonly|declare|return|break|continue|:|true|false|eval|echo|printf|unset)$/.test(
      command.words[0]?.text ?? '',
    );
  for (const command of reading.commands) if (shown(command)) lines.push(printCommand(command));
  for (const { command } of reading.dead) if (shown(command)) lines.push(`never: ${printCommand(command)}`);
  for (const { name, span, quoted } of reading.unset) lines.push(`unset: ${name} at ${spanText(span)}${quoted ? ' quoted' : ''}`);
  for (const { name, value, effect } of reading.specialAssignments) lines.push(`special: ${name}=${value} ${effect}`);
  for (const { file, read } of reading.sourced) lines.push(`sourced: ${file}${read ? '' : ' not read'}`);
  for (const { check, message, at } of reading.problems) lines.push(`${check}: ${message} at ${spanText(at).split('\n')[0] ?? ''}`);
  return lines.map((line) => `${line}\n`).join('');
}
