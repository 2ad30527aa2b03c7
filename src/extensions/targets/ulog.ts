/** `-j ULOG`: the forerunner of NFLOG; kernels have not had it since 3.17. */

import { byteLength, cutToBytes } from '../../text/bytes.js';
import { compareVersions, defineTarget, unsupported, value, type ValueResult, type ValueType } from '../define.js';
import { longNumber } from '../values/long-number.js';
import { wholeNumber } from '../values/number.js';

/** (kernel before 3.17: include/uapi/linux/netfilter_ipv4/ipt_ULOG.h: prefix[32] with the closing NUL) */
const PREFIX_LIMIT = 31;

const prefix: ValueType<string> = {
  name: 'text',
  free: true,
  read: (text): ValueResult<string> => {
    if (text.includes('\n'))
      return { kind: 'refused', by: 'iptables', message: 'a log prefix is one line', says: 'Newlines not allowed in --ulog-prefix' };
    if (byteLength(text) <= PREFIX_LIMIT) return { kind: 'read', value: text };
    const kept = cutToBytes(text, PREFIX_LIMIT);
    return {
      kind: 'read',
      value: kept,
      changed: { check: 'truncated-string', message: `a prefix has at most ${String(PREFIX_LIMIT)} bytes: \`${kept}\``, becomes: kept },
    };
  },
  print: (text) => text,
};

const ranged = (name: string, least: number, most: number, option: string) => value(wholeNumber(name, least, most, { extension: 'ULOG', option }));

export default defineTarget({
  name: 'ULOG',
  summary: 'the forerunner of NFLOG; gone since Linux 3.17',
  families: ['ip'],
  flow: 'continues',
  options: {
    'ulog-prefix': value(prefix),
    'ulog-nlgroup': ranged('group', 1, 32, 'ulog-nlgroup'),
    'ulog-cprange': value(longNumber('number of bytes', { extension: 'ULOG', option: 'ulog-cprange' })),
    'ulog-qthreshold': ranged('number of packets', 1, 50, 'ulog-qthreshold'),
  },
  constraints: [
    {
      kind: 'refuses',
      by: 'kernel',
      when: (_given, context) => context.target.kernel === undefined || compareVersions(context.target.kernel, '3.17') >= 0,
      check: 'removed-extension',
      message: '`-j ULOG` is gone since Linux 3.17',
      do: 'write `-j NFLOG --nflog-group N --nflog-prefix …`, and let ulogd2 read with its NFLOG plugin',
    },
  ],
  print: (given) => [
    ...(given['ulog-prefix'] === undefined || given['ulog-prefix'].value === '' ? [] : ['--ulog-prefix', given['ulog-prefix'].value]),
    ...(given['ulog-nlgroup'] === undefined || given['ulog-nlgroup'].value === 1 ? [] : ['--ulog-nlgroup', String(given['ulog-nlgroup'].value)]),
    ...(given['ulog-cprange'] === undefined || given['ulog-cprange'].value === 0n ? [] : ['--ulog-cprange', String(given['ulog-cprange'].value)]),
    ...(given['ulog-qthreshold'] === undefined || given['ulog-qthreshold'].value === 1
      ? []
      : ['--ulog-qthreshold', String(given['ulog-qthreshold'].value)]),
  ],
  toNft: () =>
    unsupported(
      'nft writes to nfnetlink_log, which a program for ULOG does not read',
      'let ulogd2 read with its NFLOG plugin, and write `log group N`',
    ),
});
