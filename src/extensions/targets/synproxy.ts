/** `-j SYNPROXY`: answers SYNs itself, and lets only connections through whose client answers back. */

import { binary, compare, payload, setOf, symbol } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineTarget, flag, unsupported, value, type ValueResult, type ValueType } from '../define.js';
import { wholeNumber } from '../values/number.js';

/** iptables reads 32 bits and keeps the lowest of them. */
function narrow(name: string, option: string, bits: number): ValueType<number> {
  const wide = wholeNumber(name, 0, 0xffffffff, { extension: 'SYNPROXY', option });
  return {
    ...wide,
    read: (text, context): ValueResult<number> => {
      const result = wide.read(text, context);
      if (result.kind !== 'read') return result;
      const kept = result.value % 2 ** bits;
      if (kept === result.value) return result;
      return {
        kind: 'read',
        value: kept,
        changed: {
          check: 'invalid-value',
          message: `\`${text}\` does not fit into ${String(bits)} bits: the kernel gets ${String(kept)}`,
          becomes: String(kept),
        },
      };
    },
  };
}

/** The largest window scale a TCP knows. (RFC 7323, 2.3) */
const MOST_SCALE = 14;

/**
 * The packets iptables proxies: SYN or ACK alone. nft would take any with SYN or ACK among other flags, too, and drop most of them.
 * (kernel: net/ipv4/netfilter/ipt_SYNPROXY.c, synproxy_tg4; net/netfilter/nft_synproxy.c, nft_synproxy_eval_v4)
 */
const OPENING: Statement = compare(
  binary(
    payload('tcp', 'flags'),
    '&',
    ['fin', 'syn', 'rst', 'ack'].map(symbol).reduce((all, name) => binary(all, '|', name)),
  ),
  '==',
  setOf([symbol('syn'), symbol('ack')]),
);

/** What iptables checks before it looks at the flags. */
const BROKEN = 'of packets that are neither (RST, FIN …) iptables drops those with a wrong checksum or a header cut short, and nft lets them go on';

export default defineTarget({
  name: 'SYNPROXY',
  summary: 'answers SYNs itself and lets only answered connections through',
  families: ['ip', 'ip6'],
  // Packets that are neither a SYN nor the ACK of one go on.
  flow: 'continues',
  protocols: [6],
  hooks: ['INPUT', 'FORWARD'],
  options: {
    'sack-perm': flag(),
    timestamp: flag(),
    wscale: value(narrow('window scale', 'wscale', 8)),
    mss: value(narrow('segment size', 'mss', 16)),
    ecn: flag(),
  },
  toNft: (given, { family }) => {
    if (family === 'ip6')
      return unsupported(
        'the synproxy of nft checks the IPv4 checksum of IPv6 packets, and drops every SYN the network card has not verified (kernel: nft_synproxy.c)',
        'rely on SYN cookies: sysctl net.ipv4.tcp_syncookies=1 covers IPv6, too',
      );
    const scale = given.wscale?.value;
    if (scale !== undefined && scale > MOST_SCALE)
      return unsupported(
        `a window scale of ${String(scale)} is none: TCP knows 0 to ${String(MOST_SCALE)}, and nft refuses it`,
        'write the scale of the server behind',
      );
    const options = [
      ...(given.timestamp === undefined ? [] : (['timestamp'] as const)),
      ...(given['sack-perm'] === undefined ? [] : (['sack-perm'] as const)),
    ];
    const statement: Statement = {
      kind: 'synproxy',
      ...(given.mss === undefined ? {} : { mss: given.mss.value }),
      ...(scale === undefined ? {} : { wscale: scale }),
      ...(options.length === 0 ? {} : { flags: options }),
    };
    const withoutEcn = given.ecn === undefined ? '' : '; nft has no `--ecn`: connections through the proxy do without congestion notification';
    return { kind: 'approximate', items: [OPENING, statement], differs: BROKEN + withoutEcn };
  },
});
