/** The files a script sources: which file is meant, and its text, which the caller gives. */

import type { ShellFile } from '../../grammar/shell/ast.js';
import { parseShell } from '../../grammar/shell/parser.js';
import type { Source, Span } from '../text/source.js';
import { namesIn } from './assigned-names.js';
import { meetLimit, type ScriptText, type Shell } from './state.js';
import { isKnown, originOfMapped, sliceValue, valueText, type Value } from './value.js';

/** A sourced file after reading. */
export interface OpenedFile {
  readonly script: ScriptText;
  readonly file: ShellFile;
}

/** Files one script may source. */
const MOST_FILES = 200;

// The script itself, the folder it is in, and that folder made absolute, as scripts find what lies beside them; without quotes.
const ITSELF = String.raw`(?:\$\{?0\}?|\$\{?BASH_SOURCE(?:\[0\])?\}?)`;
const WHOLE_PATH = String.raw`(?:${ITSELF}|\$\((?:readlink -[fe]+|realpath) ${ITSELF}\))`;
const FOLDER = String.raw`(?:\$\(dirname ${WHOLE_PATH}\)|\`dirname ${ITSELF}\`|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%/\*\})`;
const OWN_FOLDER = new RegExp(
  String.raw`^(?:${FOLDER}|\$\(cd (?:-P )?${FOLDER} ?(?:&&|;) ?pwd(?: -P)?\)|\$\((?:readlink -[fe]+|realpath) ${FOLDER}\))$`,
);

/** Text of the shell without quotes, output thrown away, and more blanks than needed. */
function plainText(text: string): string {
  return text
    .replace(/["']/g, '')
    .replace(/\s*(?:[12&]?>>?\s*(?:\/dev\/null|&[12]))/g, '')
    .replace(/ -- /g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/\$\( /g, '$(')
    .replace(/ \)/g, ')');
}

/** The file a value names; undefined when that is not known. A value may begin with the folder of the script itself: `$(dirname "$0")/lib.sh`. */
function fileMeant(shell: Shell, value: Value): { readonly name: string; readonly from: Source } | undefined {
  const main = shell.main.source;
  if (isKnown(value)) return { name: valueText(value), from: main };
  const [folder] = value;
  const rest = sliceValue(value, folder?.text.length ?? 0, Infinity);
  const path = valueText(rest);
  if (folder?.unknown === undefined || !isKnown(rest) || !path.startsWith('/')) return undefined;
  const { unknown } = folder;
  const assigned = [...shell.assignments.values()].filter(({ name }) => name === unknown);
  const folders =
    assigned.length > 0 ? assigned.map(({ value, span }) => [value.text, span.source] as const) : [[folder.text, shell.script.source] as const];
  if (!folders.every(([text]) => OWN_FOLDER.test(plainText(text)))) return undefined;
  // `$0` is the script, BASH_SOURCE the file it stands in.
  const sources = new Set(folders.map(([text, source]) => (text.includes('BASH_SOURCE') ? source : main)));
  const [from] = sources;
  return from === undefined || sources.size > 1 ? undefined : { name: `.${path}`, from };
}

/** Opens the file that a value names; undefined when it is not known, or the caller does not give it. `at`: what is read no more is reported there. */
export function openFile(shell: Shell, value: Value, at?: Span): OpenedFile | undefined {
  const { readFile } = shell.options;
  const meant = readFile === undefined ? undefined : fileMeant(shell, value);
  if (readFile === undefined || meant === undefined) return undefined;
  const key = `${meant.from.name}\0${meant.name}`;
  const known = shell.files.get(key);
  if (known !== undefined) return known;
  if (shell.files.size >= MOST_FILES) {
    if (at !== undefined) meetLimit(shell, at, 'more files are sourced than fwlint reads');
    return undefined;
  }
  const mapped = readFile(meant.name, meant.from);
  if (mapped === undefined) return undefined;
  // One file under another name.
  let opened = [...shell.files.values()].find(({ script }) => script.source === mapped.source);
  if (opened === undefined) {
    const file = parseShell(mapped.text);
    const origin = originOfMapped(mapped);
    opened = { script: { text: mapped.text, origin, source: mapped.source }, file };
    for (const variable of namesIn(file.commands).variables) shell.assigned.add(variable);
    for (const { message, start, end, warning } of file.problems) {
      shell.problems.push({ check: 'parse-error', message, at: origin.span(start, end), ...(warning ? { severity: 'warning' as const } : {}) });
    }
    // As of the script itself, every command is read once whatever the limit.
    shell.steps -= 2 * file.commands.length + file.operators.length;
  }
  shell.files.set(key, opened);
  return opened;
}

/** What is tested to be there before it is sourced. */
const ASKS_FOR_FILE: ReadonlySet<string> = new Set(['-e', '-f', '-r', '-s']);

/** Whether `test` asks, with this operator, for a file that the script sources and that is there: `[ -r "$CONFIG" ] && . "$CONFIG"`. */
export function isThereToSource(shell: Shell, operator: string, value: Value): boolean {
  if (shell.options.readFile === undefined || shell.exhausted || !ASKS_FOR_FILE.has(operator)) return false;
  return sourcedWords(shell.script.text).has(asWritten(value)) && openFile(shell, value) !== undefined;
}

const cache: { text: string; words: ReadonlySet<string> } = { text: '', words: new Set() };

/** What stands behind `.` and `source` in a text, without quotes. */
function sourcedWords(text: string): ReadonlySet<string> {
  if (cache.text !== text) {
    const found = text.matchAll(/(?:^|[\s;&|({])(?:\.|source)[ \t]+((?:"[^"\n]*"|'[^'\n]*'|\$\([^()\n]*\)|[^\s;&|)"'])+)/gm);
    cache.text = text;
    cache.words = new Set([...found].map((match) => plainText(match[1] ?? '').replace(/\$\{(\w+)\}/g, '$$$1')));
  }
  return cache.words;
}

/** A value with the variables it came through, as it stands in the script, without quotes. */
function asWritten(value: Value): string {
  let text = '';
  let before: unknown;
  for (const fragment of value) {
    const step = fragment.via[fragment.via.length - 1];
    if (step?.kind !== 'variable') text += fragment.text;
    else if (step !== before) text += `$${step.name}`;
    before = step;
  }
  return plainText(text);
}
