/** `--icmp-type` and `--icmpv6-type`: a type by name or number, with or without codes. */

import type { PayloadProtocol } from '../../nft/ir.js';
import { concatenation, match, number, payload, range, symbol } from '../../nft/build.js';
import { exact, type Given, type Lowering, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, shown } from './number.js';

/** A type, 0 to 255, and the codes of it that are meant; all without. */
export interface IcmpType {
  /** `any`: every type (255 in IPv4). */
  readonly type: number | 'any';
  readonly code?: { readonly from: number; readonly to: number };
}

type NamedType = readonly [name: string, type: number | 'any', code?: number];

/** (RFC 792, RFC 950, RFC 1256, RFC 1812; names as `iptables -p icmp -h` lists them, aliases behind theirs) */
const ICMP_NAMES: readonly NamedType[] = [
  ['any', 'any'],
  ['echo-reply', 0],
  ['pong', 0],
  ['destination-unreachable', 3],
  ['network-unreachable', 3, 0],
  ['host-unreachable', 3, 1],
  ['protocol-unreachable', 3, 2],
  ['port-unreachable', 3, 3],
  ['fragmentation-needed', 3, 4],
  ['source-route-failed', 3, 5],
  ['network-unknown', 3, 6],
  ['host-unknown', 3, 7],
  ['network-prohibited', 3, 9],
  ['host-prohibited', 3, 10],
  ['TOS-network-unreachable', 3, 11],
  ['TOS-host-unreachable', 3, 12],
  ['communication-prohibited', 3, 13],
  ['host-precedence-violation', 3, 14],
  ['precedence-cutoff', 3, 15],
  ['source-quench', 4],
  ['redirect', 5],
  ['network-redirect', 5, 0],
  ['host-redirect', 5, 1],
  ['TOS-network-redirect', 5, 2],
  ['TOS-host-redirect', 5, 3],
  ['echo-request', 8],
  ['ping', 8],
  ['router-advertisement', 9],
  ['router-solicitation', 10],
  ['time-exceeded', 11],
  ['ttl-exceeded', 11],
  ['ttl-zero-during-transit', 11, 0],
  ['ttl-zero-during-reassembly', 11, 1],
  ['parameter-problem', 12],
  ['ip-header-bad', 12, 0],
  ['required-option-missing', 12, 1],
  ['timestamp-request', 13],
  ['timestamp-reply', 14],
  ['address-mask-request', 17],
  ['address-mask-reply', 18],
];

/** (RFC 4443, RFC 4861; names as `ip6tables -p icmpv6 -h` lists them) */
const ICMPV6_NAMES: readonly NamedType[] = [
  ['destination-unreachable', 1],
  ['no-route', 1, 0],
  ['communication-prohibited', 1, 1],
  ['beyond-scope', 1, 2],
  ['address-unreachable', 1, 3],
  ['port-unreachable', 1, 4],
  ['failed-policy', 1, 5],
  ['reject-route', 1, 6],
  ['packet-too-big', 2],
  ['time-exceeded', 3],
  ['ttl-exceeded', 3],
  ['ttl-zero-during-transit', 3, 0],
  ['ttl-zero-during-reassembly', 3, 1],
  ['parameter-problem', 4],
  ['bad-header', 4, 0],
  ['unknown-header-type', 4, 1],
  ['unknown-option', 4, 2],
  ['echo-request', 128],
  ['ping', 128],
  ['echo-reply', 129],
  ['pong', 129],
  ['router-solicitation', 133],
  ['router-advertisement', 134],
  ['neighbour-solicitation', 135],
  ['neighbor-solicitation', 135],
  ['neighbour-advertisement', 136],
  ['neighbor-advertisement', 136],
  ['redirect', 137],
];

/** Names 1.8.11 and newer have, and 1.8.9 does not. */
const NEWER_ICMP_NAMES: readonly NamedType[] = [
  ['info-request', 15],
  ['info-reply', 16],
];
const NEWER_ICMPV6_NAMES: readonly NamedType[] = [
  ['mld-listener-query', 130],
  ['mld-listener-report', 131],
  ['mld-listener-done', 132],
  ['mld-listener-reduction', 132],
];

interface IcmpVersion {
  readonly title: 'ICMP' | 'ICMPv6';
  readonly names: readonly NamedType[];
  readonly newer: readonly NamedType[];
  /** nft's names. (nft: src/proto.c) */
  readonly symbols: Readonly<Record<number, string>>;
  readonly protocol: PayloadProtocol;
}

