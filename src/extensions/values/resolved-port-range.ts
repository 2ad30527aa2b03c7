/**
 * A port or a range of ports as `-m udp`, `-m dccp` and `-m conntrack` read them: by asking the system's resolver, which is less strict
 * than what `-m tcp` does itself.
 */

import { servicePort } from '../../net/services.js';
import { compareVersions, type Changed, type Constraint, type Given, type Refused, type ValueResult, type ValueType } from '../define.js';
import type { PortRange } from './port-range.js';
import { shown, type OptionPlace } from './number.js';
import { unknownService } from './unknown-service.js';

const refused = (message: string, says: string, more: Partial<Refused> = {}): Refused => ({
  kind: 'refused',
  by: 'iptables',
  check: 'port-range',
  message,
  says,
  ...more,
});

interface ReadPort {
  readonly port: number;
  /** The number as written, where only its last 16 bits count. */
  readonly overflow?: string;
}

/**
 * One port. Numbers are decimal, with or without zeros in front, and only their last 16 bits count: `99999` is 34463; nothing at all is 0.
 * (iptables: libxtables/xtoptions.c, xtables_getportbyname; glibc: getaddrinfo. Measured with 1.8.7, 1.8.9, 1.8.11 and 1.8.13)
 */
function readPort(text: string): ValueResult<ReadPort> {
  const digits = /^[ \t\n\v\f\r]*\+?(\d*)$/.exec(text)?.[1];
  if (digits !== undefined) {
    const number = BigInt(digits === '' ? 0 : digits);
    const kept = number > 0xffffffffffffffffn ? -1 : Number(BigInt.asIntN(32, number));
    if (kept < 0) return refused(`ports go up to 65535, not ${text}`, `Port "${text}" does not resolve to anything.`);
    const port = kept & 0xffff;
    return { kind: 'read', value: number > 65535n ? { port, overflow: text } : { port } };
  }
  const port = servicePort(text);
  if (port !== undefined) return { kind: 'read', value: { port } };
  if (/^[a-zA-Z][a-zA-Z0-9_-]+$/.test(text)) return unknownService(text);
  return refused(`${shown(text)} is no port`, `Port "${text}" does not resolve to anything.`);
}

/** Reads a port or a range with `:`; an open end means 0 or 65535. */
function readRange(text: string, place: OptionPlace): ValueResult<PortRange> {
  if (text.includes(','))
    return refused(
      `\`${text}\` is a list; one option takes one port or one range`,
      `Port "${text.split(':', 1)[0] ?? ''}" does not resolve to anything.`,
      {
        check: 'ports-need-multiport',
        ...(place.extension === 'conntrack' ? { do: 'write one rule for each' } : { do: `use \`-m multiport --dports ${text}\`` }),
      },
    );
  const dash = /^(\d+)-(\d+)$/.exec(text);
  if (dash !== null) {
    const colons = `${dash[1] ?? ''}:${dash[2] ?? ''}`;
    return refused(`a range of ports is written with \`:\`, not \`-\``, `Port "${text}" does not resolve to anything.`, {
      check: 'dash-range',
      repair: { text: colons, title: `write ${colons}`, applicability: 'safe' },
    });
  }
  const parts = text.split(':');
  if (parts.length > 2)
    return refused(`\`${text}\` has more than two ends`, `${place.extension}: Too many components for option "--${place.option}" (max: 2)`);
  const [first = '', second] = parts;
  const from = second !== undefined && first === '' ? open(0) : readPort(first);
  if (from.kind !== 'read') return from;
  const to = second === undefined ? from : second === '' ? open(65535) : readPort(second);
  if (to.kind !== 'read') return to;
  const value: PortRange = { from: from.value.port, to: to.value.port };
  const changed = changes(text, value, from.value.overflow ?? to.value.overflow);
  return changed === undefined ? { kind: 'read', value } : { kind: 'read', value, changed };
}

function open(port: number): { readonly kind: 'read'; readonly value: ReadPort } {
  return { kind: 'read', value: { port } };
}

function changes(text: string, value: PortRange, overflow: string | undefined): Changed | undefined {
  const becomes = printRange(value);
  if (overflow !== undefined)
    return {
      check: 'port-range',
      message: `ports go up to 65535: iptables cuts ${overflow} short without a word, \`${text}\` means ${becomes}`,
      becomes,
    };
  if (value.from > value.to) {
    const turned = printRange({ from: value.to, to: value.from });
    return {
      check: 'port-range',
      message: `the range \`${text}\` ends before it begins and holds no port; iptables 1.8.11 and newer refuse it`,
      becomes,
      repair: { text: turned, title: `write ${turned}`, applicability: 'unsafe' },
    };
  }
  return undefined;
}

function printRange(value: PortRange): string {
  return value.from === value.to ? String(value.from) : `${String(value.from)}:${String(value.to)}`;
}

/** The value type of such a port option. A range may end before it begins; it then holds no port. */
export function resolvedPortRange(place: OptionPlace): ValueType<PortRange> {
  return { name: 'port or port range', read: (text) => readRange(text, place), print: printRange };
}

/** That iptables 1.8.11 and newer refuse a range that ends before it begins. (measured with 1.8.11 and 1.8.13) */
export function refusesReversedPorts<O>(option: keyof O & string): Constraint<O> {
  return {
    kind: 'refuses',
    by: 'iptables',
    when: (given, { target }) => {
      const range = (given as Readonly<Record<string, Given<PortRange> | undefined>>)[option];
      return (
        range !== undefined && range.value.from > range.value.to && target.iptables !== undefined && compareVersions(target.iptables, '1.8.11') >= 0
      );
    },
    message: 'the range ends before it begins',
    at: option,
    check: 'port-range',
  };
}
