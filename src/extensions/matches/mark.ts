/** `-m mark`: the packet mark that MARK, CONNMARK or a program set. */

import { binary, compare, hex, match, meta } from '../../nft/build.js';
import { defineMatch, exact, value, type ValueType } from '../define.js';
import { ALL_BITS, hexText, markAndMask, without, type MarkAndMask } from '../values/mark.js';

const read = markAndMask({ extension: 'mark', option: 'mark' });

/** Bits outside the mask are compared with bits that are always 0, so they can never be there. */
const wantedMark: ValueType<MarkAndMask> = {
  name: read.name,
  read: (text, context) => {
    const result = read.read(text, context);
    if (result.kind !== 'read') return result;
    const lost = without(result.value.value, result.value.mask);
    if (lost === 0) return result;
    return {
      ...result,
      changed: {
        check: 'contradictory-match',
        message: `the bits ${hexText(lost)} are not in the mask ${hexText(result.value.mask)}: no mark is like that`,
        becomes: printMark(result.value),
      },
    };
  },
  print: printMark,
};

function printMark({ value: mark, mask }: MarkAndMask): string {
  return mask === ALL_BITS ? hexText(mark) : `${hexText(mark)}/${hexText(mask)}`;
}

export default defineMatch({
  name: 'mark',
  summary: 'packet mark, or some of its bits',
  families: ['ip', 'ip6'],
  options: { mark: value(wantedMark, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['mark'], says: 'mark: option "--mark" must be specified' }],
  toNft: ({ mark }) => {
    if (mark === undefined) return exact([]);
    const { negated } = mark;
    const { value: wanted, mask } = mark.value;
    const possible = without(wanted, mask) === 0;
    if (!possible || mask === 0) {
      if (possible !== negated) return exact([]);
      return { kind: 'never', why: possible ? 'no mark differs in no bit' : `the bits ${hexText(without(wanted, mask))} are not in the mask` };
    }
    if (mask === ALL_BITS) return exact([match(meta('mark'), hex(wanted), negated)]);
    return exact([compare(binary(meta('mark'), '&', hex(mask)), negated ? '!=' : '==', hex(wanted))]);
  },
});
