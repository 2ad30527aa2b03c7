/** `-m iprange`: source or destination in a range of addresses. */

import { match, payload } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineMatch, exact, value } from '../define.js';
import { addressRange, addressRangeExpr } from '../values/address-range.js';

export default defineMatch({
  name: 'iprange',
  summary: 'source or destination in a range of addresses',
  families: ['ip', 'ip6'],
  options: {
    'src-range': value(addressRange({ extension: 'iprange', option: 'src-range' }), { invertible: true }),
    'dst-range': value(addressRange({ extension: 'iprange', option: 'dst-range' }), { invertible: true }),
  },
  constraints: [{ kind: 'atLeastOne', of: ['src-range', 'dst-range'], says: "iprange match: You must specify `--src-range' or `--dst-range'" }],
  toNft: (given, { family }) => {
    const items: Statement[] = [];
    for (const [option, field] of [
      ['src-range', 'saddr'],
      ['dst-range', 'daddr'],
    ] as const) {
      const side = given[option];
      if (side === undefined) continue;
      if (side.value.from <= side.value.to) items.push(match(payload(family, field), addressRangeExpr(side.value), side.negated));
      else if (!side.negated) return { kind: 'never', why: 'the range ends before it begins and holds no address' };
    }
    return exact(items);
  },
});
