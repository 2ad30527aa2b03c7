/** An ipset file (`ipset save`, or commands for `ipset restore`) → commands. */

import { cutIpsetLine, unquoteIpsetWord, type IpsetLine } from '../../grammar/ipset/lines.js';
import type { Fix } from '../diagnostics/diagnostic.js';
import { isLiteral, originalSpan, type MappedText } from '../text/mapped-text.js';
import { spanOf } from '../text/source.js';
import { wordCount, wordSpan, wordText, type Word, type Words } from '../text/word.js';
import { readIpsetCommand, type IpsetCommand } from './command.js';

/** Reads a file. Lines that make no sense are commands with a problem; the rest of the file is read. */
export function readIpsetFile(text: MappedText): readonly IpsetCommand[] {
  const { text: whole } = text;
  const commands: IpsetCommand[] = [];
  for (let at = 0; at < whole.length;) {
    const line = cutIpsetLine(whole, at);
    at = line.next;
    if (line.kind !== 'command') continue;
    const words = wordsOf(text, line);
    const first = wordText(words, 0);
    // Old `iptables-save` habits: ipset takes a COMMIT line for the end of a batch. (lib/ipset.c, ipset_parse_stream)
    if (first === 'COMMIT' && line.offsets.length === 2) continue;
    const span = originalSpan(text, line.start, line.end);
    // What a person pastes from a shell has the program's name in front; `ipset restore` does not take it.
    const program = first.endsWith('ipset') && /^(?:\S*\/)?ipset$/.test(first);
    const command = readIpsetCommand(words, program ? 1 : 0, span);
    if (!program && !line.unclosed) {
      commands.push(command);
      continue;
    }
    const problems = [...command.problems];
    if (program)
      problems.push({
        check: 'ipset-refused',
        message: 'lines of an ipset file begin with the command, without `ipset`',
        at: wordSpan(words, 0),
        notes: [{ kind: 'note', text: `ipset says: No command specified: unknown argument ${first}` }],
        fixes: programFix(words),
        fatal: false,
      });
    if (line.unclosed) problems.push({ check: 'ipset-refused', message: 'a quote is not closed on this line', at: span, fatal: true });
    commands.push({ ...command, problems });
  }
  return commands;
}

/** A line without quotes in a text as it was given keeps only where its words are: such files are long. */
function wordsOf(text: MappedText, { offsets, start, end }: IpsetLine): Words {
  const whole = text.text;
  if (text.segments === undefined && whole.slice(start, end).search(/["\\]/) === -1) return { kind: 'offsets', source: text.source, offsets };
  const words: Word[] = [];
  for (let index = 0; index < offsets.length; index += 2) {
    const from = offsets[index] ?? 0;
    const to = offsets[index + 1] ?? from;
    const value = unquoteIpsetWord(whole.slice(from, to));
    const span = originalSpan(text, from, to);
    const literal = value.length === to - from && isLiteral(text, from, to);
    words.push({ text: value, span, pieces: [{ length: value.length, span, literal, via: [] }] });
  }
  return { kind: 'words', words };
}

/** The line without the program's name. */
function programFix(words: Words): readonly Fix[] {
  if (wordCount(words) < 2) return [];
  const program = wordSpan(words, 0);
  const next = wordSpan(words, 1);
  if (program.source !== next.source) return [];
  const span = spanOf(program.source, program.start, next.start);
  return [{ title: 'leave out `ipset`', applicability: 'safe', edits: [{ span, text: '' }] }];
}
