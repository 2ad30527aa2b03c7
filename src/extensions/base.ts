/** The options every rule has without any `-m`: addresses, interfaces, protocol, fragments. */

import { formatIp4, formatIp6, prefixLength, type Network } from '../net/address.js';
import { protocolName } from '../net/protocols.js';
import { binary, compare, hex, match, meta, number, payload, setOf, string, symbol } from '../nft/build.js';
import type { Expr, Statement } from '../nft/ir.js';
import { interfaceText } from '../nft/quoted-text.js';
import { byteLength } from '../text/bytes.js';
import {
  compareVersions,
  defineMatch,
  exact,
  flag,
  value,
  type Constraint,
  type Family,
  type GivenOf,
  type NftContext,
  type ValueType,
} from './define.js';
import { interfaceName, type InterfaceName } from './values/interface.js';
import { networks } from './values/network.js';
import { protocol } from './values/protocol.js';

/**
 * Headers that ip6tables looks past for the protocol of a packet, and the match that asks for each. (kernel: net/ipv6/exthdrs_core.c, ipv6_ext_hdr;
 * hop-by-hop options have the number of every protocol, and "no next header" is found)
 */
const EXTENSION_HEADERS: ReadonlyMap<number, string> = new Map([
  [43, 'rt'],
  [44, 'frag'],
  [51, 'ah'],
  [60, 'dst'],
]);

/** Whether no packet of the family has this for its protocol. */
function isPassedOver(protocolOfRule: number, family: Family): boolean {
  return family === 'ip6' && EXTENSION_HEADERS.has(protocolOfRule);
}

/** The argument of `-p`. (iptables 1.8.9: iptables/xshared.c, ipv6_proto_parse, which warns) */
const protocolOfPacket: ValueType<number> = {
  ...protocol,
  read: (text, context) => {
    const result = protocol.read(text, context);
    if (result.kind !== 'read' || !isPassedOver(result.value, context.family)) return result;
    const header = EXTENSION_HEADERS.get(result.value) ?? '';
    return {
      ...result,
      changed: {
        check: 'contradictory-match',
        message: `ip6tables looks past extension headers for the protocol: no packet has \`${text}\`, \`-m ${header}\` asks for the header`,
        becomes: protocol.print(result.value, context.family),
      },
    };
  },
};

const options = {
  source: value(networks(), { short: 's', aliases: ['src'], invertible: true }),
  destination: value(networks(), { short: 'd', aliases: ['dst'], invertible: true }),
  'in-interface': value(interfaceName, { short: 'i', invertible: true }),
  'out-interface': value(interfaceName, { short: 'o', invertible: true }),
  protocol: value(protocolOfPacket, { short: 'p', aliases: ['proto'], invertible: true }),
  fragment: flag({ short: 'f', aliases: ['fragments'], invertible: true }),
};

export type BaseGiven = GivenOf<typeof options>;

/** Whether a network takes in every address; iptables-save leaves such options out. */
export function isEverything(network: Network): boolean {
  return network.kind === 'ip' ? network.mask === 0 : network.mask === 0n;
}

function networkExpr(network: Network): Expr {
  const length = prefixLength(network.mask);
  const address = network.kind === 'ip' ? formatIp4(network.address) : formatIp6(network.address);
  return length === (network.kind === 'ip' ? 32 : 128) ? symbol(address) : { kind: 'prefix', address, length: length ?? 0 };
}

/** Statements that compare an address field with one network, holes in the mask included. */
export function matchNetwork(field: Expr, network: Network, negated: boolean): readonly Statement[] {
  if (isEverything(network))
    return negated ? [compare(field, '!=', { kind: 'prefix', address: network.kind === 'ip' ? '0.0.0.0' : '::', length: 0 })] : [];
  if (prefixLength(network.mask) !== undefined) return [match(field, networkExpr(network), negated)];
  const mask = network.kind === 'ip' ? formatIp4(network.mask) : formatIp6(network.mask);
  const address = network.kind === 'ip' ? formatIp4(network.address) : formatIp6(network.address);
  return [compare(binary(field, '&', symbol(mask)), negated ? '!=' : '==', symbol(address))];
}

