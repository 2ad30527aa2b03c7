/** `--comment “allow ssh”`: typographic quotes, which group nothing. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import { problemOfPlaces, type CharacterContext } from './character-problem.js';
import { quoted, withArticle, wordAround } from './problem.js';
import { refusalOf } from './tool-words.js';

/** The finding for the quotes of one command. */
export function smartQuoteProblem(source: Source, context: CharacterContext): Problem {
  const { places, program } = context;
  const first = places[0].place;
  const last = places[places.length - 1]?.place ?? first;
  const stretch = source.text.slice(first.start, last.end);
  const pair = places.length === 2 && !stretch.includes('\n');
  const content = pair ? source.text.slice(first.end, last.start) : '';
  const single = places.length === 1;
  // As the shell cuts it: iptables complains about the second piece.
  const pieces = stretch.split(/[ \t]+/);
  const words =
    places[0].option === undefined || !places[0].refused ? undefined : refusalOf(places[0].option, wordAround(source, first.start, first.end));
  return problemOfPlaces(source, 'smart-quote', context, {
    message: pair
      ? `${quoted(stretch)} stands in typographic quotes, which are no quotes to the shell`
      : single
        ? `${withArticle(first.name)} stands where a plain quote or nothing is meant`
        : `${String(places.length)} quotes of this command are typographic, which are no quotes to the shell`,
    here: first.name,
    notes: [
      {
        kind: 'why',
        text: content.includes("'")
          ? "the shell knows only the `'` in it and looks for another: unexpected EOF while looking for matching `''"
          : context.places.some(({ place }) => place.runsOn === true)
            ? 'the shell knows only the plain one and reads on to the next, in some later line: all between is one word'
            : pair && pieces.length > 1 && context.safe
              ? `${program} gets ${String(pieces.length)} words instead of one: Bad argument \`${pieces[1] ?? ''}'`
              : context.safe
                ? `the quotes become part of the word, which is refused${words === undefined ? '' : `: ${words}`}`
                : 'the quotes become part of the text, and iptables stores them with it',
      },
      {
        kind: 'do',
        text: first.text === '' && single ? 'delete it' : `write ${pair ? quoted(`${first.text}${content}${last.text}`) : 'plain quotes'}`,
      },
    ],
    title: first.text === '' && single ? 'delete the stray quote' : 'write plain quotes',
    ...(pair ? { at: spanOf(source, first.start, last.end) } : {}),
  });
}
