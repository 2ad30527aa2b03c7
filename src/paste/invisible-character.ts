/** Zero-width and control characters, byte order marks, what terminals send: nothing to see, and part of the word. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import { problemOfPlaces, type CharacterContext } from './character-problem.js';
import type { Repair } from './command.js';
import { problemOf, withArticle } from './problem.js';
import { refusalOf } from './tool-words.js';

/** The finding for the invisible characters of one command. */
export function invisibleCharacterProblem(source: Source, context: CharacterContext): Problem {
  const { places, program } = context;
  const { place, repaired, option, refused } = places[0];
  const count = places.length;
  const where = repaired === '' ? '' : ` in \`${repaired.slice(0, 40)}\``;
  const words =
    refused && option !== undefined && repaired !== '' ? refusalOf(option, (context.words[0] ?? '').replace(/^["']|["']$/g, '')) : undefined;
  return problemOfPlaces(source, 'invisible-character', context, {
    message:
      count === 1
        ? `${withArticle(place.name)} hides${where}`
        : `${String(count)} invisible characters hide in this command, the first ${withArticle(place.name)}${where}`,
    here: place.name,
    notes: [
      {
        kind: 'why',
        text: !refused
          ? 'it becomes part of the text or name, which then is not what it seems to be'
          : words !== undefined
            ? `${program} gets it as part of the word and refuses it: ${words}`
            : `it becomes part of the word, which looks right and is refused`,
      },
      { kind: 'do', text: 'delete it' },
    ],
    title: count === 1 ? `delete the ${place.name.replace(/ \(.*$/, '')}` : 'delete the invisible characters',
  });
}

/** The finding for a byte order mark before everything else. */
export function byteOrderMarkProblem(source: Source, kind: 'script' | 'save' | 'ipset'): { readonly problem: Problem; readonly repair: Repair } {
  const repair: Repair = { check: 'invisible-character', start: 0, end: 1, text: '' };
  const firstWord = /^[^\s]{0,40}/.exec(source.text.slice(1, 60))?.[0] ?? '';
  const why =
    kind === 'save'
      ? 'iptables-restore does not know the first line: iptables-restore: line 1 failed'
      : kind === 'ipset'
        ? 'ipset restore does not know the first line'
        : firstWord.startsWith('#')
          ? 'the kernel does not see the `#!` behind it, and the shell takes the first line for a command'
          : `the shell takes it for part of the first word: \uFEFF${firstWord}: command not found`;
  const problem = problemOf(source, 'invisible-character', [repair], {
    message: 'the file begins with a byte order mark (U+FEFF)',
    here: 'byte order mark (U+FEFF)',
    again: '',
    at: spanOf(source, 0, 1),
    notes: [
      { kind: 'why', text: why },
      { kind: 'do', text: 'save the file as UTF-8 without a byte order mark' },
    ],
    title: 'delete the byte order mark',
    applicability: 'safe',
  });
  return { problem, repair };
}