/** Statements that compare the name of an interface, or its beginning; for names that nft can be told (`unsayableByBase`). */
export function matchInterface(key: 'iifname' | 'oifname', name: InterfaceName, negated: boolean): readonly Statement[] {
  if (isAnyInterface(name)) return [];
  const text = textOf(name);
  if (text !== undefined) return [match(meta(key), name.wildcard ? { kind: 'symbol', name: `"${text}"` } : string(text), negated)];
  // No name is longer, so none but this one lies between the characters beside the star.
  const start = name.name.slice(0, -1);
  return [compare(meta(key), '>', string(`${start})`)), compare(meta(key), '<', string(`${start}+`))];
}

const isAnyInterface = ({ name, wildcard }: InterfaceName): boolean => wildcard && name === '';

/** The text of a name for nft, which the thousands of rules with one ask for; see interfaceText. */
function textOf({ name, wildcard }: InterfaceName): string | undefined {
  const known = wildcard ? TEXTS.wildcard : TEXTS.exact;
  let text = known.get(name);
  if (text === undefined && !known.has(name)) {
    text = interfaceText(name, wildcard);
    if (known.size >= MOST_TEXTS) known.clear();
    known.set(name, text);
  }
  return text;
}

const TEXTS = { wildcard: new Map<string, string | undefined>(), exact: new Map<string, string | undefined>() };
const MOST_TEXTS = 1000;

/** The length of the longest name. (kernel: include/uapi/linux/if.h, IFNAMSIZ) */
const LONGEST = 15;

/** Why nft cannot be told an interface of a rule, if it cannot. Names compare by order from 1.0.6 on, 0.9.8 says they are of another byte order (measured). */
export function unsayableByBase(given: BaseGiven, { target }: Pick<NftContext, 'target'>): string | undefined {
  for (const side of [given['in-interface'], given['out-interface']]) {
    if (side === undefined || isAnyInterface(side.value) || textOf(side.value) !== undefined) continue;
    const { name, wildcard } = side.value;
    const isLongStar = !wildcard && byteLength(name) === LONGEST && name.endsWith('*') && !/["\\\p{Cc}]/u.test(name);
    if (isLongStar && !side.negated && (target.nft === undefined || compareVersions(target.nft, '1.0.6') >= 0)) continue;
    return `nft cannot be told the interface name ${JSON.stringify(interfaceName.print(side.value, 'ip'))}`;
  }
  return undefined;
}

/** An nft name for a protocol number; the number itself where nft would have to ask the host. */
export function protocolExpr(protocolOfRule: number): Expr {
  const known: Readonly<Record<number, string>> = {
    1: 'icmp',
    6: 'tcp',
    17: 'udp',
    33: 'dccp',
    50: 'esp',
    51: 'ah',
    58: 'ipv6-icmp',
    108: 'comp',
    132: 'sctp',
    136: 'udplite',
  };
  const name = known[protocolOfRule];
  return name === undefined ? number(protocolOfRule) : symbol(name);
}

/** (iptables 1.8.9: iptables/xshared.c, ipv4_post_parse) */
function refusesNegatedList(at: 'source' | 'destination'): Constraint<typeof options> {
  return {
    kind: 'refuses',
    by: 'iptables',
    when: (given) => given[at]?.negated === true && given[at].value.length > 1,
    message: '`!` takes one address, not a list: a packet cannot be outside of each by one rule',
    at,
    check: 'negation-not-allowed',
    says: '! not allowed with multiple source or destination IP addresses',
    do: 'let the addresses RETURN or ACCEPT in rules above, or use an ipset',
  };
}

/** The base match; it always stands first in a rule, wherever its options were written. */
export const base = defineMatch({
  name: '',
  summary: 'addresses, interfaces, protocol and fragments, without any -m',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given.protocol?.value === 0 && given.protocol.negated,
      message: '`! -p all` can never match',
      at: 'protocol',
      says: 'rule would never match protocol',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given, { family }) => given.fragment !== undefined && family === 'ip6',
      check: 'family-mismatch',
      message: 'ip6tables has no `-f`: later fragments are found with `-m frag`',
      at: 'fragment',
      says: "`-f' is not supported in IPv6, use -m frag instead",
    },
    refusesNegatedList('source'),
    refusesNegatedList('destination'),
  ],
  print: (given, family) => {
    const words: string[] = [];
    for (const [key, letter] of [
      ['source', '-s'],
      ['destination', '-d'],
    ] as const) {
      const side = given[key];
      const network = side?.value[0];
      if (side === undefined || network === undefined || (isEverything(network) && !side.negated)) continue;
      if (side.negated) words.push('!');
      words.push(letter, options[key].value.print(side.value, family));
    }
    for (const [key, letter] of [
      ['in-interface', '-i'],
      ['out-interface', '-o'],
    ] as const) {
      const side = given[key];
      // iptables-legacy-save leaves `! -i +` out as well: what it prints then matches everything. iptables-nft prints it.
      if (side === undefined || (side.value.wildcard && side.value.name === '' && !side.negated)) continue;
      if (side.negated) words.push('!');
      words.push(letter, interfaceName.print(side.value, family));
    }
    if (given.protocol !== undefined && given.protocol.value !== 0) {
      if (given.protocol.negated) words.push('!');
      words.push('-p', protocolName(given.protocol.value) ?? String(given.protocol.value));
    }
    if (given.fragment !== undefined) words.push(...(given.fragment.negated ? ['!', '-f'] : ['-f']));
    return words;
  },
  toNft: (given, context) => exact(lowerBase(given, context)),
});

