/** `-j CT`: says how connection tracking is to treat the packet: not at all, in which zone, with which helper. */

import { compare, concatenation, ct, match, number, payload, setReference, symbol } from '../../nft/build.js';
import type { Expr, NamedSet, NftChain, Statement } from '../../nft/ir.js';
import { protocolName } from '../../net/protocols.js';
import {
  defineTarget,
  exact,
  flag,
  unsupported,
  value,
  type Family,
  type Given,
  type GivenOf,
  type Hook,
  type Lowering,
  type NftContext,
  type ValueResult,
  type ValueType,
} from '../define.js';
import { leadingNumber, shown } from '../values/number.js';
import { shortName } from '../values/short-name.js';

/** 0 to 65535, or taken from the mark of the packet. */
type Zone = number | 'mark';

/** (iptables: extensions/libxt_CT.c, ct_parse_zone_id) */
const zone: ValueType<Zone> = {
  name: 'zone',
  read: (text): ValueResult<Zone> => {
    const id = leadingNumber(text, 0, 65535);
    if (id?.rest === '') return { kind: 'read', value: id.value };
    if (text === 'mark') return { kind: 'read', value: 'mark' };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no zone: a number of 0 to 65535, or \`mark\``,
      says: `Cannot parse ${text} as a zone ID`,
    };
  },
  print: String,
};

/** In the order of their bits. (kernel: include/uapi/linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_events) */
const EVENTS = ['new', 'related', 'destroy', 'reply', 'assured', 'protoinfo', 'helper', 'mark', 'natseqinfo', 'secmark'];
const EXPECTATION_EVENTS = ['new'];

