/** `-j LOG`: writes the packet's headers to the kernel log. */

import { carriedText, type TextLoss } from '../../nft/quoted-text.js';
import type { Statement } from '../../nft/ir.js';
import { defineTarget, exact, flag, value, type ValueResult, type ValueType } from '../define.js';
import { logPrefix } from '../values/log-prefix.js';
import { leadingNumber, shown } from '../values/number.js';

/** (kernel: include/uapi/linux/netfilter/xt_LOG.h: prefix[30] with the closing NUL) */
const PREFIX_LIMIT = 29;

const prefix = logPrefix({
  option: 'log-prefix',
  limit: PREFIX_LIMIT,
  refusesEmpty: true,
  tooLong: (shown) => `a log prefix has at most ${String(PREFIX_LIMIT)} bytes: \`${shown}\` is what the log shows`,
});

/** Level numbers of syslog(2), and what iptables and nft call them. */
const LEVELS: readonly { readonly iptables: readonly string[]; readonly nft: string }[] = [
  { iptables: ['emerg', 'panic'], nft: 'emerg' },
  { iptables: ['alert'], nft: 'alert' },
  { iptables: ['crit'], nft: 'crit' },
  { iptables: ['error'], nft: 'err' },
  { iptables: ['warning'], nft: 'warn' },
  { iptables: ['notice'], nft: 'notice' },
  { iptables: ['info'], nft: 'info' },
  { iptables: ['debug'], nft: 'debug' },
];
const DEFAULT_LEVEL = 4;

const level: ValueType<number> = {
  name: 'log level',
  read: (text): ValueResult<number> => {
    const number = leadingNumber(text, 0, 7);
    if (number?.rest === '') return { kind: 'read', value: number.value };
    const named = LEVELS.findIndex((entry) => entry.iptables.includes(text));
    if (named !== -1) return { kind: 'read', value: named };
    const meant = LEVELS.find((entry) => entry.nft === text.toLowerCase() || entry.iptables.includes(text.toLowerCase()))?.iptables[0];
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no log level`,
      says: `log level "${text}" unknown`,
      do: `give a number of 0 to 7 or one of ${LEVELS.map((entry) => entry.iptables[0]).join(', ')}`,
      ...(meant === undefined ? {} : { repair: { text: meant, title: `write ${meant}`, applicability: 'safe' } }),
    };
  },
  print: String,
};

const LOSSES: Readonly<Record<TextLoss, string>> = {
  quote: '`"` becomes `\'`',
  dollar: '`$` becomes `S`',
  'control character': 'a control character becomes a blank',
  length: 'the end is cut off',
};

export default defineTarget({
  name: 'LOG',
  summary: 'writes the headers of the packet to the kernel log',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options: {
    'log-prefix': value(prefix),
    'log-level': value(level),
    'log-tcp-sequence': flag(),
    'log-tcp-options': flag(),
    'log-ip-options': flag(),
    'log-uid': flag(),
    'log-macdecode': flag(),
  },
  print: (given) => {
    const words: string[] = [];
    if (given['log-prefix'] !== undefined) words.push('--log-prefix', given['log-prefix'].value);
    if (given['log-level'] !== undefined && given['log-level'].value !== DEFAULT_LEVEL) words.push('--log-level', String(given['log-level'].value));
    for (const name of ['log-tcp-sequence', 'log-tcp-options', 'log-ip-options', 'log-uid', 'log-macdecode'] as const)
      if (given[name] !== undefined) words.push(`--${name}`);
    return words;
  },
  toNft: (given) => {
    const tcp = [...(given['log-tcp-sequence'] === undefined ? [] : ['sequence']), ...(given['log-tcp-options'] === undefined ? [] : ['options'])];
    const single = [
      ...(given['log-ip-options'] === undefined ? [] : ['ip options']),
      ...(given['log-uid'] === undefined ? [] : ['skuid']),
      ...(given['log-macdecode'] === undefined ? [] : ['ether']),
    ];
    const flags = tcp.length + single.length === 5 ? ['all'] : [...(tcp.length === 0 ? [] : [`tcp ${tcp.join(',')}`]), ...single];
    const number = given['log-level']?.value ?? DEFAULT_LEVEL;
    const text = given['log-prefix'] === undefined ? undefined : carriedText('log prefix', given['log-prefix'].value);
    const statement: Statement = {
      kind: 'log',
      ...(text === undefined ? {} : { prefix: text.text }),
      ...(number === DEFAULT_LEVEL ? {} : { level: LEVELS[number]?.nft ?? String(number) }),
      ...(flags.length === 0 ? {} : { flags }),
    };
    if (text === undefined || text.losses.length === 0) return exact([statement]);
    return {
      kind: 'approximate',
      items: [statement],
      differs: `nft cannot write the log prefix as it is: ${text.losses.map((loss) => LOSSES[loss]).join(', ')}`,
    };
  },
});
