/** `-m policy`: whether IPsec took a packet in, or will send it. */

import type { Network } from '../../net/address.js';
import { compare, hex, match, meta, number, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { isEverything, matchNetwork } from '../base.js';
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

/** A field of a transformation. */
type Field = (key: Extract<Expr, { kind: 'ipsec' }>['key'], family?: 'ip' | 'ip6') => Expr;

const fieldsOf =
  (direction: 'in' | 'out', index: number): Field =>
  (key, family) => ({ kind: 'ipsec', direction, ...(index === 0 ? {} : { number: index }), key, ...(family === undefined ? {} : { family }) });

/**
 * The two ways in which a transformation makes a tunnel: only then has it addresses, be they of the packet's family or of the other. BEET has them as well.
 * (kernel: net/netfilter/nft_xfrm.c, xfrm_state_addr_ok)
 */
const tunnels = (field: Field): readonly (readonly Statement[])[] => [
  [compare(field('saddr', 'ip'), '>=', symbol('0.0.0.0'))],
  [compare(field('saddr', 'ip6'), '>=', symbol('::'))],
];

/** Whether a transformation of this mode has addresses; undefined where any mode will do. */
function asksForTunnel({ mode }: PolicyElement): boolean | undefined {
  return mode === undefined ? undefined : (mode.value === 'tunnel') !== mode.negated;
}

/** What nft says of one transformation, that it is there included. Its protocol is nowhere to be read. */
function lowerElement(element: PolicyElement, field: Field, { family }: NftContext): readonly LoweredItem[] {
  const address = (key: 'saddr' | 'daddr', use: Given<Network> | undefined): readonly Statement[] =>
    use === undefined ? [] : matchNetwork(field(key, family), masked(use.value), use.negated);
  const items: LoweredItem[] = [
    ...(element.reqid === undefined ? [] : [match(field('reqid'), number(element.reqid.value), element.reqid.negated)]),
    ...(element.spi === undefined ? [] : [match(field('spi'), hex(element.spi.value), element.spi.negated)]),
    ...address('saddr', element['tunnel-src']),
    ...address('daddr', element['tunnel-dst']),
  ];
  const tunnel = asksForTunnel(element);
  if (tunnel === true && !hasAddress(element)) items.push({ kind: 'anyOf', alternatives: tunnels(field) });
  if (items.length === 0) items.push(isThere(field));
  if (tunnel === false) items.push({ kind: 'unless', alternatives: tunnels(field) });
  return items;
}

const isThere = (field: Field): Statement => compare(field('reqid'), '>=', number(0));

/** What the words of nft for one transformation take in or leave out. */
function differencesOf({ proto, mode }: PolicyElement): readonly string[] {
  return [
    ...(proto === undefined ? [] : ['nft does not see the protocol of a transformation: what was only AH or IPComp matches as well']),
    ...(mode === undefined ? [] : [mode.value === 'tunnel' ? 'nft takes BEET for a tunnel' : 'nft takes the modes of Mobile IPv6 for transport']),
  ];
}

/** Nearly all transformations are by ESP. A rule for others, or for all but ESP, would be another rule if it met those too. */
const asksForRareProtocol = ({ proto }: PolicyElement): boolean => proto !== undefined && (proto.negated || proto.value !== ESP);

const ESP = 50;

const hasAddress = (element: PolicyElement): boolean =>
  [element['tunnel-src'], element['tunnel-dst']].some((use) => use !== undefined && (use.negated || !isEverything(use.value)));

/** Bits behind the prefix do not count; nft refuses them. (kernel: net/netfilter/xt_policy.c, xt_addr_cmp) */
function masked(network: Network): Network {
  if (network.kind === 'ip') return { ...network, address: (network.address & network.mask) >>> 0 };
  return { ...network, address: network.address & network.mask };
}

const NO_WORD = unsupported(
  'nft has no word for the protocol of a transformation',
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
    if (elements.some(asksForRareProtocol)) return NO_WORD;
    const items: LoweredItem[] = [];
    const differs: string[] = [];
    if (given.strict !== undefined) items.push({ kind: 'unless', alternatives: [[isThere(fieldsOf(direction, elements.length))]] });
    else differs.push('iptables looks for a transformation like that among all of the packet, nft looks at the first');
    elements.forEach((element, index) => {
      items.push(...lowerElement(element, fieldsOf(direction, index), context));
      for (const difference of differencesOf(element)) if (!differs.includes(difference)) differs.push(difference);
    });
    return differs.length === 0 ? exact(items) : { kind: 'approximate', items, differs: differs.join('; ') };
  },
});