function events(known: readonly string[]): ValueType<readonly string[]> {
  return {
    name: 'list of events',
    read: (text): ValueResult<readonly string[]> => {
      const names = text.split(',');
      const unknown = names.find((name) => !known.includes(name));
      if (unknown === undefined) return { kind: 'read', value: known.filter((name) => names.includes(name)) };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(unknown)} is no event`,
        says: `Unknown event type "${unknown}"`,
        do: `give some of ${known.join(', ')}, with commas and no blanks between`,
      };
    },
    print: (names) => names.join(','),
  };
}

/** (kernel: include/uapi/linux/netfilter/xt_CT.h: helper[16] with the closing NUL) */
const HELPER_LIMIT = 15;

const helper = shortName('helper', 'a helper name', HELPER_LIMIT);

const timeoutPolicy: ValueType<string> = {
  name: 'timeout policy',
  free: true,
  read: (text) => ({ kind: 'read', value: text }),
  print: (name) => name,
};

/** Protocols and families of the kernel's own helpers; others may come from user space. (kernel: net/netfilter/nf_conntrack_*.c) */
const HELPERS: ReadonlyMap<string, { readonly protocols: readonly number[]; readonly families: readonly Family[] }> = new Map(
  (
    [
      ['amanda', [17], ['ip', 'ip6']],
      ['ftp', [6], ['ip', 'ip6']],
      ['Q.931', [6], ['ip', 'ip6']],
      ['RAS', [17], ['ip', 'ip6']],
      ['irc', [6], ['ip']],
      ['netbios-ns', [17], ['ip']],
      ['pptp', [6], ['ip']],
      ['sane', [6], ['ip', 'ip6']],
      ['sip', [6, 17], ['ip', 'ip6']],
      ['snmp', [17], ['ip']],
      ['snmp_trap', [17], ['ip']],
      ['tftp', [17], ['ip', 'ip6']],
    ] as const
  ).map(([name, protocols, families]) => [name, { protocols, families }]),
);

const options = {
  notrack: flag(),
  helper: value(helper),
  timeout: value(timeoutPolicy),
  ctevents: value(events(EVENTS)),
  expevents: value(events(EXPECTATION_EVENTS)),
  zone: value(zone),
  'zone-orig': value(zone),
  'zone-reply': value(zone),
};

type Direction = 'both' | 'original' | 'reply';

/** All zone options write one field, one after the other; one for each direction means both. (iptables: extensions/libxt_CT.c, ct_parse_v1) */
function zoneOf(given: GivenOf<typeof options>): { readonly id: Zone; readonly direction: Direction } | undefined {
  const uses = (['zone', 'zone-orig', 'zone-reply'] as const)
    .flatMap((name): { name: string; use: Given<Zone> }[] => (given[name] === undefined ? [] : [{ name, use: given[name] }]))
    .sort((left, right) => left.use.word - right.use.word);
  const last = uses.at(-1);
  if (last === undefined) return undefined;
  const original = given['zone-orig'] !== undefined;
  const reply = given['zone-reply'] !== undefined;
  return {
    id: uses.some(({ use }) => use.value === 'mark') ? 'mark' : last.use.value,
    direction: original === reply ? 'both' : original ? 'original' : 'reply',
  };
}

/** Base chains that see the packet right after connection tracking did, which hooks in at -200. */
const AFTER_TRACKING = -199;

/**
 * A helper can only be given to a connection that is there already, right after the raw table. The packet is remembered by its
 * addresses and ports in between. Packets another rule has spoken for are left alone, and later ones leave this one alone, as in iptables:
 * that is what `ct state invalid` (nothing attached yet) and the zone (something attached) are for.
 */
function lowerHelper(name: string, zoneStatement: Statement, context: NftContext): Lowering {
  const protocol = context.protocolNegated === true ? undefined : context.protocol === 6 ? 'tcp' : context.protocol === 17 ? 'udp' : undefined;
  if (protocol === undefined) return unsupported('nft has connection helpers for tcp and udp only');
  const header = context.family;
  const key: Expr = concatenation([payload(header, 'saddr'), payload(protocol, 'sport'), payload(header, 'daddr'), payload(protocol, 'dport')]);
  const sharedKey = `ct helper ${name} ${protocol} ${context.hooks.join(' ')}`;
  const before = context.shared?.get(sharedKey) as string | undefined;
  const plain = `${name.replace(/[^A-Za-z0-9_]/g, '_')}_${protocol}`;
  const set = before ?? context.freeName(`wants_${plain}`);
  const items: readonly Statement[] = [match(ct('state'), symbol('invalid')), { kind: 'setUpdate', operation: 'add', set, key }, zoneStatement];
  if (before !== undefined) return exact(items);
  context.shared?.set(sharedKey, set);
  const object = context.freeName(`helper_${plain}`);
  const remembered = compare(key, 'implicit', setReference(set));
  const chains = context.hooks.map((hook): NftChain => ({
    name: context.freeName(`${object}_${hook.toLowerCase()}`),
    base: { type: 'filter', hook: hook.toLowerCase() as Lowercase<Hook>, priority: AFTER_TRACKING, policy: 'accept' },
    comments: [`@${set}: packets from the raw table that ask for the helper ${name}`],
    rules: [
      { statements: [match(ct('state'), symbol('new')), remembered, { kind: 'objectReference', type: 'ct helper', name: object }] },
      { statements: [remembered, { kind: 'setUpdate', operation: 'delete', set, key }] },
    ],
  }));
  const address = header === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const remembering: NamedSet = {
    kind: 'set',
    name: set,
    type: [address, 'inet_service', address, 'inet_service'],
    flags: ['dynamic', 'timeout'],
    timeout: 1000,
  };
  return exact(items, { sets: [remembering], objects: [{ kind: 'ct helper', name: object, helper: name, protocol }], chains });
}

/** Nft chooses events after tracking has begun (`ct event set`); iptables before, for connections that begin. */
const ALL_EVENTS = 'programs that listen (conntrack -E, ulogd) are told all events of the connections, not only these; packets fare the same';

export default defineTarget({
  name: 'CT',
  summary: 'says how connection tracking treats the packet: not at all, zone, helper',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['raw'],
  options,
  constraints: [
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, context) =>
        given.notrack === undefined &&
        [given.helper?.value, given.timeout?.value].some((name) => name !== undefined && name !== '') &&
        (context.protocol === undefined || context.protocol === 0 || context.protocolNegated === true),
      check: 'conntrack-helper',
      message: 'a helper or timeout policy belongs to one protocol: `-p` must name it',
      says: 'xt_CT: You must specify a L4 protocol and not use inversions on it',
      do: 'write `-p tcp` or `-p udp` in front',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, context) => {
        const known = given.notrack === undefined ? HELPERS.get(given.helper?.value ?? '') : undefined;
        return (
          known !== undefined &&
          context.protocol !== undefined &&
          !(known.protocols.includes(context.protocol) && known.families.includes(context.family))
        );
      },
      at: 'helper',
      check: 'conntrack-helper',
      message: 'the kernel has no such helper for this protocol and family',
      says: 'xt_CT: No such helper "…"',
      do: `the kernel's own helpers: ${[...HELPERS].map(([name, { protocols }]) => `${name} (${protocols.map((number) => protocolName(number) ?? '').join(', ')})`).join(', ')}`,
    },
  ],
  print: (given) => {
    const words: string[] = [];
    if (given.notrack !== undefined) words.push('--notrack');
    if (given.helper !== undefined && given.helper.value !== '') words.push('--helper', given.helper.value);
    if (given.timeout !== undefined && given.timeout.value !== '') words.push('--timeout', given.timeout.value);
    if (given.ctevents !== undefined) words.push('--ctevents', given.ctevents.value.join(','));
    if (given.expevents !== undefined) words.push('--expevents', given.expevents.value.join(','));
    const wanted = zoneOf(given);
    if (wanted !== undefined && wanted.id !== 0)
      words.push({ both: '--zone', original: '--zone-orig', reply: '--zone-reply' }[wanted.direction], String(wanted.id));
    return words;
  },
  toNft: (given, context) => {
    // The kernel looks at nothing else then. (kernel: net/netfilter/xt_CT.c, xt_ct_tg_check)
    if (given.notrack !== undefined) return exact([{ kind: 'notrack' }]);
    if (given.timeout !== undefined && given.timeout.value !== '')
      return unsupported(
        'the timeout policy stands outside the rules (nfct), and its numbers are not known here',
        'define a `ct timeout` object and use it in a chain after connection tracking',
      );
    const wanted = zoneOf(given) ?? { id: 0, direction: 'both' };
    if (wanted.id === 'mark')
      return unsupported('nft cannot take a zone from the mark as it is', 'name the marks: `ct zone set meta mark map { 1 : 1, 2 : 2 }`');
    const zoneKey = wanted.direction === 'both' ? ct('zone') : ct('zone', wanted.direction);
    const zoneStatement: Statement = { kind: 'assign', to: zoneKey, value: number(wanted.id) };
    // Packets that an earlier rule keeps out of tracking stay out. (kernel: net/netfilter/xt_CT.c, xt_ct_target; nft_ct.c, nft_ct_set_zone_eval)
    const lowering =
      given.helper === undefined || given.helper.value === ''
        ? exact([match(ct('state'), symbol('untracked'), true), zoneStatement])
        : lowerHelper(given.helper.value, zoneStatement, context);
    const listens = given.ctevents !== undefined || given.expevents !== undefined;
    return listens && lowering.kind === 'exact' ? { ...lowering, kind: 'approximate', differs: ALL_EVENTS } : lowering;
  },
});
