/** `-m iprange`: two addresses with `-` between them, or one. */

import { formatIp4, formatIp6, parseIp4, parseIp6 } from '../../net/address.js';
import { range, symbol } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import type { Changed, Family, ValueResult, ValueType } from '../define.js';
import { octalAddress, withoutSkipped } from './network.js';
import type { OptionPlace } from './number.js';

/** Both ends are included. A range may end before it begins; it then holds no address. */
export interface AddressRange {
  readonly family: Family;
  readonly from: bigint;
  readonly to: bigint;
}

interface End {
  readonly address: bigint;
  readonly octal: boolean;
  /** Written with fewer than four parts. */
  readonly short: boolean;
}

function readEnd(text: string, family: Family): End | undefined {
  if (family === 'ip6') {
    const address = parseIp6(text);
    return address === undefined ? undefined : { address, octal: false, short: false };
  }
  const parsed = parseIp4(withoutSkipped(text));
  return parsed === undefined ? undefined : { address: BigInt(parsed.address), octal: parsed.octal, short: parsed.short };
}

const printEnd = (address: bigint, family: Family): string => (family === 'ip' ? formatIp4(Number(address)) : formatIp6(address));

function printRange({ family, from, to }: AddressRange): string {
  return `${printEnd(from, family)}-${printEnd(to, family)}`;
}

function readRange(text: string, family: Family, place: OptionPlace): ValueResult<AddressRange> {
  const dash = text.indexOf('-');
  const parts = dash === -1 ? [text] : [text.slice(0, dash), text.slice(dash + 1)];
  const ends: End[] = [];
  for (const part of parts) {
    const end = readEnd(part, family);
    if (end === undefined) return refuse(text, part, family, place);
    ends.push(end);
  }
  const [first, second = first] = ends;
  if (first === undefined || second === undefined) return refuse(text, text, family, place);
  const value: AddressRange = { family, from: first.address, to: second.address };
  const changed = changes(text, value, { octal: first.octal || second.octal, short: first.short || second.short });
  return changed === undefined ? { kind: 'read', value } : { kind: 'read', value, changed };
}

function changes(text: string, value: AddressRange, { octal, short }: Pick<End, 'octal' | 'short'>): Changed | undefined {
  const becomes = printRange(value);
  if (value.from > value.to) {
    const meant = lastPartRange(text) ?? printRange({ ...value, from: value.to, to: value.from });
    return {
      check: 'contradictory-match',
      message: `the range \`${text}\`${becomes === text ? '' : `, that is ${becomes},`} ends before it begins and holds no address`,
      becomes,
      repair: { text: meant, title: `write ${meant}`, applicability: 'unsafe' },
    };
  }
  if (short) {
    const meant = lastPartRange(text);
    return {
      check: 'short-address',
      message: `\`${text}\` means ${becomes}: the parts an address lacks are 0`,
      becomes,
      repair:
        meant === undefined
          ? { text: becomes, title: `write ${becomes}`, applicability: 'suggestion' }
          : { text: meant, title: `write ${meant}`, applicability: 'unsafe' },
    };
  }
  if (octal) return octalAddress(text, becomes);
  return undefined;
}

/** `192.0.2.10-20`, as other programs write it: the whole range; undefined for anything else. */
function lastPartRange(text: string): string | undefined {
  const [, network = '', from = '', to = ''] = /^(\d+\.\d+\.\d+\.)(\d+)-(\d{1,3})$/.exec(text) ?? [];
  return network !== '' && Number(to) >= Number(from) && Number(to) <= 255 ? `${network}${from}-${network}${to}` : undefined;
}

function refuse(text: string, part: string, family: Family, { extension, option }: OptionPlace): ValueResult<never> {
  const other: Family = family === 'ip' ? 'ip6' : 'ip';
  const says = `${extension}: Bad value for "--${option}" option: "${part}"`;
  if (readEnd(part, other) !== undefined)
    return {
      kind: 'refused',
      by: 'iptables',
      check: 'family-mismatch',
      message: `\`${part}\` is an ${family === 'ip' ? 'IPv6' : 'IPv4'} address, but ${family === 'ip' ? 'iptables handles IPv4' : 'ip6tables handles IPv6'} only`,
      says,
    };
  const advice = part.includes('/') ? { do: `for a network use \`-${option.startsWith('src') ? 's' : 'd'} ${part}\`` } : {};
  return {
    kind: 'refused',
    by: 'iptables',
    check: 'invalid-address-or-mask',
    message: part === '' ? `the range \`${text}\` lacks an address` : `\`${part}\` is no address; a range is two addresses with \`-\` between them`,
    says,
    ...advice,
  };
}

/** The value type of `--src-range` and `--dst-range`. (iptables: extensions/libxt_iprange.c, iprange_parse_spec) */
export function addressRange(place: OptionPlace): ValueType<AddressRange> {
  return { name: 'range of addresses', read: (text, { family }) => readRange(text, family, place), print: printRange };
}

/** The range as an nft expression. */
export function addressRangeExpr({ family, from, to }: AddressRange): Expr {
  const end = (address: bigint): Expr => symbol(printEnd(address, family));
  return from === to ? end(from) : range(end(from), end(to));
}
