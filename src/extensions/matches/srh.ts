/** `-m srh`: the segment routing header of IPv6 packets. */

import { formatIp6 } from '../../net/address.js';
import { binary, compare, match, number, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { defineMatch, exact, unsupported, value, type Given, type GivenOf, type Lowering } from '../define.js';
import { wholeNumber } from '../values/number.js';
import { segmentNetwork, type SegmentNetwork } from '../values/segment-network.js';

const byte = (option: string) => value(wholeNumber('number', 0, 255, { extension: 'srh', option }), { invertible: true });
const segment = (option: string) => value(segmentNetwork(option), { invertible: true });

const options = {
  'srh-next-hdr': byte('srh-next-hdr'),
  'srh-hdr-len-eq': byte('srh-hdr-len-eq'),
  'srh-hdr-len-gt': byte('srh-hdr-len-gt'),
  'srh-hdr-len-lt': byte('srh-hdr-len-lt'),
  'srh-segs-left-eq': byte('srh-segs-left-eq'),
  'srh-segs-left-gt': byte('srh-segs-left-gt'),
  'srh-segs-left-lt': byte('srh-segs-left-lt'),
  'srh-last-entry-eq': byte('srh-last-entry-eq'),
  'srh-last-entry-gt': byte('srh-last-entry-gt'),
  'srh-last-entry-lt': byte('srh-last-entry-lt'),
  'srh-tag': value(wholeNumber('tag', 0, 0xffff, { extension: 'srh', option: 'srh-tag' }), { invertible: true }),
  'srh-psid': segment('srh-psid'),
  'srh-nsid': segment('srh-nsid'),
  'srh-lsid': segment('srh-lsid'),
};

type SrhGiven = GivenOf<typeof options>;

/** The type of a routing header that makes it a segment routing header. (RFC 8754, section 2) */
const TYPE = 4;

const NUMBERS = ['srh-hdr-len', 'srh-segs-left', 'srh-last-entry'] as const;
type NumberName = (typeof NUMBERS)[number];
const COMPARISONS = [
  ['eq', '==', '!='],
  ['gt', '>', '<='],
  ['lt', '<', '>='],
] as const;

const routing = (field: string): Expr => ({ kind: 'exthdr', header: 'rt', field });
const segments = (field: string): Expr => ({ kind: 'exthdr', header: 'srh', field });
const FIELDS: Readonly<Record<NumberName, Expr>> = {
  'srh-hdr-len': routing('hdrlength'),
  'srh-segs-left': routing('seg-left'),
  'srh-last-entry': segments('last-entry'),
};

/** The one number that a field is compared with: iptables keeps one for all three comparisons, the last one given. (iptables: extensions/libip6t_srh.c) */
function keptNumber(given: SrhGiven, name: NumberName): number | undefined {
  const all = COMPARISONS.map(([suffix]) => given[`${name}-${suffix}`]).filter((one): one is Given<number> => one !== undefined);
  return all.sort((left, right) => left.word - right.word).at(-1)?.value;
}

/** The comparisons of one field, or `never`; a field of a byte is at most 255. */
function numberTests(given: SrhGiven, name: NumberName): readonly Statement[] | 'never' {
  const kept = keptNumber(given, name) ?? 0;
  const tests: Statement[] = [];
  for (const [suffix, operator, inverse] of COMPARISONS) {
    const one = given[`${name}-${suffix}`];
    if (one === undefined) continue;
    const impossible = (operator === '>' && kept === 255) || (operator === '<' && kept === 0);
    if (impossible && !one.negated) return 'never';
    if (!impossible)
      tests.push(
        operator === '==' ? match(FIELDS[name], number(kept), one.negated) : compare(FIELDS[name], one.negated ? inverse : operator, number(kept)),
      );
  }
  return tests;
}

/** The tag that iptables looks for: the number as the machine stores it. (kernel: net/ipv6/netfilter/ip6t_srh.c compares without ntohs; measured) */
const asCompared = (tag: number): number => ((tag & 0xff) << 8) | (tag >> 8);
const TURNED_TAG = 'iptables looks for the tag with its two bytes turned round, as this does, except on big-endian machines';

/** That the packet has as many segments left as it can: nft cannot compare two fields. */
function wellFormed(given: SrhGiven): { readonly tests: readonly Statement[]; readonly differs?: string } {
  const left = given['srh-segs-left-eq'];
  const last = given['srh-last-entry-eq'];
  if (left?.negated === false) return { tests: [compare(FIELDS['srh-last-entry'], '>=', number(keptNumber(given, 'srh-segs-left') ?? 0))] };
  if (last?.negated === false) return { tests: [compare(FIELDS['srh-segs-left'], '<=', number(keptNumber(given, 'srh-last-entry') ?? 0))] };
  return { tests: [], differs: 'packets that claim more segments left than they have are judged like others, iptables passes them by' };
}

/** The last segment, which is the first in the header; `never` if it is to be outside of ::/0. */
function segmentTest({ value: { address, mask }, negated }: Given<SegmentNetwork>): Statement | 'never' {
  const field = segments('sid[1]');
  // That there is a segment at all.
  if (mask === 0n) return negated ? 'never' : compare(field, '>=', symbol('::'));
  if (mask === ALL_ONES) return match(field, symbol(formatIp6(address)), negated);
  return compare(binary(field, '&', symbol(formatIp6(mask))), negated ? '!=' : '==', symbol(formatIp6(address & mask)));
}

const ALL_ONES = (1n << 128n) - 1n;

/** (kernel: net/ipv6/netfilter/ip6t_srh.c, srh1_mt6) */
function lower(given: SrhGiven): Lowering {
  if (given['srh-psid'] !== undefined || given['srh-nsid'] !== undefined)
    return unsupported(
      'nft has no expression for the segment before or after the active one',
      'the active segment is `-d`, the last one `--srh-lsid`',
    );
  const tests: Statement[] = [match(routing('type'), number(TYPE))];
  const next = given['srh-next-hdr'];
  if (next !== undefined) tests.push(match(routing('nexthdr'), number(next.value), next.negated));
  for (const name of NUMBERS) {
    const compared = numberTests(given, name);
    if (compared === 'never') return { kind: 'never', why: `no \`--${name}\` is like that` };
    tests.push(...compared);
  }
  const tag = given['srh-tag'];
  if (tag !== undefined) tests.push(match(segments('tag'), number(asCompared(tag.value)), tag.negated));
  const lsid = given['srh-lsid'];
  if (lsid !== undefined) {
    const test = segmentTest(lsid);
    if (test === 'never') return { kind: 'never', why: 'no address is outside of ::/0' };
    tests.push(test);
  }
  const { tests: others, differs } = wellFormed(given);
  const items = [...tests, ...others];
  const turned = tag !== undefined && asCompared(tag.value) !== tag.value ? TURNED_TAG : undefined;
  const all = [differs, turned].filter((one) => one !== undefined);
  return all.length === 0 ? exact(items) : { kind: 'approximate', items, differs: all.join('; ') };
}

export default defineMatch({
  name: 'srh',
  summary: 'segment routing header of IPv6 packets',
  families: ['ip6'],
  options,
  print: (given, family) =>
    (Object.keys(options) as (keyof typeof options)[]).flatMap((name) => {
      const one = given[name];
      if (one === undefined) return [];
      const shared = NUMBERS.find((field) => name.startsWith(field));
      const word =
        shared !== undefined
          ? String(keptNumber(given, shared))
          : typeof one.value === 'number'
            ? String(one.value)
            : segmentNetwork(name).print(one.value, family);
      return [...(one.negated ? ['!'] : []), `--${name}`, word];
    }),
  toNft: lower,
});
