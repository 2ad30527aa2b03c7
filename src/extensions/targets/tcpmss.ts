/** `-j TCPMSS`: lowers the maximum segment size that a SYN packet announces. */

import { number } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { defineTarget, flag, value, type GivenOf, type ValueType } from '../define.js';
import { wholeNumber } from '../values/number.js';

const place = { extension: 'TCPMSS', option: 'set-mss' };
/** 65535 less the smallest IP header of the family. (iptables: extensions/libxt_TCPMSS.c, TCPMSS4_opts and TCPMSS6_opts) */
const sizes = { ip: wholeNumber('segment size', 0, 65515, place), ip6: wholeNumber('segment size', 0, 65495, place) };
const segmentSize: ValueType<number> = {
  name: 'segment size',
  read: (text, context) => sizes[context.family].read(text, context),
  print: String,
};

const options = { 'set-mss': value(segmentSize), 'clamp-mss-to-pmtu': flag() };

/** Both options write the same field: the last one counts. */
function clamps(given: GivenOf<typeof options>): boolean {
  return given['clamp-mss-to-pmtu'] !== undefined && given['clamp-mss-to-pmtu'].word > (given['set-mss']?.word ?? -1);
}

export default defineTarget({
  name: 'TCPMSS',
  summary: 'lowers the maximum segment size announced when a TCP connection begins',
  families: ['ip', 'ip6'],
  flow: 'continues',
  protocols: [6],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['set-mss', 'clamp-mss-to-pmtu'], says: 'TCPMSS target: At least one parameter is required' },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, context) => clamps(given) && (context.chain === 'PREROUTING' || context.chain === 'INPUT'),
      at: 'clamp-mss-to-pmtu',
      check: 'target-not-in-hook',
      message: '`--clamp-mss-to-pmtu` works where the way out is known: in FORWARD, OUTPUT and POSTROUTING',
      says: 'xt_TCPMSS: path-MTU clamping only supported in FORWARD, OUTPUT and POSTROUTING hooks',
    },
  ],
  print: (given) => (clamps(given) ? ['--clamp-mss-to-pmtu'] : ['--set-mss', String(given['set-mss']?.value ?? 0)]),
  toNft: (given, { family }) => {
    const size: Expr = clamps(given) ? { kind: 'rt', key: 'mtu' } : number(given['set-mss']?.value ?? 0);
    // (kernel: net/netfilter/xt_TCPMSS.c, tcpmss_mangle_packet; RFC 9293, 3.7.1: what a missing option stands for)
    const taken = family === 'ip' ? 536 : 1220;
    const lower = !clamps(given) && (given['set-mss']?.value ?? 0) < taken;
    return {
      kind: 'approximate',
      items: [{ kind: 'assign', to: { kind: 'tcpOption', name: 'maxseg', field: 'size' }, value: size }],
      differs: lower
        ? `a SYN without an MSS option stays without one, and its sender is taken to receive ${String(taken)} bytes; iptables adds the option with ${String(given['set-mss']?.value ?? 0)}`
        : `a SYN without an MSS option stays without one; iptables adds the option with at most ${String(taken)}, which is what a missing option stands for anyway`,
    };
  },
});