const ICMP: IcmpVersion = {
  title: 'ICMP',
  names: ICMP_NAMES,
  newer: NEWER_ICMP_NAMES,
  symbols: {
    0: 'echo-reply',
    3: 'destination-unreachable',
    4: 'source-quench',
    5: 'redirect',
    8: 'echo-request',
    9: 'router-advertisement',
    10: 'router-solicitation',
    11: 'time-exceeded',
    12: 'parameter-problem',
    13: 'timestamp-request',
    14: 'timestamp-reply',
    15: 'info-request',
    16: 'info-reply',
    17: 'address-mask-request',
    18: 'address-mask-reply',
  },
  protocol: 'icmp',
};

const ICMPV6: IcmpVersion = {
  title: 'ICMPv6',
  names: ICMPV6_NAMES,
  newer: NEWER_ICMPV6_NAMES,
  symbols: {
    1: 'destination-unreachable',
    2: 'packet-too-big',
    3: 'time-exceeded',
    4: 'parameter-problem',
    128: 'echo-request',
    129: 'echo-reply',
    130: 'mld-listener-query',
    131: 'mld-listener-report',
    132: 'mld-listener-done',
    133: 'nd-router-solicit',
    134: 'nd-router-advert',
    135: 'nd-neighbor-solicit',
    136: 'nd-neighbor-advert',
    137: 'nd-redirect',
    138: 'router-renumbering',
    141: 'ind-neighbor-solicit',
    142: 'ind-neighbor-advert',
    143: 'mld2-listener-report',
  },
  protocol: 'icmpv6',
};

/** Reads a type. (iptables: libxtables/xtoptions.c and extensions/libxt_icmp.h; measured with 1.8.9 and 1.8.13) */
function readType(text: string, version: IcmpVersion): ValueResult<IcmpType> {
  const named = readName(text, version);
  if (named !== undefined) return named;
  const { title } = version;
  const refused = (message: string, says: string): ValueResult<never> => ({ kind: 'refused', by: 'iptables', check: 'bad-icmp-type', message, says });
  const kind = `${title} type`;
  const type = leadingNumber(text, 0, 255);
  if (type === undefined) return refused(`\`${text}\` is no ${kind}`, `Unknown ${title} type \`${text}'`);
  if (/^\d+-\d+$/.test(text)) return refused(`\`${text}\` is a range; a rule has one ${kind}: write one rule for each`, 'unknown character -');
  if (text.includes(',')) return refused(`\`${text}\` is a list; a rule has one ${kind}: write one rule for each`, 'unknown character ,');
  const slash = text.indexOf('/');
  const typeText = slash === -1 ? text : text.slice(0, slash);
  const lastType = readRange(typeText, type.value);
  if (typeof lastType === 'string') return refused(`\`${text}\` is no ${kind}`, lastType === '' ? `Unknown ${title} type \`${text}'` : lastType);
  if (lastType !== type.value)
    return refused(`\`${text}\` is a range; a rule has one ${kind}: write one rule for each`, `${title} type range not supported`);
  const wide = version === ICMP && type.value === 255;
  const value: IcmpType = { type: wide ? 'any' : type.value };
  if (slash === -1) return { kind: 'read', value };
  const codeText = text.slice(slash + 1);
  const code = leadingNumber(codeText, 0, 255);
  if (code === undefined)
    return refused(`${shown(codeText)} is no code of an ${kind}; they are numbers of 0 to 255`, `Unknown ${title} code \`${text}'`);
  const lastCode = readRange(codeText, code.value);
  if (typeof lastCode === 'string')
    return refused(`\`${codeText}\` is no code of an ${kind}`, lastCode === '' ? `Unknown ${title} code \`${text}'` : lastCode);
  if (wide || (code.value === 0 && lastCode === 255)) return { kind: 'read', value };
  const full: IcmpType = { ...value, code: { from: code.value, to: lastCode } };
  if (lastCode === code.value) return { kind: 'read', value: full };
  const first = `${typeText}/${String(code.value)}`;
  return {
    kind: 'read',
    value: full,
    changed: {
      check: 'bad-icmp-type',
      message: `iptables takes the range of codes \`${codeText}\`, but iptables-save writes only \`${first}\`: after the next restore the rule is another`,
      becomes: printType(full),
    },
  };
}

