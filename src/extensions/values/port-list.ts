/** The list of `-m multiport`: ports and ranges between commas. */

import type { Refused, ValueContext, ValueResult, ValueType } from '../define.js';
import { readPort, type PortRange } from './port-range.js';

/** Ports one list holds; a range counts as two. (kernel: include/uapi/linux/netfilter/xt_multiport.h, XT_MULTI_PORTS) */
const MOST = 15;

/** How iptables-save spells the options. */
export const PORT_LIST_OPTIONS = { 'source-ports': '--sports', 'destination-ports': '--dports', ports: '--ports' } as const;

function refused(check: string, message: string, says: string, more: Partial<Refused> = {}): Refused {
  return { kind: 'refused', by: 'iptables', check, message, says, ...more };
}

/** Both ends must be given, the second above the first. (iptables: extensions/libxt_multiport.c, parse_multi_ports_v1) */
function readItem(item: string, context: ValueContext): ValueResult<PortRange> {
  const dash = /^(\d+)-(\d+)$/.exec(item);
  if (dash !== null) return refused('dash-range', 'a range of ports is written with `:`, not `-`', `invalid port/service \`${item}' specified`);
  const colon = item.indexOf(':');
  const first = colon === -1 ? item : item.slice(0, colon);
  const second = colon === -1 ? undefined : item.slice(colon + 1);
  if (second !== undefined && (first === '' || second === '') && `${first}${second}` !== item)
    return refused(
      'port-range',
      `both ends of the range \`${item}\` must be given: 0 and 65535 are the outermost`,
      "invalid port/service `' specified",
    );
  const from = readPort(first, context);
  if (from.kind !== 'read') return from;
  if (second === undefined) return { kind: 'read', value: { from: from.value, to: from.value } };
  const to = readPort(second, context);
  if (to.kind !== 'read') return to;
  if (from.value < to.value) return { kind: 'read', value: { from: from.value, to: to.value } };
  return refused(
    'port-range',
    from.value === to.value ? `the range \`${item}\` is one port; write the port` : `the range \`${item}\` ends before it begins`,
    'invalid portrange specified',
  );
}

function readList(text: string, context: ValueContext): ValueResult<readonly PortRange[]> {
  const items = text.split(',');
  const room = items.reduce((sum, item) => sum + (item.includes(':') ? 2 : 1), 0);
  if (room > MOST)
    return refused(
      'multiport-limit',
      `the list takes ${String(MOST)} ports, and a range counts as two: here are ${String(room)}`,
      'too many ports specified',
      {
        do: 'write two rules, or use an ipset of type bitmap:port',
      },
    );
  const value: PortRange[] = [];
  for (const item of items) {
    if (item === '' || /^[ \t]+$/.test(item))
      return refused(
        'list-with-space',
        text === '' ? 'the list of ports is empty' : `an item of the list \`${text}\` is empty`,
        "invalid port/service `' specified",
        { do: 'write the list without blanks, and without a comma at its ends' },
      );
    const result = readItem(item, context);
    if (result.kind === 'refused') {
      const mended = mend(item, result);
      if (mended === undefined) return result;
      const whole = items.map((other) => (other === item ? mended : other)).join(',');
      return { ...result, repair: { text: whole, title: `write ${whole}`, applicability: 'safe' } };
    }
    if (result.kind === 'unresolved') return result;
    value.push(result.value);
  }
  // A copy has no room kept for growing, ten times what a list of two takes.
  return { kind: 'read', value: value.slice() };
}

/** The item with its range written as multiport takes it. */
function mend(item: string, { check }: Refused): string | undefined {
  const ends = /^(\d*)[-:](\d*)$/.exec(item);
  if (ends === null || (check !== 'dash-range' && check !== 'port-range')) return undefined;
  const from = Number(ends[1] === '' ? '0' : ends[1]);
  const to = Number(ends[2] === '' ? '65535' : ends[2]);
  if (from > 65535 || to > 65535) return undefined;
  return from === to ? String(from) : `${String(Math.min(from, to))}:${String(Math.max(from, to))}`;
}

/** The value type of such a list. */
export const portList: ValueType<readonly PortRange[]> = {
  name: 'list of ports',
  read: readList,
  print: (list) => list.map(({ from, to }) => (from === to ? String(from) : `${String(from)}:${String(to)}`)).join(','),
};
