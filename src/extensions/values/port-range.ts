/** A port or a range of ports, by number or service name: `22`, `ssh`, `1024:65535`, `:1023`, `1024:`. */

import { protocolName } from '../../net/protocols.js';
import { servicePort } from '../../net/services.js';
import { number, range } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import type { Refused, ValueContext, ValueResult, ValueType } from '../define.js';
import { leadingNumber, shown } from './number.js';
import { unknownService } from './unknown-service.js';

/** Both ends are included; 0 to 65535. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

function refused(text: string, message: string, says: string, more: Partial<Refused> = {}): Refused {
  return { kind: 'refused', by: 'iptables', check: 'port-range', message, says, ...more };
}

/** Reads one port: a number 0 to 65535 (decimal, octal with 0, hexadecimal with 0x) or a service name. */
export function readPort(text: string, context: ValueContext): ValueResult<number> {
  const numeric = leadingNumber(text, 0, 65535);
  if (numeric?.rest === '') return { kind: 'read', value: numeric.value };
  if (leadingNumber(text, 0, Number.MAX_VALUE)?.rest === '')
    return refused(text, `ports go up to 65535, not ${text}`, `invalid port/service \`${text}' specified`);
  const protocol = context.protocol === undefined ? undefined : protocolName(context.protocol);
  const port = servicePort(text, protocol);
  if (port !== undefined) return { kind: 'read', value: port };
  if (/^[a-zA-Z][a-zA-Z0-9_-]*$/.test(text) && !/^[a-zA-Z]$/.test(text)) return unknownService(text);
  return refused(text, `${shown(text)} is no port`, `invalid port/service \`${text}' specified`);
}

/** Reads a port or a range with `:`; an open end means 0 or 65535. (iptables: libxtables/xtoptions.c, xtopt_parse_mport) */
export function readPortRange(text: string, context: ValueContext): ValueResult<PortRange> {
  if (text.includes(',')) return refuseList(text, context);
  const dash = /^(\d+)-(\d+)$/.exec(text);
  if (dash !== null)
    return refused(text, `a range of ports is written with \`:\`, not \`-\``, `invalid port/service \`${text}' specified`, {
      check: 'dash-range',
      repair: { text: `${dash[1] ?? ''}:${dash[2] ?? ''}`, title: `write ${dash[1] ?? ''}:${dash[2] ?? ''}`, applicability: 'safe' },
    });
  const colon = text.indexOf(':');
  if (colon === -1) {
    const port = readPort(text, context);
    return port.kind === 'read' ? { kind: 'read', value: { from: port.value, to: port.value } } : port;
  }
  const from = colon === 0 ? ({ kind: 'read', value: 0 } as const) : readPort(text.slice(0, colon), context);
  if (from.kind !== 'read') return from;
  const to = colon === text.length - 1 ? ({ kind: 'read', value: 65535 } as const) : readPort(text.slice(colon + 1), context);
  if (to.kind !== 'read') return to;
  if (from.value > to.value)
    return refused(text, `the range \`${text}\` ends before it begins`, 'invalid portrange (min > max)', {
      repair: { text: `${String(to.value)}:${String(from.value)}`, title: `write ${String(to.value)}:${String(from.value)}`, applicability: 'safe' },
    });
  return { kind: 'read', value: { from: from.value, to: to.value } };
}

function refuseList(text: string, context: ValueContext): Refused {
  const items = text.split(',').map((item) => readPortRange(item, context));
  const says = `invalid port/service \`${text}' specified`;
  const wrong = items.find((item) => item.kind === 'refused');
  if (wrong !== undefined) {
    // Its repair is for the item alone.
    const { repair: _ofItem, ...refusal } = wrong;
    return { ...refusal, says };
  }
  const places = items.reduce((sum, item) => sum + (item.kind === 'read' && item.value.from !== item.value.to ? 2 : 1), 0);
  if (places > 15)
    return refused(text, `\`--dport\` takes one port or range, and multiport at most 15; these are ${String(places)} (a range counts twice)`, says, {
      check: 'multiport-limit',
      do: 'split the list over several rules with `-m multiport --dports`',
    });
  return refused(text, `\`${text}\` is a list; one option takes one port or one range`, says, {
    check: 'ports-need-multiport',
    do: `use \`-m multiport\`, whose \`--dports\` and \`--sports\` take a list`,
  });
}

/** The value type of `--sport` and `--dport`. */
export const portRange: ValueType<PortRange> = {
  name: 'port or port range',
  read: readPortRange,
  print: (value) => (value.from === value.to ? String(value.from) : `${String(value.from)}:${String(value.to)}`),
};

/** A port range as an nft expression. */
export function portExpr(value: PortRange): Expr {
  return value.from === value.to ? number(value.from) : range(number(value.from), number(value.to));
}
