/** `&gt;`, `&amp;&amp;`: the source of a page was copied, not what it shows. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';
import { problemOfPlaces, type CharacterContext } from './character-problem.js';
import { listed, quoted } from './problem.js';

/** The finding for the entities of one command. */
export function htmlEntityProblem(source: Source, context: CharacterContext): Problem {
  const { places } = context;
  const entities = places.map(({ place }) => source.text.slice(place.start, place.end));
  const first = entities[0] ?? '';
  const { place } = places[0];
  const count = places.length;
  const name = first.slice(1, -1).replace(/^amp;/, '');
  return problemOfPlaces(source, 'html-entity', context, {
    message:
      count === 1 ? `${quoted(first)} is HTML for ${quoted(place.text === '' ? first : place.text)}` : `${listed(entities)} are HTML, not shell`,
    here: place.text === '' ? place.name : `HTML for \`${place.text}\``,
    notes: [
      {
        kind: 'why',
        text:
          context.program === 'iptables-restore'
            ? 'iptables-restore takes it as it is written and refuses the line'
            : place.quoted
              ? 'inside of quotes it stays as it is written'
              : entities[1] !== undefined && first === '&amp;' && entities[1] === '&amp;'
                ? "the shell ends the command at the first `&` and stops at the second: syntax error near unexpected token `;&'"
                : `the shell starts what stands before the \`&\` in the background and runs the rest as commands of their own${name.startsWith('#') ? '' : `: bash: ${name}: command not found`}`,
      },
      { kind: 'do', text: count === 1 ? `write ${quoted(place.text)}` : 'write the characters themselves' },
    ],
    title: count === 1 && place.text.trim() !== '' ? `write ${quoted(place.text)}` : 'write the characters themselves',
  });
}
