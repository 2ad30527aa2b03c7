/** An ipset file (`ipset save`, or commands for `ipset restore`) → commands. */

import { cutIpsetLine, unquoteIpsetWord } from '../../grammar/ipset/lines.js';
import { isLiteral, originalSpan, type MappedText } from '../text/mapped-text.js';
import type { Word } from '../text/word.js';
import { readIpsetCommand, type IpsetCommand } from './command.js';

/** Reads a file. Lines that make no sense are commands with a problem; the rest of the file is read. */
export function readIpsetFile(text: MappedText): readonly IpsetCommand[] {
  const { text: whole } = text;
  const commands: IpsetCommand[] = [];
  for (let at = 0; at < whole.length;) {
    const line = cutIpsetLine(whole, at);
    at = line.next;
    if (line.kind !== 'command') continue;
    const words: Word[] = [];
    for (let index = 0; index < line.offsets.length; index += 2) {
      const start = line.offsets[index] ?? 0;
      const end = line.offsets[index + 1] ?? start;
      const value = unquoteIpsetWord(whole.slice(start, end));
      const span = originalSpan(text, start, end);
      const literal = value.length === end - start && isLiteral(text, start, end);
      words.push({ text: value, span, pieces: [{ length: value.length, span, literal, via: [] }] });
    }
    // Old `iptables-save` habits: ipset takes a COMMIT line for the end of a batch. (lib/ipset.c, ipset_parse_stream)
    if (words.length === 1 && words[0]?.text === 'COMMIT') continue;
    const span = originalSpan(text, line.start, line.end);
    // What a person pastes from a shell has the program's name in front; `ipset restore` does not take it.
    const program = /^(?:\S*\/)?ipset$/.test(words[0]?.text ?? '');
    const command = readIpsetCommand({ kind: 'words', words }, program ? 1 : 0, span);
    const problems = [...command.problems];
    if (program)
      problems.push({
        check: 'ipset-refused',
        message: 'lines of an ipset file begin with the command, without `ipset`',
        at: words[0]?.span ?? span,
        notes: [{ kind: 'note', text: `ipset says: No command specified: unknown argument ${words[0]?.text ?? ''}` }],
        fixes: programFix(words),
        fatal: false,
      });
    if (line.unclosed) problems.push({ check: 'ipset-refused', message: 'a quote is not closed on this line', at: span, fatal: true });
    commands.push(problems.length === command.problems.length ? command : { ...command, problems });
  }
  return commands;
}

function programFix(
  words: readonly Word[],
): readonly [{ title: string; applicability: 'safe'; edits: readonly [{ span: Word['span']; text: string }] }] | [] {
  const [program, next] = words;
  if (program === undefined || next === undefined || program.span.source !== next.span.source) return [];
  return [
    {
      title: 'leave out `ipset`',
      applicability: 'safe',
      edits: [{ span: { source: program.span.source, start: program.span.start, end: next.span.start }, text: '' }],
    },
  ];
}
