/** `-m connmark`: the mark of the connection, or some of its bits. */

import { compare, ct, number } from '../../nft/build.js';
import { defineMatch, exact, value } from '../define.js';
import { hexText, markTest, wantedMark, without } from '../values/mark.js';

export default defineMatch({
  name: 'connmark',
  summary: 'mark of the connection, or some of its bits',
  families: ['ip', 'ip6'],
  options: { mark: value(wantedMark({ extension: 'connmark', option: 'mark' }), { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['mark'], says: 'connmark: option "--mark" must be specified' }],
  toNft: ({ mark }) => {
    if (mark === undefined) return exact([]);
    const { negated } = mark;
    const { value: wanted, mask } = mark.value;
    const possible = without(wanted, mask) === 0;
    if (!possible || mask === 0) {
      // Packets without a connection have no mark, with `!` neither. (kernel: net/netfilter/xt_connmark.c, connmark_mt)
      if (possible !== negated) return exact([compare(ct('mark'), '>=', number(0))]);
      return { kind: 'never', why: possible ? 'no mark differs in no bit' : `the bits ${hexText(without(wanted, mask))} are not in the mask` };
    }
    return exact([markTest(ct('mark'), mark.value, negated)]);
  },
});
