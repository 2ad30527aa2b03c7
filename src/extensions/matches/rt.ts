/** `-m rt`: the routing header of IPv6 packets. */

import { formatIp6 } from '../../net/address.js';
import { match, number, range, symbol } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { defineMatch, flag, unsupported, value, type Constraint, type Given } from '../define.js';
import { lowerHeader, type HeaderTest } from '../values/header-tests.js';
import { numberRange, numberTest, printUnlessAll, rangeTest, refusesReversedRange } from '../values/number-range.js';
import { wholeNumber } from '../values/number.js';
import { routingAddresses } from '../values/routing-addresses.js';

const MOST = 0xffffffff;
/** Addresses of a header that nft can name. (nft: src/exthdr.c, exthdr_rt0; measured with 0.9.8 to 1.1.7) */
const NAMED_BY_NFT = 2;

const IN_PLACES = 'ask for the first addresses, in their order: `--rt-0-addrs A,B`';

const options = {
  'rt-type': value(wholeNumber('type', 0, MOST, { extension: 'rt', option: 'rt-type' }), { invertible: true }),
  'rt-segsleft': value(numberRange({ name: 'number of segments', most: MOST, extension: 'rt', option: 'rt-segsleft' }), { invertible: true }),
  'rt-len': value(wholeNumber('length', 0, MOST, { extension: 'rt', option: 'rt-len' }), { invertible: true }),
  'rt-0-res': flag(),
  'rt-0-addrs': value(routingAddresses),
  'rt-0-not-strict': flag(),
};

/** (iptables: extensions/libip6t_rt.c, rt_parse) */
const asksTypeBefore = (option: 'rt-0-res' | 'rt-0-addrs'): Constraint<typeof options> => ({
  kind: 'refuses',
  by: 'iptables',
  when: ({ 'rt-type': type, [option]: given }) =>
    given !== undefined && (type === undefined || type.value !== 0 || type.negated || type.word > given.word),
  message: `\`--${option}\` needs \`--rt-type 0\` before it`,
  at: option,
  check: 'missing-required-option',
  says: `\`--rt-type 0' required before \`--${option}'`,
});

const field = (name: string): Expr => ({ kind: 'exthdr', header: 'rt', field: name });

/** The length field of a header of so many bytes: in words of 8, less the first. (RFC 8200, section 4.4) */
const lengthField = (bytes: number): number | undefined => (bytes % 8 === 0 && bytes >= 8 ? bytes / 8 - 1 : undefined);

/** Exactly these addresses. */
function addressTests(addresses: readonly bigint[]): readonly HeaderTest[] {
  const words = 2 * addresses.length;
  return [
    // Half an address more is none. (kernel: net/ipv6/netfilter/ip6t_rt.c, rt_mt6)
    match(field('hdrlength'), range(number(words), number(words + 1))),
    ...addresses.map((address, place) => match({ kind: 'exthdr', header: 'rt0', field: `addr[${String(place + 1)}]` }, symbol(formatIp6(address)))),
  ];
}

const word = (option: string, given: Given<number> | undefined): readonly string[] =>
  given === undefined ? [] : [...(given.negated ? ['!'] : []), `--${option}`, String(given.value)];

export default defineMatch({
  name: 'rt',
  summary: 'routing header of IPv6 packets',
  families: ['ip6'],
  options,
  constraints: [
    refusesReversedRange<typeof options>('rt-segsleft'),
    asksTypeBefore('rt-0-res'),
    asksTypeBefore('rt-0-addrs'),
    {
      kind: 'refuses',
      by: 'iptables',
      when: ({ 'rt-0-addrs': addresses, 'rt-0-not-strict': notStrict }) =>
        notStrict !== undefined && (addresses === undefined || addresses.word > notStrict.word),
      message: '`--rt-0-not-strict` needs `--rt-0-addrs` before it',
      at: 'rt-0-not-strict',
      check: 'missing-required-option',
      says: "`--rt-0-addr ...' required before `--rt-0-not-strict'",
    },
  ],
  print: (given, family) => [
    ...word('rt-type', given['rt-type']),
    ...printUnlessAll('rt-segsleft', given['rt-segsleft'], MOST),
    ...word('rt-len', given['rt-len']),
    ...(given['rt-0-res'] === undefined ? [] : ['--rt-0-res']),
    ...(given['rt-0-addrs'] === undefined ? [] : ['--rt-0-addrs', routingAddresses.print(given['rt-0-addrs'].value, family)]),
    ...(given['rt-0-not-strict'] === undefined ? [] : ['--rt-0-not-strict']),
  ],
  toNft: (given) => {
    const { 'rt-type': type, 'rt-segsleft': left, 'rt-len': length, 'rt-0-res': reserved, 'rt-0-addrs': addresses } = given;
    if (given['rt-0-not-strict'] !== undefined)
      return unsupported('nft has no expression for an address at any place of a routing header', IN_PLACES);
    if (addresses !== undefined && addresses.value.length > NAMED_BY_NFT)
      return unsupported(`nft names the first ${String(NAMED_BY_NFT)} addresses of a routing header only`, IN_PLACES);
    const tests: HeaderTest[] = [];
    if (type !== undefined) tests.push(numberTest(field('type'), type.value, type.negated, 255));
    if (left !== undefined) tests.push(rangeTest(field('seg-left'), left, 255));
    if (length !== undefined) tests.push(numberTest(field('hdrlength'), lengthField(length.value), length.negated, 255));
    // nft only knows the 4 bytes by the names they have in another type of the header. (RFC 2460, section 4.4; RFC 8754, section 2)
    if (reserved !== undefined)
      tests.push(...['last-entry', 'flags', 'tag'].map((name) => match({ kind: 'exthdr', header: 'srh', field: name }, number(0))));
    if (addresses !== undefined) tests.push(...addressTests(addresses.value));
    return lowerHeader(tests, match({ kind: 'exthdr', header: 'rt' }, symbol('exists')), 'no routing header is like that');
  },
});