/** The last number of `N` or `N:M`; what iptables says where it is neither. */
function readRange(text: string, first: number): number | string {
  const rest = leadingNumber(text, 0, 255)?.rest ?? '';
  if (rest === '') return first;
  if (!rest.startsWith(':')) return `unknown character ${rest.charAt(0)}`;
  const last = leadingNumber(rest.slice(1), first, 255);
  if (last === undefined) return '';
  return last.rest === '' ? last.value : `unknown character ${last.rest.charAt(0)}`;
}

/** A name or the beginning of one, whatever the case of its letters; undefined when no name begins like that. */
function readName(text: string, version: IcmpVersion): ValueResult<IcmpType> | undefined {
  const wanted = text.toLowerCase();
  const begin = ([name]: NamedType): boolean => name.toLowerCase().startsWith(wanted);
  const found = version.names.filter(begin);
  const whole = found.find(([name]) => name.toLowerCase() === wanted);
  const [first, second] = whole === undefined ? found : [whole];
  if (first !== undefined && second !== undefined) {
    const names = found.map(([name]) => `\`${name}\``);
    return {
      kind: 'refused',
      by: 'iptables',
      check: 'bad-icmp-type',
      message:
        text === '' ? `the ${version.title} type is empty` : `\`${text}\` is the beginning of several ${version.title} types: ${names.join(', ')}`,
      says: `Ambiguous ${version.title} type \`${text}': \`${first[0]}' or \`${second[0]}'?`,
    };
  }
  if (first !== undefined) return { kind: 'read', value: typeOf(first) };
  const newer = version.newer.filter(begin);
  const [only] = newer;
  if (only === undefined || new Set(newer.map(([, type]) => type)).size > 1) return undefined;
  const value = typeOf(only);
  return {
    kind: 'read',
    value,
    changed: {
      check: 'bad-icmp-type',
      message: `iptables up to 1.8.9 does not know the name \`${text}\` and refuses the rule`,
      becomes: printType(value),
      repair: { text: printType(value), title: `write ${printType(value)}`, applicability: 'safe' },
    },
  };
}

function typeOf([, type, code]: NamedType): IcmpType {
  return code === undefined ? { type } : { type, code: { from: code, to: code } };
}

function printType({ type, code }: IcmpType): string {
  if (code === undefined) return String(type);
  return `${String(type)}/${code.from === code.to ? String(code.from) : `${String(code.from)}:${String(code.to)}`}`;
}

function valueType(version: IcmpVersion): ValueType<IcmpType> {
  return { name: `${version.title} type`, read: (text) => readType(text, version), print: printType };
}

/** The value type of `--icmp-type`. */
export const icmpType = valueType(ICMP);

/** The value type of `--icmpv6-type`. */
export const icmpv6Type = valueType(ICMPV6);

/** The comparison in nft; none where every type will do, for `-p` says the rest. */
function lowerType(given: Given<IcmpType> | undefined, version: IcmpVersion): Lowering {
  const typeField = payload(version.protocol, 'type');
  const codeField = payload(version.protocol, 'code');
  if (given === undefined || given.value.type === 'any')
    return given?.negated === true ? { kind: 'never', why: `every packet has some ${version.title} type` } : exact([]);
  const { type, code } = given.value;
  const name = version.symbols[type];
  const typeExpr = name === undefined ? number(type) : symbol(name);
  if (code === undefined) return exact([match(typeField, typeExpr, given.negated)]);
  const codeExpr = code.from === code.to ? number(code.from) : range(number(code.from), number(code.to));
  if (!given.negated) return exact([match(typeField, typeExpr), match(codeField, codeExpr)]);
  if (code.from !== code.to)
    return exact([
      { kind: 'anyOf', alternatives: [[match(typeField, typeExpr, true)], [match(typeField, typeExpr), match(codeField, codeExpr, true)]] },
    ]);
  return exact([match(concatenation([typeField, codeField]), { kind: 'set', elements: [concatenation([typeExpr, codeExpr])] }, true)]);
}

/** What `-m icmp` becomes. */
export const lowerIcmpType = (given: Given<IcmpType> | undefined): Lowering => lowerType(given, ICMP);

/** What `-m icmp6` becomes. */
export const lowerIcmpv6Type = (given: Given<IcmpType> | undefined): Lowering => lowerType(given, ICMPV6);
