/** `-j NFLOG`: hands a copy of the packet to a logging program in user space. */

import { carriedText } from '../../nft/quoted-text.js';
import type { Statement } from '../../nft/ir.js';
import { cutToBytes } from '../../text/bytes.js';
import { defineTarget, exact, value, type ValueType } from '../define.js';
import { logPrefix } from '../values/log-prefix.js';
import { wholeNumber } from '../values/number.js';

/** Bytes iptables-legacy keeps of the prefix. (kernel: include/uapi/linux/netfilter/xt_NFLOG.h: prefix[64] with the closing NUL) */
const LEGACY_LIMIT = 63;
/** Bytes iptables-nft keeps. (kernel: NF_LOG_PREFIXLEN is 128 with the closing NUL) */
const NFT_LIMIT = 127;

const prefix = logPrefix({
  option: 'log-prefix',
  limit: LEGACY_LIMIT,
  kept: NFT_LIMIT,
  refusesEmpty: true,
  tooLong: (shown) => `iptables-legacy keeps ${String(LEGACY_LIMIT)} bytes of the prefix: \`${shown}\`; iptables-nft keeps ${String(NFT_LIMIT)}`,
});

const size = (option: string) => value(wholeNumber('number of bytes', 0, 0xffffffff, { extension: 'NFLOG', option }));
const short = (name: string, option: string) => value(wholeNumber(name, 0, 65535, { extension: 'NFLOG', option }));

/** Never did anything; iptables says so and iptables-nft leaves it out. */
const range: ValueType<number> = {
  ...size('nflog-range').value,
  read: (text, context) => {
    const result = size('nflog-range').value.read(text, context);
    if (result.kind !== 'read') return result;
    return {
      ...result,
      changed: {
        check: 'invalid-value',
        message: '`--nflog-range` has never worked; the length of the copy is `--nflog-size`',
        becomes: String(result.value),
      },
    };
  },
};

export default defineTarget({
  name: 'NFLOG',
  summary: 'hands a copy of the packet to a logging program in user space',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options: {
    'nflog-prefix': value(prefix),
    'nflog-group': short('group', 'nflog-group'),
    'nflog-range': value(range),
    'nflog-size': size('nflog-size'),
    'nflog-threshold': short('number of packets', 'nflog-threshold'),
  },
  constraints: [{ kind: 'excludes', option: 'nflog-range', others: ['nflog-size'] }],
  print: (given, family) => {
    const words: string[] = [];
    if (given['nflog-prefix'] !== undefined) words.push('--nflog-prefix', prefix.print(given['nflog-prefix'].value, family));
    if (given['nflog-group'] !== undefined && given['nflog-group'].value !== 0) words.push('--nflog-group', String(given['nflog-group'].value));
    if (given['nflog-range'] !== undefined && given['nflog-range'].value !== 0) words.push('--nflog-range', String(given['nflog-range'].value));
    if (given['nflog-size'] !== undefined) words.push('--nflog-size', String(given['nflog-size'].value));
    if (given['nflog-threshold'] !== undefined && given['nflog-threshold'].value !== 0)
      words.push('--nflog-threshold', String(given['nflog-threshold'].value));
    return words;
  },
  toNft: (given, { target }) => {
    const written = given['nflog-prefix']?.value;
    const kept = written === undefined || target.backend === 'nft' ? written : cutToBytes(written, LEGACY_LIMIT);
    const text = kept === undefined ? undefined : carriedText('log prefix', kept);
    const threshold = given['nflog-threshold']?.value ?? 0;
    const statement: Statement = {
      kind: 'log',
      ...(text === undefined ? {} : { prefix: text.text }),
      group: given['nflog-group']?.value ?? 0,
      ...(given['nflog-size'] === undefined ? {} : { snapLength: given['nflog-size'].value }),
      ...(threshold === 0 ? {} : { queueThreshold: threshold }),
    };
    if (text === undefined || text.losses.length === 0) return exact([statement]);
    return { kind: 'approximate', items: [statement], differs: `nft cannot write the prefix as it is: ${text.losses.join(', ')}` };
  },
});
