/** `-m ah` of ip6tables: the authentication header, an extension header like others there. */

import { match, number, payload } from '../../nft/build.js';
import { defineMatch, flag, unsupported, value } from '../define.js';
import { lowerHeader, type HeaderTest } from '../values/header-tests.js';
import { numberTest, printUnlessAll, rangeTest, refusesReversedRange } from '../values/number-range.js';
import { wholeNumber } from '../values/number.js';
import { hasSpi, LARGEST_SPI, spiRange } from '../values/spi.js';

const options = {
  ahspi: value(spiRange('ah', 'ahspi'), { invertible: true }),
  ahlen: value(wholeNumber('length', 0, 0xffffffff, { extension: 'ah', option: 'ahlen' }), { invertible: true }),
  ahres: flag(),
};

/** The length field of a header of so many bytes: in words of 4, less two. (RFC 4302, section 2.2) */
const lengthField = (bytes: number): number | undefined => (bytes % 4 === 0 && bytes >= 8 ? bytes / 4 - 2 : undefined);

export default defineMatch({
  name: 'ah',
  summary: 'authentication header of IPv6 packets: index (SPI), length in bytes, reserved field',
  families: ['ip6'],
  options,
  constraints: [refusesReversedRange<typeof options>('ahspi')],
  print: ({ ahspi, ahlen, ahres }) => [
    ...printUnlessAll('ahspi', ahspi, LARGEST_SPI),
    ...(ahlen === undefined || (ahlen.value === 0 && !ahlen.negated) ? [] : [...(ahlen.negated ? ['!'] : []), '--ahlen', String(ahlen.value)]),
    ...(ahres === undefined ? [] : ['--ahres']),
  ],
  toNft: ({ ahspi, ahlen, ahres }, { protocol, protocolNegated }) => {
    if ((protocol !== undefined && protocol !== 51) || protocolNegated === true)
      return unsupported('nft sees no other protocol than ah in packets with this header', 'leave out `-p`');
    const tests: HeaderTest[] = [];
    if (ahspi !== undefined) tests.push(rangeTest(payload('ah', 'spi'), ahspi, LARGEST_SPI));
    // A length of 0 asks for nothing, negated or not. (kernel: net/ipv6/netfilter/ip6t_ah.c, ah_mt6)
    if (ahlen !== undefined && ahlen.value !== 0) tests.push(numberTest(payload('ah', 'hdrlength'), lengthField(ahlen.value), ahlen.negated, 255));
    if (ahres !== undefined) tests.push(match(payload('ah', 'reserved'), number(0)));
    return lowerHeader(tests, hasSpi('ah'), 'no header is like that');
  },
});
