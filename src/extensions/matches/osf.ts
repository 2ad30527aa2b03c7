/** `-m osf`: the operating system that a SYN looks like. */

import { match, string } from '../../nft/build.js';
import { byteLength } from '../../text/bytes.js';
import { defineMatch, unsupported, value } from '../define.js';
import { wholeNumber } from '../values/number.js';
import { shortName } from '../values/short-name.js';

/** (kernel: include/uapi/linux/netfilter/nf_osf.h: MAXGENRELEN is 32 with the closing NUL) */
const LIMIT = 31;

const genre = shortName('name of an operating system', 'a name', LIMIT);

/** The longest name nft takes. (kernel: net/netfilter/nft_osf.c, NFT_OSF_MAXGENRELEN is 16 with the closing NUL) */
const NFT_LIMIT = 15;

/** How the TTL is compared, by number. */
const TTL_WAYS = [undefined, 'loose', 'skip'] as const;

export default defineMatch({
  name: 'osf',
  summary: 'operating system that a SYN looks like',
  families: ['ip'],
  protocols: [6],
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options: {
    genre: value(genre, { invertible: true }),
    ttl: value(wholeNumber('number', 0, 2, { extension: 'osf', option: 'ttl' })),
    log: value(wholeNumber('number', 0, 2, { extension: 'osf', option: 'log' })),
  },
  constraints: [{ kind: 'atLeastOne', of: ['genre'], says: 'osf: option "--genre" must be specified' }],
  toNft: (given) => {
    if (given.log !== undefined) return unsupported('nft writes no log of the systems it recognises', 'leave `--log` out');
    if (given.genre?.negated === true)
      return unsupported('with `!` nft would also take every packet that is no SYN', 'let packets that look like it go first, in a rule without `!`');
    const name = given.genre?.value ?? '';
    if (name === '' || byteLength(name) > NFT_LIMIT) return unsupported(`nft takes names of 1 to ${String(NFT_LIMIT)} bytes, not \`${name}\``);
    const ttl = TTL_WAYS[given.ttl?.value ?? 0];
    return {
      kind: 'approximate',
      items: [match({ kind: 'osf', ...(ttl === undefined ? {} : { ttl }) }, string(name))],
      differs:
        'a SYN that looks like several systems is all of them in iptables, and the first in nft; both need fingerprints loaded with nfnl_osf or nft',
    };
  },
});
