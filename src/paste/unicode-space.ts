/** `-A INPUT⍽-p tcp` with a no-break space: it looks like a blank and separates nothing. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';
import { characterWording, problemOfPlaces, type CharacterContext } from './character-problem.js';
import { listed, withArticle } from './problem.js';
import { refusalOf } from './tool-words.js';

/** The finding for the spaces of one command. */
export function unicodeSpaceProblem(source: Source, context: CharacterContext): Problem {
  const { places, words: around, program } = context;
  const count = places.length;
  const { name } = places[0].place;
  const seen = around.filter((word) => /\S\s\S/.test(word));
  const word = seen[0];
  const { option } = places[0];
  const words =
    word !== undefined && places[0].refused && option !== undefined && /^(?:p|protocol|j|jump|s|d|dport|sport)$/.test(option)
      ? refusalOf(option, word)
      : undefined;
  return problemOfPlaces(source, 'unicode-space', context, {
    message:
      count === 1
        ? `${withArticle(name)} stands where a blank is meant`
        : `${String(count)} spaces of this command are no blanks: ${name} and the like`.replace(
            / and the like$/,
            places.every(({ place }) => place.name === name) ? '' : ' and others',
          ),
    here: name,
    notes: [
      {
        kind: 'why',
        text:
          program !== 'iptables' && program !== 'iptables-restore'
            ? characterWording(program)
            : word === undefined
              ? 'it looks like a blank, but becomes part of a word'
              : `it looks like a blank, but ${program} gets ${listed(seen)} as one word${context.safe ? ' and refuses the command' : ''}${words === undefined ? '' : `: ${words}`}`,
      },
      { kind: 'do', text: 'write plain blanks' },
    ],
    title: count === 1 ? 'write a plain blank' : 'write plain blanks',
  });
}
