/** `-j ECN`: clears or sets the bits of explicit congestion notification. */

import { binary, compare, hex, jump, number, payload, returnToCaller } from '../../nft/build.js';
import type { NftChain, NftRule, Statement } from '../../nft/ir.js';
import { compareVersions, defineTarget, exact, flag, value, type GivenOf, type Lowering, type NftContext } from '../define.js';
import { wholeNumber } from '../values/number.js';

const bit = (option: string) => value(wholeNumber('number', 0, 1, { extension: 'ECN', option }));

const options = {
  'ecn-tcp-remove': flag(),
  'ecn-tcp-ece': bit('ecn-tcp-ece'),
  'ecn-tcp-cwr': bit('ecn-tcp-cwr'),
  'ecn-ip-ect': value(wholeNumber('number', 0, 3, { extension: 'ECN', option: 'ecn-ip-ect' })),
};

/** (RFC 3168, 6.1) */
const ECE = 0x40;
const CWR = 0x80;
const ALL_FLAGS = 0xff;

/** The flags that are written, and what they become; both 0 when none is. */
function tcpFlags(given: GivenOf<typeof options>): { readonly mask: number; readonly value: number } {
  if (given['ecn-tcp-remove'] !== undefined) return { mask: ECE | CWR, value: 0 };
  let mask = 0;
  let wanted = 0;
  for (const [use, flagBit] of [
    [given['ecn-tcp-ece'], ECE],
    [given['ecn-tcp-cwr'], CWR],
  ] as const) {
    if (use === undefined) continue;
    mask |= flagBit;
    if (use.value === 1) wanted |= flagBit;
  }
  return { mask, value: wanted };
}

/** The smallest nft known to compute with the TCP flags; older ones refuse any but constants. */
const COMPUTES_FLAGS = '1.1.3';

const field = payload('tcp', 'flags');

function lowerFlags(mask: number, wanted: number, before: readonly Statement[], context: NftContext): Lowering {
  const done = compare(binary(field, '&', hex(mask)), '==', hex(wanted));
  const kept = ALL_FLAGS & ~mask;
  if (compareVersions(context.target.nft ?? '0', COMPUTES_FLAGS) >= 0) {
    const cleared = wanted === mask ? field : binary(field, '&', hex(kept));
    const changed = wanted === 0 ? cleared : binary(cleared, '|', hex(wanted));
    return exact([...before, { kind: 'assign', to: field, value: changed }]);
  }
  const key = `ecn flags ${String(mask)} ${String(wanted)}`;
  const shared = context.shared?.get(key) as string | undefined;
  if (shared !== undefined) return exact([...before, jump(shared)]);
  const name = context.freeName('set_ecn_flags');
  context.shared?.set(key, name);
  const rules: NftRule[] = [{ statements: [done, returnToCaller] }];
  for (let flags = 0; flags <= ALL_FLAGS; flags += 1) {
    if ((flags & mask) !== 0) continue;
    rules.push({
      statements: [
        compare(binary(field, '&', hex(kept)), '==', hex(flags)),
        { kind: 'assign', to: field, value: hex(flags | wanted) },
        returnToCaller,
      ],
    });
  }
  const chain: NftChain = { name, rules };
  return exact([...before, jump(name)], { chains: [chain] });
}

export default defineTarget({
  name: 'ECN',
  summary: 'clears or sets the bits of explicit congestion notification',
  families: ['ip'],
  flow: 'continues',
  tables: ['mangle'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['ecn-tcp-remove', 'ecn-tcp-ece', 'ecn-tcp-cwr', 'ecn-ip-ect'], says: 'ECN target: An operation is required' },
    { kind: 'excludes', option: 'ecn-tcp-remove', others: ['ecn-tcp-cwr', 'ecn-tcp-ece'] },
    {
      kind: 'refuses',
      by: 'kernel',
      // kernel: net/ipv4/netfilter/ipt_ECN.c, ecn_tg_check
      when: (given, context) => tcpFlags(given).mask !== 0 && (context.protocol !== 6 || context.protocolNegated === true),
      check: 'protocol-mismatch',
      message: 'the TCP flags of congestion notification need `-p tcp`',
      says: 'ipt_ECN: cannot use operation on non-tcp rule',
      do: 'write `-p tcp` in front',
    },
  ],
  print: (given) => {
    const { mask, value: wanted } = tcpFlags(given);
    const ect = given['ecn-ip-ect'];
    if (mask === (ECE | CWR) && wanted === 0 && ect === undefined) return ['--ecn-tcp-remove'];
    const words: string[] = [];
    if ((mask & ECE) !== 0) words.push('--ecn-tcp-ece', (wanted & ECE) === 0 ? '0' : '1');
    if ((mask & CWR) !== 0) words.push('--ecn-tcp-cwr', (wanted & CWR) === 0 ? '0' : '1');
    if (ect !== undefined) words.push('--ecn-ip-ect', String(ect.value));
    return words;
  },
  toNft: (given, context) => {
    const ect = given['ecn-ip-ect'];
    const before: Statement[] = ect === undefined ? [] : [{ kind: 'assign', to: payload('ip', 'ecn'), value: number(ect.value) }];
    const { mask, value: wanted } = tcpFlags(given);
    return mask === 0 ? exact(before) : lowerFlags(mask, wanted, before, context);
  },
});
