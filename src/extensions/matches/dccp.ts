/** `-p dccp`: ports, packet types and options of DCCP. */

import { compare, match, number, payload, range, setOf, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { defineMatch, exact, unsupported, value, type ValueResult, type ValueType } from '../define.js';
import { wholeNumber } from '../values/number.js';
import { refusesReversedPorts, resolvedPortRange } from '../values/resolved-port-range.js';
import { lowerPorts, printPortsAsGiven } from '../values/transport-ports.js';

/** By their numbers; INVALID stands for 10 to 15. (iptables: extensions/libxt_dccp.c, dccp_pkt_types; measured on Linux 6.18) */
const TYPES = ['REQUEST', 'RESPONSE', 'DATA', 'ACK', 'DATAACK', 'CLOSEREQ', 'CLOSE', 'RESET', 'SYNC', 'SYNCACK', 'INVALID'] as const;
type PacketType = (typeof TYPES)[number];

/** Whatever the case of the letters, but never cut short; an empty list names no type. */
const packetTypes: ValueType<readonly PacketType[]> = {
  name: 'list of DCCP packet types',
  read: (text): ValueResult<readonly PacketType[]> => {
    const given = new Set<string>();
    for (const item of text.split(',')) {
      if (item === '') continue;
      const upper = item.toUpperCase();
      if (!TYPES.some((type) => type === upper))
        return {
          kind: 'refused',
          by: 'iptables',
          message: `\`${item}\` is no DCCP packet type; there are ${TYPES.join(', ')}`,
          says: `Unknown DCCP type \`${item}'`,
        };
      given.add(upper);
    }
    return { kind: 'read', value: TYPES.filter((type) => given.has(type)) };
  },
  print: (types) => types.join(','),
};

const options = {
  'source-port': value(resolvedPortRange({ extension: 'dccp', option: 'source-port' }), { aliases: ['sport'], invertible: true }),
  'destination-port': value(resolvedPortRange({ extension: 'dccp', option: 'destination-port' }), { aliases: ['dport'], invertible: true }),
  'dccp-types': value(packetTypes, { invertible: true }),
  'dccp-option': value(wholeNumber('kind of DCCP option', 1, 255, { extension: 'dccp', option: 'dccp-option' }), { invertible: true }),
};

const typeExpr = (type: PacketType): Expr => (type === 'INVALID' ? range(number(10), number(15)) : symbol(type.toLowerCase()));

export default defineMatch({
  name: 'dccp',
  summary: 'DCCP ports, packet types and options',
  families: ['ip', 'ip6'],
  protocols: [33],
  options,
  constraints: [refusesReversedPorts<typeof options>('source-port'), refusesReversedPorts<typeof options>('destination-port')],
  print: (given, family) => {
    const types = given['dccp-types'];
    const kind = given['dccp-option'];
    return [
      ...printPortsAsGiven(given),
      ...(types === undefined ? [] : [...(types.negated ? ['!'] : []), '--dccp-types', packetTypes.print(types.value, family)]),
      ...(kind === undefined ? [] : [...(kind.negated ? ['!'] : []), '--dccp-option', String(kind.value)]),
    ];
  },
  toNft: (given) => {
    if (given['dccp-option'] !== undefined)
      return unsupported(
        'nft has no expression for DCCP options that every kernel takes',
        `with nft 1.0.8 or newer, where the kernel has CONFIG_NFT_EXTHDR_DCCP: \`dccp option ${String(given['dccp-option'].value)} exists\``,
      );
    const ports = lowerPorts(given, 'dccp');
    if ('never' in ports) return { kind: 'never', why: ports.never };
    const items: Statement[] = [...ports];
    const types = given['dccp-types'];
    if (types !== undefined && types.value.length > 0) items.push(match(payload('dccp', 'type'), setOf(types.value.map(typeExpr)), types.negated));
    if (types?.value.length === 0 && !types.negated) return { kind: 'never', why: 'no packet has one of no types' };
    return exact(items.length === 0 ? [compare(payload('dccp', 'sport'), '>=', number(0))] : items);
  },
});
