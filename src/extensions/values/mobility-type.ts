/** Types of mobility headers, by number or name. */

import type { Changed, ValueResult, ValueType } from '../define.js';
import type { NumberRange } from './number-range.js';
import { leadingNumber, shown } from './number.js';

export const LARGEST_MOBILITY_TYPE = 255;

/** In the order in which a beginning is looked up. (iptables: extensions/libip6t_mh.c, mh_names) */
const NAMES: readonly (readonly [name: string, type: number])[] = [
  ['binding-refresh-request', 0],
  ['brr', 0],
  ['home-test-init', 1],
  ['hoti', 1],
  ['careof-test-init', 2],
  ['coti', 2],
  ['home-test', 3],
  ['hot', 3],
  ['careof-test', 4],
  ['cot', 4],
  ['binding-update', 5],
  ['bu', 5],
  ['binding-acknowledgement', 6],
  ['ba', 6],
  ['binding-error', 7],
  ['be', 7],
];

/** One type; `cut` is the whole name of one that was cut short. */
function readType(text: string): { readonly type: number; readonly cut?: string } | undefined {
  const lower = text.toLowerCase();
  const exactly = NAMES.find(([name]) => name === lower);
  if (exactly !== undefined) return { type: exactly[1] };
  const first = NAMES.find(([name]) => name.startsWith(lower));
  if (first !== undefined) return { type: first[1], cut: first[0] };
  const number = leadingNumber(text, 0, LARGEST_MOBILITY_TYPE);
  return number?.rest === '' ? { type: number.value } : undefined;
}

function printRange({ from, to }: NumberRange): string {
  return from === to ? String(from) : `${String(from)}:${String(to)}`;
}

/** A type or a range with `:`, an end of which may be left open. (iptables: extensions/libip6t_mh.c, parse_mh_types) */
export const mobilityTypes: ValueType<NumberRange> = {
  name: 'mobility type or range of them',
  read: (text): ValueResult<NumberRange> => {
    const colon = text.indexOf(':');
    const ends = colon === -1 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
    const types: number[] = [];
    let changed: Changed | undefined;
    for (const [place, end] of ends.entries()) {
      const read = end === '' && colon !== -1 ? { type: place === 0 ? 0 : LARGEST_MOBILITY_TYPE } : readType(end);
      if (read === undefined)
        return {
          kind: 'refused',
          by: 'iptables',
          message: `${shown(end)} is no mobility type, a name or a number of 0 to ${String(LARGEST_MOBILITY_TYPE)}`,
          says: `Invalid MH type \`${end}'`,
        };
      types.push(read.type);
      if (read.cut !== undefined)
        changed = { check: 'state-abbreviation', message: `iptables takes ${shown(end)} for ${read.cut}`, becomes: String(read.type) };
    }
    const [from = 0, to = from] = types;
    if (from > to)
      return { kind: 'refused', by: 'iptables', message: `the range \`${text}\` ends before it begins`, says: 'Invalid MH type range (min > max)' };
    return { kind: 'read', value: { from, to }, ...(changed === undefined ? {} : { changed }) };
  },
  print: printRange,
};
