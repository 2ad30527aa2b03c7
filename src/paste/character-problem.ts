/** What the findings for single characters have in common: their places, the words they stand in, and whether fixing them is safe. */

import type { Note, Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source, type Span } from '../text/source.js';
import type { PasteCheck, Place, Repair } from './command.js';
import { problemOf } from './problem.js';

/** One damaged place with what surrounds it. */
export interface PlaceInCommand {
  readonly place: Place;
  /** The option whose argument it stands in, by name. */
  readonly option: string | undefined;
  /** iptables (or the shell) refuses the command because of it. */
  readonly refused: boolean;
  /** The word as it is meant; empty between words. */
  readonly repaired: string;
}

/** Damage of one kind in one command. */
export interface CharacterContext {
  readonly places: readonly [PlaceInCommand, ...PlaceInCommand[]];
  /** The words of the source the places stand in, as the shell would cut them, each once. */
  readonly words: readonly string[];
  /** Who would be given the command: `iptables`, `iptables-restore`, `nft`, `ipset`, or `the shell` for an assignment. */
  readonly program: string;
  /** What iptables has loaded stays the same, or the command was refused as it stands. */
  readonly safe: boolean;
}

/** The repair a place asks for. */
export function repairOf(place: Place): Repair {
  return { check: place.check, start: place.start, end: place.end, text: place.text };
}

/** A finding with a label on every further place. */
export function problemOfPlaces(
  source: Source,
  check: PasteCheck,
  context: CharacterContext,
  wording: { readonly message: string; readonly here: string; readonly notes: readonly Note[]; readonly title: string; readonly at?: Span },
): Problem {
  const [first, ...rest] = context.places;
  return problemOf(source, check, [repairOf(first.place), ...rest.map(({ place }) => repairOf(place))], {
    ...wording,
    again: '',
    labels: rest.map(({ place }) => ({ span: spanOf(source, place.start, place.end), text: place.name })),
    applicability: context.safe ? 'safe' : 'unsafe',
  });
}

/** Why damage matters to a program other than iptables. */
export function characterWording(program: string): string {
  if (program === 'the shell') return 'the value is used in an iptables command, which is refused or does something else';
  return `${program} knows only plain ASCII here and refuses the command`;
}
