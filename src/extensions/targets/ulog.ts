/** `-j ULOG`: the forerunner of NFLOG; kernels have not had it since 3.17. */

import { carriedText } from '../../nft/quoted-text.js';
import type { Statement } from '../../nft/ir.js';
import { defineTarget, value } from '../define.js';
import { logPrefix } from '../values/log-prefix.js';
import { longNumber } from '../values/long-number.js';
import { wholeNumber } from '../values/number.js';
import { refusesRemoved } from '../values/removed.js';

/** (kernel before 3.17: include/uapi/linux/netfilter_ipv4/ipt_ULOG.h: prefix[32] with the closing NUL) */
const PREFIX_LIMIT = 31;

const prefix = logPrefix({
  option: 'ulog-prefix',
  limit: PREFIX_LIMIT,
  refusesEmpty: false,
  tooLong: (shown) => `a prefix has at most ${String(PREFIX_LIMIT)} bytes: \`${shown}\``,
});

const ranged = (name: string, least: number, most: number, option: string) => value(wholeNumber(name, least, most, { extension: 'ULOG', option }));

const options = {
  'ulog-prefix': value(prefix),
  'ulog-nlgroup': ranged('group', 1, 32, 'ulog-nlgroup'),
  'ulog-cprange': value(longNumber('number of bytes', { extension: 'ULOG', option: 'ulog-cprange' })),
  'ulog-qthreshold': ranged('number of packets', 1, 50, 'ulog-qthreshold'),
};

/** No packet has more bytes to copy. (RFC 791, total length) */
const LONGEST_COPY = 0xffffn;

export default defineTarget({
  name: 'ULOG',
  summary: 'the forerunner of NFLOG; gone since Linux 3.17',
  families: ['ip'],
  flow: 'continues',
  options,
  constraints: [
    refusesRemoved<typeof options>('ULOG', { do: 'write `-j NFLOG --nflog-group N --nflog-prefix …`, and let ulogd2 read with its NFLOG plugin' }),
  ],
  // What is as it would be anyway is left out.
  print: (given) => [
    ...(given['ulog-prefix'] === undefined || given['ulog-prefix'].value === '' ? [] : ['--ulog-prefix', given['ulog-prefix'].value]),
    ...(given['ulog-nlgroup'] === undefined || given['ulog-nlgroup'].value === 1 ? [] : ['--ulog-nlgroup', String(given['ulog-nlgroup'].value)]),
    ...(given['ulog-cprange'] === undefined || given['ulog-cprange'].value === 0n ? [] : ['--ulog-cprange', String(given['ulog-cprange'].value)]),
    ...(given['ulog-qthreshold'] === undefined || given['ulog-qthreshold'].value === 1
      ? []
      : ['--ulog-qthreshold', String(given['ulog-qthreshold'].value)]),
  ],
  toNft: (given) => {
    const written = given['ulog-prefix']?.value ?? '';
    const threshold = given['ulog-qthreshold']?.value ?? 1;
    const length = given['ulog-cprange']?.value ?? 0n;
    const statement: Statement = {
      kind: 'log',
      ...(written === '' ? {} : { prefix: carriedText('log prefix', written).text }),
      group: given['ulog-nlgroup']?.value ?? 1,
      ...(length === 0n || length > LONGEST_COPY ? {} : { snapLength: Number(length) }),
      ...(threshold === 1 ? {} : { queueThreshold: threshold }),
    };
    return {
      kind: 'approximate',
      items: [statement],
      differs: 'nft logs to the group of that number of nfnetlink_log: ulogd2 reads it with its NFLOG plugin, a program for ULOG does not',
    };
  },
});
