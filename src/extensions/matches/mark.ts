/** `-m mark`: the packet mark that MARK, CONNMARK or a program set. */

import { meta } from '../../nft/build.js';
import { defineMatch, exact, value } from '../define.js';
import { apartFrom, hexText, markTest, wantedMark, without } from '../values/mark.js';

export default defineMatch({
  name: 'mark',
  summary: 'packet mark, or some of its bits',
  families: ['ip', 'ip6'],
  options: { mark: value(wantedMark({ extension: 'mark', option: 'mark' }), { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['mark'], says: 'mark: option "--mark" must be specified' }],
  toNft: ({ mark }, { keptMark }) => {
    if (mark === undefined) return exact([]);
    const { negated } = mark;
    const { value: wanted, mask } = mark.value;
    const possible = without(wanted, mask) === 0;
    if (!possible || mask === 0) {
      if (possible !== negated) return exact([]);
      return { kind: 'never', why: possible ? 'no mark differs in no bit' : `the bits ${hexText(without(wanted, mask))} are not in the mask` };
    }
    return exact([markTest(meta('mark'), apartFrom(keptMark, mark.value), negated)]);
  },
});
