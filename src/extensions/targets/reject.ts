/** `-j REJECT`: discards the packet and answers with an ICMP error or a TCP reset. */

import type { Statement } from '../../nft/ir.js';
import { nearest } from '../../text/distance.js';
import { defineTarget, exact, programOfFamily, value, type Family, type ValueResult, type ValueType } from '../define.js';
import { shown } from '../values/number.js';

interface RejectType {
  readonly name: string;
  readonly alias: string;
  /** nft's name of the code; absent for the TCP reset. */
  readonly code?: string;
}

/** In the order in which iptables tries abbreviations. (iptables: extensions/libipt_REJECT.c and libip6t_REJECT.c, reject_table) */
const TYPES: Readonly<Record<Family, readonly RejectType[]>> = {
  ip: [
    { name: 'icmp-net-unreachable', alias: 'net-unreach', code: 'net-unreachable' },
    { name: 'icmp-host-unreachable', alias: 'host-unreach', code: 'host-unreachable' },
    { name: 'icmp-proto-unreachable', alias: 'proto-unreach', code: 'prot-unreachable' },
    { name: 'icmp-port-unreachable', alias: 'port-unreach', code: 'port-unreachable' },
    { name: 'icmp-net-prohibited', alias: 'net-prohib', code: 'net-prohibited' },
    { name: 'icmp-host-prohibited', alias: 'host-prohib', code: 'host-prohibited' },
    { name: 'tcp-reset', alias: 'tcp-rst' },
    { name: 'icmp-admin-prohibited', alias: 'admin-prohib', code: 'admin-prohibited' },
  ],
  ip6: [
    { name: 'icmp6-no-route', alias: 'no-route', code: 'no-route' },
    { name: 'icmp6-adm-prohibited', alias: 'adm-prohibited', code: 'admin-prohibited' },
    { name: 'icmp6-addr-unreachable', alias: 'addr-unreach', code: 'addr-unreachable' },
    { name: 'icmp6-port-unreachable', alias: 'port-unreach', code: 'port-unreachable' },
    { name: 'tcp-reset', alias: 'tcp-reset' },
    { name: 'icmp6-policy-fail', alias: 'policy-fail', code: 'policy-fail' },
    { name: 'icmp6-reject-route', alias: 'reject-route', code: 'reject-route' },
  ],
};

const DEFAULTS: Readonly<Record<Family, string>> = { ip: 'icmp-port-unreachable', ip6: 'icmp6-port-unreachable' };

/** The type of one family that says the same as one of the other; the kernel maps ICMP errors like this between families (RFC 7915, 5.2). */
const OTHER_FAMILY: Readonly<Record<string, string>> = {
  'icmp-net-unreachable': 'icmp6-no-route',
  'icmp-host-unreachable': 'icmp6-addr-unreachable',
  'icmp-port-unreachable': 'icmp6-port-unreachable',
  'icmp-net-prohibited': 'icmp6-adm-prohibited',
  'icmp-host-prohibited': 'icmp6-adm-prohibited',
  'icmp-admin-prohibited': 'icmp6-adm-prohibited',
  'tcp-reset': 'tcp-reset',
  'icmp6-no-route': 'icmp-net-unreachable',
  'icmp6-adm-prohibited': 'icmp-admin-prohibited',
  'icmp6-addr-unreachable': 'icmp-host-unreachable',
  'icmp6-port-unreachable': 'icmp-port-unreachable',
};

const rejectType: ValueType<string> = {
  name: 'kind of answer',
  read: (text, { family }): ValueResult<string> => {
    const types = TYPES[family];
    const lower = text.toLowerCase();
    const found = types.find(({ name, alias }) => name.startsWith(lower) || alias.startsWith(lower));
    if (found === undefined) return refuse(text, lower, family);
    if (found.name === lower || found.alias === lower) return { kind: 'read', value: found.name };
    return {
      kind: 'read',
      value: found.name,
      changed: {
        check: 'reject-type',
        message: `${shown(text)} is taken for an abbreviation, and iptables takes the first type it fits: ${found.name}`,
        becomes: found.name,
        repair: { text: found.name, title: `write ${found.name}`, applicability: 'safe' },
      },
    };
  },
  print: (name) => name,
};

function refuse(text: string, lower: string, family: Family): ValueResult<never> {
  const types = TYPES[family];
  const other = TYPES[family === 'ip' ? 'ip6' : 'ip'].find(({ name, alias }) => name === lower || alias === lower);
  const names = types.flatMap(({ name, alias }) => [name, alias]);
  const meant = other === undefined ? nearest(lower, names) : OTHER_FAMILY[other.name];
  const target = types.find(({ name, alias }) => name === meant || alias === meant)?.name;
  return {
    kind: 'refused',
    by: 'iptables',
    check: 'reject-type',
    message:
      other === undefined
        ? `\`${text}\` is no reject type`
        : `\`${text}\` is a reject type of ${programOfFamily(family === 'ip' ? 'ip6' : 'ip')}, not of ${programOfFamily(family)}`,
    says: `unknown reject type "${text}"`,
    do: `give one of ${types.map(({ name }) => name).join(', ')}`,
    ...(target === undefined ? {} : { repair: { text: target, title: `write ${target}`, applicability: other === undefined ? 'unsafe' : 'safe' } }),
  };
}

export default defineTarget({
  name: 'REJECT',
  summary: 'discards the packet and answers with an ICMP error or a TCP reset',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['filter'],
  hooks: ['INPUT', 'FORWARD', 'OUTPUT'],
  options: { 'reject-with': value(rejectType) },
  constraints: [
    {
      kind: 'refuses',
      by: 'kernel',
      // kernel: net/ipv4/netfilter/ipt_REJECT.c, reject_tg_check: the rule itself must name tcp, not inverted
      when: (given, context) => given['reject-with']?.value === 'tcp-reset' && (context.protocol !== 6 || context.protocolNegated === true),
      at: 'reject-with',
      check: 'reject-type',
      message: '`--reject-with tcp-reset` needs `-p tcp`: only TCP has resets',
      do: 'write `-p tcp` in front, or reject other protocols with an ICMP error',
    },
  ],
  print: (given, family) => ['--reject-with', given['reject-with']?.value ?? DEFAULTS[family]],
  toNft: (given, { family }) => {
    const name = given['reject-with']?.value ?? DEFAULTS[family];
    if (name === DEFAULTS[family]) return exact([{ kind: 'reject' }]);
    const code = TYPES[family].find((type) => type.name === name)?.code;
    const statement: Statement =
      code === undefined
        ? { kind: 'reject', with: { kind: 'tcpReset' } }
        : { kind: 'reject', with: { kind: family === 'ip' ? 'icmp' : 'icmpv6', code } };
    return exact([statement]);
  },
});
