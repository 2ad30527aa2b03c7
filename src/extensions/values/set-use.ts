/** `NAME src,dst`: a set and which end of the packet goes into each of its dimensions. */

import { byteLength } from '../../text/bytes.js';
import type { SetUse, ValueResult, ValueType } from '../define.js';
import { shown } from './number.js';

/** (kernel: include/uapi/linux/netfilter/ipset/ip_set.h: IPSET_MAXNAMELEN is 32 with the closing NUL, IPSET_DIM_MAX is 6) */
const NAME_LIMIT = 31;
const MOST_DIMENSIONS = 6;

/** `NAME src,dst`. (iptables: extensions/libxt_set.h, get_set_byname and parse_dirs) */
export const setUse: ValueType<SetUse> = {
  name: 'set and directions',
  read: (text): ValueResult<SetUse> => {
    const blank = text.indexOf(' ');
    const set = blank === -1 ? text : text.slice(0, blank);
    const ends = (blank === -1 ? '' : text.slice(blank + 1)).split(',');
    if (byteLength(set) > NAME_LIMIT)
      return {
        kind: 'refused',
        by: 'iptables',
        message: `the name of a set has at most ${String(NAME_LIMIT)} characters`,
        says: `setname \`${set}' too long, max ${String(NAME_LIMIT)} characters.`,
      };
    const bad = ends.find((end) => end !== 'src' && end !== 'dst');
    if (ends.length > MOST_DIMENSIONS)
      return {
        kind: 'refused',
        by: 'iptables',
        message: `a set has at most ${String(MOST_DIMENSIONS)} dimensions`,
        says: `Can't be more src/dst options than ${String(MOST_DIMENSIONS)}.`,
      };
    if (bad !== undefined)
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(bad)} is neither \`src\` nor \`dst\``,
        // The words, slip included, are iptables' own.
        says: "You must spefify (the comma separated list of) 'src' or 'dst'.",
        do: 'write one `src` or `dst` for each dimension of the set, with commas and no blanks between',
      };
    return { kind: 'read', value: { set, ends: ends as readonly ('src' | 'dst')[] } };
  },
  print: ({ set, ends }) => `${set} ${ends.join(',')}`,
};

/** What is said of a set that the input does not define. */
export function missingSet(set: string): string {
  return `the ipset \`${set}\` is not part of the input, and what is in it decides what the rule does`;
}

/** What to do about it. */
export const GIVE_SETS = 'give its definition as well: `ipset save > ipsets.conf`, and `fwlint translate rules ipsets.conf`';
