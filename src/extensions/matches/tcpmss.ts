/** `-m tcpmss`: the maximum segment size option of TCP packets. */

import { match, number, range, symbol } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { defineMatch, exact, value, type ValueResult, type ValueType } from '../define.js';
import { numberRange, type NumberRange } from '../values/number-range.js';

const LARGEST = 65535;
/** Bytes of the option, its kind and this length included. (RFC 9293, section 3.2) */
const OPTION_LENGTH = 4;
const read = numberRange({ name: 'segment size', most: LARGEST, extension: 'tcpmss', option: 'mss' });

/** (iptables: extensions/libxt_tcpmss.c, tcpmss_mt_parse) */
const segmentSizes: ValueType<NumberRange> = {
  ...read,
  read: (text, context): ValueResult<NumberRange> => {
    const result = read.read(text, context);
    if (result.kind !== 'read' || result.value.from <= result.value.to) return result;
    const turned = `${String(result.value.to)}:${String(result.value.from)}`;
    return {
      kind: 'refused',
      by: 'iptables',
      message: `the range \`${text}\` ends before it begins`,
      says: 'tcpmss: invalid range given',
      repair: { text: turned, title: `write ${turned}`, applicability: 'unsafe' },
    };
  },
};

export default defineMatch({
  name: 'tcpmss',
  summary: 'maximum segment size option of TCP packets',
  families: ['ip', 'ip6'],
  protocols: [6],
  options: { mss: value(segmentSizes, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['mss'], says: 'tcpmss: option "--mss" must be specified' }],
  toNft: ({ mss }) => {
    if (mss === undefined) return exact([]);
    const { from, to } = mss.value;
    const size: Expr = { kind: 'tcpOption', name: 'maxseg', field: 'size' };
    const length: Expr = { kind: 'tcpOption', name: 'maxseg', field: 'length' };
    const sizes = from === to ? number(from) : range(number(from), number(to));
    if (!mss.negated) return exact([match(length, number(OPTION_LENGTH)), match(size, sizes)]);
    // Packets without the option pass `!` as well, and those where it is none for its length. (kernel: net/netfilter/xt_tcpmss.c, tcpmss_mt)
    const others = [[match({ kind: 'tcpOption', name: 'maxseg' }, symbol('missing'))], [match(length, number(OPTION_LENGTH), true)]];
    if (from === 0 && to === LARGEST) return exact([{ kind: 'anyOf', alternatives: others }]);
    return exact([{ kind: 'anyOf', alternatives: [...others, [match(length, number(OPTION_LENGTH)), match(size, sizes, true)]] }]);
  },
});
