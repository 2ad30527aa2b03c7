/** `-m tos`: the type-of-service byte (IPv4) or traffic class (IPv6), or some of its bits. */

import { binary, compare, hex, match, payload } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { defineMatch, exact, value, type ValueType } from '../define.js';
import { printTosBits, tosBits, type TosBits } from '../values/type-of-service.js';

/** The bits of DSCP in the byte. (RFC 2474) */
const DSCP_BITS = 0xfc;

/** Bits outside the mask are compared with bits that are always 0. (kernel: net/netfilter/xt_dscp.c, tos_mt) */
const wantedBits: ValueType<TosBits> = {
  ...tosBits,
  read: (text, context) => {
    const result = tosBits.read(text, context);
    if (result.kind !== 'read') return result;
    const { value: bits, mask } = result.value;
    if ((bits & ~mask) === 0) return result;
    return {
      ...result,
      changed: {
        check: 'contradictory-match',
        message: `the bits 0x${(bits & ~mask).toString(16)} are not in the mask 0x${mask.toString(16)}: no packet is like that`,
        becomes: printTosBits(result.value),
      },
    };
  },
};

export default defineMatch({
  name: 'tos',
  summary: 'type of service (IPv4) or traffic class (IPv6), or some of its bits',
  families: ['ip', 'ip6'],
  options: { tos: value(wantedBits, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['tos'], says: 'tos: option "--tos" must be specified' }],
  toNft: ({ tos }, { family }) => {
    if (tos === undefined) return exact([]);
    const { negated } = tos;
    const { value: bits, mask } = tos.value;
    const possible = (bits & ~mask) === 0;
    if (!possible || mask === 0) {
      if (possible !== negated) return exact([]);
      return { kind: 'never', why: possible ? 'no packet differs in no bit' : 'bits are to be set that are not in the mask' };
    }
    if (mask === DSCP_BITS) return exact([match(payload(family, 'dscp'), hex(bits >> 2), negated)]);
    if (mask === 0xff && !negated) return exact([match(payload(family, 'dscp'), hex(bits >> 2)), match(payload(family, 'ecn'), hex(bits & 3))]);
    // The second byte of an IPv4 header; in IPv6 its bits lie across the first two, which nft only compares rightly as whole bytes. (RFC 791, RFC 8200)
    if (family === 'ip6') {
      const twoBytes: Expr = { kind: 'rawPayload', base: 'nh', offset: 0, length: 16 };
      return exact([compare(binary(twoBytes, '&', hex(mask << 4)), negated ? '!=' : '==', hex(bits << 4))]);
    }
    const byte: Expr = { kind: 'rawPayload', base: 'nh', offset: 8, length: 8 };
    return exact([compare(mask === 0xff ? byte : binary(byte, '&', hex(mask)), negated ? '!=' : '==', hex(bits))]);
  },
});
