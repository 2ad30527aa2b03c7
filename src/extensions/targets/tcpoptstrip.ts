/** `-j TCPOPTSTRIP`: overwrites TCP options with NOPs. */

import { compareVersions, defineTarget, exact, unsupported, value, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, shown } from '../values/number.js';

/** (iptables: extensions/libxt_TCPOPTSTRIP.c, tcp_optionmap) */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['mss', 2],
  ['wscale', 3],
  ['sack-permitted', 4],
  ['sack', 5],
  ['timestamp', 8],
  ['md5', 19],
]);

/** What nft calls them. (nft: src/tcpopt.c) */
const NFT_NAMES: ReadonlyMap<number, string> = new Map([
  [2, 'maxseg'],
  [3, 'window'],
  [4, 'sack-perm'],
  [5, 'sack'],
  [8, 'timestamp'],
  [19, 'md5sig'],
]);

const optionList: ValueType<readonly number[]> = {
  name: 'list of TCP options',
  read: (text): ValueResult<readonly number[]> => {
    const refuse = (message: string, says: string): ValueResult<never> => ({
      kind: 'refused',
      by: 'iptables',
      message,
      says,
      do: `give numbers of 2 to 255 or ${[...NUMBERS.keys()].join(', ')}, with commas and no blanks between`,
    });
    const numbers: number[] = [];
    for (const part of text.split(',')) {
      const named = NUMBERS.get(part);
      const number = named === undefined ? leadingNumber(part, 0, 255) : { value: named, rest: '' };
      if (number?.rest !== '') return refuse(`${shown(part)} is no TCP option`, `Bad TCP option value "${part}"`);
      if (number.value < 2) return refuse(`the TCP options 0 and 1 are only padding`, 'Option value may not be 0 or 1');
      if (numbers.includes(number.value)) return refuse(`\`${part}\` is given twice`, `Option "${part}" already specified`);
      numbers.push(number.value);
    }
    return { kind: 'read', value: numbers.sort((left, right) => left - right) };
  },
  print: (numbers) => numbers.join(','),
};

export default defineTarget({
  name: 'TCPOPTSTRIP',
  summary: 'overwrites TCP options with NOPs',
  families: ['ip', 'ip6'],
  flow: 'continues',
  protocols: [6],
  tables: ['mangle'],
  options: { 'strip-options': value(optionList) },
  toNft: (given, { target }) => {
    const numbers = given['strip-options']?.value ?? [];
    if (numbers.length === 0) return exact([]);
    if (compareVersions(target.nft ?? '1.0.6', '1.0.2') < 0)
      return unsupported('nft before 1.0.2 cannot remove TCP options', 'update nft, and the kernel to 5.18 or newer');
    return {
      kind: 'approximate',
      items: numbers.map((number) => ({ kind: 'resetTcpOption', name: NFT_NAMES.get(number) ?? String(number) })),
      differs:
        'of an option that stands in one header twice, which no sane sender does, only the first is overwritten; the kernel must be 5.18 or newer',
    };
  },
});
