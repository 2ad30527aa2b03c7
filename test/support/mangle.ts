/** Makes bad inputs of good ones: flipped bytes, cut and joined lines, words of firewalls in any order, and the damage of web pages. */

import { VOCABULARY } from './words.js';

/** A text with one to four kinds of damage. */
export function mangle(text: string, random: () => number): string {
  const below = (limit: number): number => Math.floor(random() * limit);
  const word = (): string => VOCABULARY[below(VOCABULARY.length)] ?? '';
  let mangled = text;
  for (let round = 1 + below(4); round > 0; round -= 1) {
    const at = below(mangled.length + 1);
    switch (below(9)) {
      case 0: {
        const bytes = Buffer.from(mangled, 'utf8');
        for (let flips = 1 + below(8); flips > 0 && bytes.length > 0; flips -= 1) bytes[below(bytes.length)] = below(256);
        mangled = bytes.toString('utf8');
        break;
      }
      case 1:
        mangled = mangled.slice(0, at) + mangled.slice(at + below(40));
        break;
      case 2:
        mangled = `${mangled.slice(0, at)} ${word()} ${mangled.slice(at)}`;
        break;
      case 3:
        mangled = mangled.replace(/\n/g, () => (random() < 0.3 ? ' ' : '\n'));
        break;
      case 4:
        mangled = mangled.replace(/ /g, () => (random() < 0.05 ? '\n' : random() < 0.05 ? '\u00a0' : ' '));
        break;
      case 5:
        mangled = mangled.slice(0, at);
        break;
      case 6:
        mangled = mangled.replace(/-/g, () => (random() < 0.1 ? '–' : '-'));
        break;
      case 7:
        mangled =
          mangled.slice(0, at) +
          ['"', "'", '\\', '`', '$(', '${', '<<EOF\n', '!', '#', ';', '|', '&gt;', '{', ')', '\r', '\0'][below(16)] +
          mangled.slice(at);
        break;
      default:
        mangled = Array.from({ length: below(30) }, word).join(' ') + '\n' + mangled;
    }
  }
  return mangled;
}
