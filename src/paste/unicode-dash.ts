/** `–dport`, `6000–6007`: a dash that is not the hyphen. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';
import { characterWording, problemOfPlaces, type CharacterContext } from './character-problem.js';
import { listed, quoted, withArticle } from './problem.js';
import { refusalOf } from './tool-words.js';

/** The finding for the dashes of one command. */
export function unicodeDashProblem(source: Source, context: CharacterContext): Problem {
  const { places, words } = context;
  const first = places[0];
  const meant = `${first.place.opensOption ? '' : '…'}${first.place.text}`;
  const one = places.length === 1;
  const word = words[0] ?? '';
  const repaired = first.repaired;
  return problemOfPlaces(source, 'unicode-dash', context, {
    message: one
      ? first.place.opensOption
        ? `${quoted(word)} begins with ${withArticle(nameOnly(first.place.name))}, not with ${first.place.text.length > 1 ? 'two plain hyphens' : 'a plain hyphen'}`
        : `${quoted(word)} holds ${withArticle(nameOnly(first.place.name))}, not a plain hyphen`
      : `${String(places.length)} dashes of this command are not plain hyphens: ${listed(words)}`,
    here: first.place.name,
    notes: [
      { kind: 'why', text: whyOf(context) },
      { kind: 'do', text: one ? `write ${quoted(repaired)}` : 'write plain hyphens' },
    ],
    title: one ? `write ${quoted(repaired === '' ? meant : repaired)}` : 'write plain hyphens',
  });
}

function nameOnly(name: string): string {
  return name.replace(/ \(U\+[0-9A-F]+\)$/, '');
}

function whyOf(context: CharacterContext): string {
  const { places, program } = context;
  const word = context.words[0] ?? '';
  if (program !== 'iptables') return characterWording(program);
  if (places[0].place.opensOption && /^!?-/.test(word)) return 'iptables reads the word as short options and knows none of that name';
  if (places[0].place.opensOption) return `iptables takes it for a plain argument and refuses the command: Bad argument \`${word}'`;
  const words = places[0].refused && places[0].option !== undefined ? refusalOf(places[0].option, word) : undefined;
  if (words !== undefined) return `iptables refuses it: ${words}`;
  if (places[0].refused) return 'iptables compares letter by letter and refuses the word';
  return 'iptables accepts it, and what has this name cannot be typed again';
}