/** Why no packet can pass, if that is plain from these options alone. */
export function neverByBase(given: BaseGiven, { family }: Pick<NftContext, 'family'>): string | undefined {
  if (isNoInterface(given['in-interface']) || isNoInterface(given['out-interface'])) return '`+` is every interface, and `!` leaves none';
  const { protocol: wanted } = given;
  if (wanted === undefined || wanted.negated || !isPassedOver(wanted.value, family)) return undefined;
  return `ip6tables looks past extension headers for the protocol of a packet: it is never ${protocol.print(wanted.value, family)}`;
}

/** `! -i +`. (kernel: net/ipv4/netfilter/ip_tables.c, ip_packet_match; measured) */
function isNoInterface(given: BaseGiven['in-interface']): boolean {
  return given?.negated === true && given.value.wildcard && given.value.name === '';
}

/** `-s` or `-d`. */
function matchSide(field: Expr, { value, negated }: NonNullable<BaseGiven['source']>): readonly Statement[] {
  const [network] = value;
  if (value.length === 1 && network !== undefined) return matchNetwork(field, network, negated);
  return value.some(isEverything) ? [] : [match(field, setOf(value.map(networkExpr)))];
}

/** `covered`: a later match names the protocol in its own expression, so that `-p` need not be written. */
export function lowerBase(given: BaseGiven, context: Pick<NftContext, 'family'>, covered = false): Statement[] {
  const header = context.family;
  const statements: Statement[] = [];
  if (given['in-interface'] !== undefined) statements.push(...matchInterface('iifname', given['in-interface'].value, given['in-interface'].negated));
  if (given['out-interface'] !== undefined)
    statements.push(...matchInterface('oifname', given['out-interface'].value, given['out-interface'].negated));
  if (given.source !== undefined) statements.push(...matchSide(payload(header, 'saddr'), given.source));
  if (given.destination !== undefined) statements.push(...matchSide(payload(header, 'daddr'), given.destination));
  if (
    given.protocol !== undefined &&
    given.protocol.value !== 0 &&
    !isPassedOver(given.protocol.value, header) &&
    !(covered && !given.protocol.negated)
  )
    statements.push(match(meta('l4proto'), protocolExpr(given.protocol.value), given.protocol.negated));
  if (given.fragment !== undefined) {
    const offset = binary(payload('ip', 'frag-off'), '&', hex(0x1fff));
    statements.push(compare(offset, given.fragment.negated ? '==' : '!=', number(0)));
  }
  return statements;
}
