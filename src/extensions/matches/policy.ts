/** `-m policy`: whether IPsec took a packet in, or will send it. */

import type { Network } from '../../net/address.js';
import { compare, hex, match, meta, number, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { matchNetwork } from '../base.js';
import { defineMatch, exact, unsupported, type Given, type LoweredItem, type NftContext } from '../define.js';
import { policyElements, policyOptions, printElement, type PolicyElement } from '../values/ipsec-policy.js';

/** (kernel: include/uapi/linux/netfilter/xt_policy.h, XT_POLICY_MAX_ELEM) */
const MOST_ELEMENTS = 4;

const isEmpty = (element: PolicyElement): boolean => Object.keys(element).length === 0;

/** Addresses are those of a tunnel. (iptables: extensions/libxt_policy.c, policy_check) */
function asksForNoTunnel(element: PolicyElement): boolean {
  if (element['tunnel-src'] === undefined && element['tunnel-dst'] === undefined) return false;
  return element.mode === undefined || (element.mode.value === 'transport') !== element.mode.negated;
}

/** What nft says of one transformation; undefined where it has no word for it. An address is only there in tunnels (and BEET). */
function lowerElement(element: PolicyElement, direction: 'in' | 'out', index: number, { family }: NftContext): readonly Statement[] | undefined {
  if (element.proto !== undefined || (element.mode !== undefined && !hasAddress(element))) return undefined;
  const field = (key: Extract<Expr, { kind: 'ipsec' }>['key']): Expr => ({
    kind: 'ipsec',
    direction,
    ...(index === 0 ? {} : { number: index }),
    key,
    ...(key === 'saddr' || key === 'daddr' ? { family } : {}),
  });
  const address = (key: 'saddr' | 'daddr', use: Given<Network> | undefined): readonly Statement[] =>
    use === undefined ? [] : matchNetwork(field(key), masked(use.value), use.negated);
  return [
    ...(element.reqid === undefined ? [] : [match(field('reqid'), number(element.reqid.value), element.reqid.negated)]),
    ...(element.spi === undefined ? [] : [match(field('spi'), hex(element.spi.value), element.spi.negated)]),
    ...address('saddr', element['tunnel-src']),
    ...address('daddr', element['tunnel-dst']),
  ];
}

const hasAddress = (element: PolicyElement): boolean => element['tunnel-src'] !== undefined || element['tunnel-dst'] !== undefined;

/** Bits behind the prefix do not count; nft refuses them. (kernel: net/netfilter/xt_policy.c, xt_addr_cmp) */
function masked(network: Network): Network {
  if (network.kind === 'ip') return { ...network, address: (network.address & network.mask) >>> 0 };
  return { ...network, address: network.address & network.mask };
}

const NO_WORD = unsupported(
  'nft has no words for the protocol and the mode of a transformation',
  'ask for its number: `--reqid N`, with the same `reqid` in `ip xfrm policy` and `ip xfrm state`',
);

export default defineMatch({
  name: 'policy',
  summary: 'IPsec took the packet in, or will send it',
  families: ['ip', 'ip6'],
  options: policyOptions,
  constraints: [
    { kind: 'atLeastOne', of: ['dir'], says: 'policy match: neither --dir in nor --dir out specified' },
    { kind: 'needs', option: 'next', other: 'strict', says: 'policy: option "--next" also requires "--strict".' },
    {
      kind: 'refuses',
      by: 'iptables',
      when: ({ pol, strict }) => pol?.value === 'none' && strict !== undefined,
      at: 'strict',
      check: 'excluded-option',
      message: '`--pol none` asks for no transformation, and `--strict` says which there are',
      says: 'policy match: policy none but --strict given',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => policyElements(given).twice !== undefined,
      check: 'repeated-option',
      message: 'an option stands twice for one transformation; `--next` begins another',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => policyElements(given).elements.length > MOST_ELEMENTS,
      at: 'next',
      check: 'invalid-value',
      message: `at most ${String(MOST_ELEMENTS)} transformations can be asked for`,
      says: 'policy match: maximum policy depth reached',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given.strict !== undefined && given.pol?.value !== 'none' && policyElements(given).elements.some(isEmpty),
      at: 'strict',
      check: 'missing-required-option',
      message: 'with `--strict` each transformation needs at least one of `--reqid`, `--spi`, `--proto`, `--mode`',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given.pol?.value !== 'none' && policyElements(given).elements.some(asksForNoTunnel),
      check: 'missing-required-option',
      message: '`--tunnel-src` and `--tunnel-dst` need `--mode tunnel`',
      says: 'policy match: --tunnel-src/--tunnel-dst is only valid in tunnel mode',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: ({ dir }, { chain }) => dir?.value === 'out' && (chain === 'PREROUTING' || chain === 'INPUT'),
      at: 'dir',
      check: 'match-not-in-hook',
      message: 'packets in PREROUTING and INPUT have no outgoing policy: `--dir out` cannot be used there',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: ({ dir }, { chain }) => dir?.value === 'in' && (chain === 'OUTPUT' || chain === 'POSTROUTING'),
      at: 'dir',
      check: 'match-not-in-hook',
      message: 'packets in OUTPUT and POSTROUTING have no incoming policy: `--dir in` cannot be used there',
    },
  ],
  print: (given, family) => {
    const words = ['--dir', given.dir?.value ?? '', '--pol', given.pol?.value ?? 'ipsec'];
    if (given.pol?.value === 'none') return words;
    if (given.strict !== undefined) words.push('--strict');
    policyElements(given).elements.forEach((element, index) => words.push(...(index === 0 ? [] : ['--next']), ...printElement(element, family)));
    return words;
  },
  // (kernel: net/netfilter/xt_policy.c, match_policy_in and match_policy_out; nft_meta.c, nft_rt.c, nft_xfrm.c)
  toNft: (given, context) => {
    const direction = given.dir?.value ?? 'in';
    const any: Expr = direction === 'in' ? meta('ipsec') : { kind: 'rt', key: 'ipsec' };
    if (given.pol?.value === 'none') return exact([match(any, symbol('missing'))]);
    const { elements } = policyElements(given);
    if (elements.every(isEmpty)) return exact([match(any, symbol('exists'))]);
    if (elements.length > 1 && direction === 'in')
      return unsupported(
        'the kernel compares several incoming transformations in an order nft does not have',
        'ask for the first one only, without `--strict`',
      );
    const conditions = elements.map((element, index) => lowerElement(element, direction, index, context));
    const items: LoweredItem[] = [];
    for (const statements of conditions) {
      if (statements === undefined) return NO_WORD;
      items.push(...statements);
    }
    const differs: string[] = [];
    if (elements.some(hasAddress)) differs.push('nft also finds the addresses of BEET, which is no tunnel for iptables');
    if (given.strict === undefined) differs.push('iptables looks for a transformation like that among all of the packet, nft looks at the first');
    else
      items.unshift({
        kind: 'unless',
        alternatives: [[compare({ kind: 'ipsec', direction, number: elements.length, key: 'reqid' }, '>=', number(0))]],
      });
    return differs.length === 0 ? exact(items) : { kind: 'approximate', items, differs: differs.join('; ') };
  },
});
