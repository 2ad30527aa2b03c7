/** `{port}`, `%s`, `" + address + "`: values that a program of another language puts into a command while it runs. They are no placeholders. */

import type { Command, Repair } from './command.js';

/** Of printf, format, f-strings, template literals, Ruby, PHP and Jinja. */
const VALUE = /%(?:\(\w+\))?[sdi]|\{\{[^{}]{1,80}\}\}|[$#]?\{[\w.()[\]'"-]{0,80}\}|\$\w+/;

/** What stands between two texts that are put together: `" + address + "`, `' . $address . '`. */
const JOINED = /^\s*[+.&]\s*.*[^\s+.&]\s*[+.&]\s*$/;

/** Behind a text, one that something is put together with, and where the text goes on, if it does. */
const JOINS = /^[ \t]*[+.&][ \t]*(?:[^"'`\n]{1,80}?[+.&][ \t]*(["'`])|[\w$])/;

/** Where the text in quotes ends that begins before `from` and may be put together of several; `end` when it does not. */
export function endOfJoinedText(text: string, quote: string, from: number, end: number): { readonly at: number; readonly valueBehind: boolean } {
  for (let at = from; at < end; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.charAt(at) === quote) {
      const joins = JOINS.exec(text.slice(at + 1, Math.min(end, at + 200)));
      if (joins?.[1] !== quote) return { at, valueBehind: joins !== null };
      at += joins[0].length;
    }
  }
  return { at: end, valueBehind: false };
}

/** What is read for such a value: something that only the run knows. */
const UNKNOWN_VALUE = '"$(value)"';

/** The repair that puts such a value behind the last word of a command. */
export function valueBehind(end: number): Repair {
  return { check: 'placeholder', start: end, end, text: ` ${UNKNOWN_VALUE}`, written: { text: undefined } };
}

/** Takes the words of a command that hold such values as not known, and gives what is to be read for them. */
export function takeProgramValues(command: Command): readonly Repair[] {
  const repairs: Repair[] = [];
  for (const [index, word] of command.words.entries()) {
    if (index <= command.programWord || !(VALUE.test(word.text) || (word.quoted && JOINED.test(word.text)))) continue;
    command.words[index] = { ...word, text: '$(value)', quoted: true, places: [] };
    repairs.push({ check: 'placeholder', start: word.start, end: word.end, text: UNKNOWN_VALUE, written: { text: undefined } });
  }
  return repairs;
}
