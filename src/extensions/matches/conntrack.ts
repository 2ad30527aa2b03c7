/** `-m conntrack`: what connection tracking knows about a packet's connection. */

import type { Network } from '../../net/address.js';
import { ct, match, number, range, setOf, symbol } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { matchNetwork, protocolExpr } from '../base.js';
import { compareVersions, defineMatch, exact, value, type Constraint, type GivenOf, type NftContext, type ValueType } from '../define.js';
import { ctStates, lowerStates, statuses, statusTest } from '../values/connection-state.js';
import { maskedHost } from '../values/masked-host.js';
import { numberRange, refusesReversedRange, type NumberRange } from '../values/number-range.js';
import { portExpr } from '../values/port-range.js';
import { protocol } from '../values/protocol.js';
import { refusesReversedPorts, resolvedPortRange } from '../values/resolved-port-range.js';

type Direction = 'ORIGINAL' | 'REPLY';

/** Whatever the case of its letters, but never cut short. (iptables: extensions/libxt_conntrack.c, conntrack_mt_parse) */
const direction: ValueType<Direction> = {
  name: 'direction',
  read: (text) => {
    const upper = text.toUpperCase();
    if (upper === 'ORIGINAL' || upper === 'REPLY') return { kind: 'read', value: upper };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${text}\` is no direction; there are ORIGINAL and REPLY`,
      says: `conntrack: Bad value for "--ctdir" option: "${text}"`,
    };
  },
  print: (given) => given,
};

/** iptables-save prints the number. 0, or `all`, is a protocol like others here. */
const connectionProtocol: ValueType<number> = {
  name: protocol.name,
  read: (text, context) => {
    const result = protocol.read(text, context);
    if (result.kind !== 'read' || result.value !== 0) return result;
    return {
      ...result,
      changed: {
        check: 'contradictory-match',
        message: `\`${text}\` is protocol 0 here, not every protocol, and connections have others; iptables 1.8.11 and newer refuse it`,
        becomes: '0',
      },
    };
  },
  print: String,
};

const host = (option: string): ReturnType<typeof maskedHost> => maskedHost({ extension: 'conntrack', option });
const ports = (option: string): ReturnType<typeof resolvedPortRange> => resolvedPortRange({ extension: 'conntrack', option });

const options = {
  ctstate: value(ctStates, { invertible: true }),
  ctproto: value(connectionProtocol, { invertible: true }),
  ctorigsrc: value(host('ctorigsrc'), { invertible: true }),
  ctorigdst: value(host('ctorigdst'), { invertible: true }),
  ctreplsrc: value(host('ctreplsrc'), { invertible: true }),
  ctrepldst: value(host('ctrepldst'), { invertible: true }),
  ctorigsrcport: value(ports('ctorigsrcport'), { invertible: true }),
  ctorigdstport: value(ports('ctorigdstport'), { invertible: true }),
  ctreplsrcport: value(ports('ctreplsrcport'), { invertible: true }),
  ctrepldstport: value(ports('ctrepldstport'), { invertible: true }),
  ctstatus: value(statuses, { invertible: true }),
  ctexpire: value(numberRange({ name: 'number of seconds', most: 0xffffffff, extension: 'conntrack', option: 'ctexpire' }), { invertible: true }),
  ctdir: value(direction),
};

type ConntrackGiven = GivenOf<typeof options>;

const ADDRESSES = [
  { option: 'ctorigsrc', direction: 'original', field: 'saddr' },
  { option: 'ctorigdst', direction: 'original', field: 'daddr' },
  { option: 'ctreplsrc', direction: 'reply', field: 'saddr' },
  { option: 'ctrepldst', direction: 'reply', field: 'daddr' },
] as const;

const PORTS = [
  { option: 'ctorigsrcport', direction: 'original', field: 'proto-src' },
  { option: 'ctorigdstport', direction: 'original', field: 'proto-dst' },
  { option: 'ctreplsrcport', direction: 'reply', field: 'proto-src' },
  { option: 'ctrepldstport', direction: 'reply', field: 'proto-dst' },
] as const;

const constraints: readonly Constraint<typeof options>[] = [
  { kind: 'atLeastOne', of: Object.keys(options) as (keyof typeof options)[], says: 'conntrack: At least one option is required' },
  ...PORTS.map(({ option }) => refusesReversedPorts<typeof options>(option)),
  refusesReversedRange<typeof options>('ctexpire'),
  {
    kind: 'refuses',
    by: 'iptables',
    when: ({ ctproto }, { target }) => ctproto?.value === 0 && target.iptables !== undefined && compareVersions(target.iptables, '1.8.11') >= 0,
    message: 'no connection has protocol 0',
    at: 'ctproto',
    check: 'contradictory-match',
  },
];

/** Protocols by which nft up to 1.0.6 finds out that `proto-src` is a port. (nft: src/ct.c, ct_expr_update_type) */
const KNOWN_TO_NFT: readonly number[] = [1, 6, 17, 33, 58, 132, 136];

/** Every protocol, said so that nft up to 1.0.6 takes what follows for ports: a list with one protocol it knows in it. */
const ANY_PROTOCOL: Statement = match(ct('protocol'), setOf([range(number(0), number(5)), symbol('tcp'), range(number(7), number(255))]));

/** The longest time nft counts, in seconds: milliseconds in 32 bits. (kernel: net/netfilter/nft_ct.c, NFT_CT_EXPIRATION) */
const LONGEST_EXPIRATION = 4_294_967;

/** No connection has longer left, in seconds: 2³¹ - 1 ticks, of which there are 100 a second or more. (kernel: nf_ct_expires) */
const LONGEST_LEFT = 21_474_836;

type LoweredConnection = { readonly tests: readonly Statement[] } | { readonly never: string } | { readonly unsupported: string };

/** The tests that ask the connection; a packet without one passes none of them. */
function lowerConnection(given: ConntrackGiven, context: NftContext): LoweredConnection {
  const tests: Statement[] = [];
  if (given.ctdir !== undefined) tests.push(match(ct('direction'), symbol(given.ctdir.value.toLowerCase())));
  if (given.ctproto !== undefined) tests.push(match(ct('protocol'), protocolExpr(given.ctproto.value), given.ctproto.negated));
  for (const { option, direction: side, field } of ADDRESSES) {
    const address = given[option];
    if (address === undefined) continue;
    const compared = matchNetwork(ct(field, side, context.family), withoutHostBits(address.value), address.negated);
    tests.push(...(compared.length === 0 ? [asksConnection()] : compared));
  }
  let portsKnown = portsAreKnown(given, context);
  for (const { option, direction: side, field } of PORTS) {
    const port = given[option];
    if (port === undefined) continue;
    if (port.value.from > port.value.to) {
      if (!port.negated) return { never: `the range of \`--${option}\` ends before it begins and holds no port` };
      tests.push(asksConnection());
      continue;
    }
    if (!portsKnown) {
      tests.push(ANY_PROTOCOL);
      portsKnown = true;
    }
    tests.push(match(ct(field, side), portExpr(port.value), port.negated));
  }
  if (given.ctstatus !== undefined) {
    const { value: among, negated } = given.ctstatus;
    if (among.includes('NONE')) {
      if (!negated) return { never: '`--ctstatus NONE` asks for one of no flags' };
      tests.push(asksConnection());
    } else tests.push(statusTest(among, negated));
  }
  if (given.ctexpire !== undefined) {
    const { value: seconds, negated } = given.ctexpire;
    if (seconds.from > seconds.to) {
      if (!negated) return { never: 'the range of `--ctexpire` ends before it begins and holds no time' };
      tests.push(asksConnection());
    } else if (seconds.from > LONGEST_LEFT) {
      if (!negated) return { never: `no connection has ${String(LONGEST_LEFT)} seconds left` };
      tests.push(asksConnection());
    } else if (seconds.from >= LONGEST_EXPIRATION)
      return { unsupported: `nft counts the time a connection has left up to ${String(LONGEST_EXPIRATION)} seconds` };
    else tests.push(expirationTest(seconds, negated));
  }
  return { tests };
}

/** That there is a connection at all, where nothing else is asked about it. */
function asksConnection(): Statement {
  return match(ct('direction'), setOf([symbol('original'), symbol('reply')]));
}

function withoutHostBits(network: Network): Network {
  return network.kind === 'ip'
    ? { kind: 'ip', address: (network.address & network.mask) >>> 0, mask: network.mask }
    : { kind: 'ip6', address: network.address & network.mask, mask: network.mask };
}

/** Whether nft knows from what stands before that the connection's protocol has ports. */
function portsAreKnown(given: ConntrackGiven, context: NftContext): boolean {
  if (context.target.nft !== undefined && compareVersions(context.target.nft, '1.1.0') >= 0) return true;
  if (context.protocol !== undefined && KNOWN_TO_NFT.includes(context.protocol)) return true;
  return given.ctproto !== undefined && !given.ctproto.negated && KNOWN_TO_NFT.includes(given.ctproto.value);
}

/** Whole seconds left: 100 is anything from 100 s to 100.999 s. (kernel: xt_conntrack.c divides by HZ) */
function expirationTest({ from, to }: NumberRange, negated: boolean): Statement {
  const left = ct('expiration');
  const start = symbol(`${String(from)}s`);
  if (to >= LONGEST_EXPIRATION) return { kind: 'match', left, operator: negated ? '<' : '>=', right: start };
  return match(left, range(start, symbol(`${String(to)}s999ms`)), negated);
}

export default defineMatch({
  name: 'conntrack',
  summary: 'state, addresses, ports and other things conntrack knows about the connection',
  families: ['ip', 'ip6'],
  options,
  constraints,
  toNft: (given, context) => {
    const connection = lowerConnection(given, context);
    if ('unsupported' in connection) return { kind: 'unsupported', reason: connection.unsupported };
    const { ctstate } = given;
    if (ctstate === undefined) return 'never' in connection ? { kind: 'never', why: connection.never } : exact(connection.tests);
    const others = 'never' in connection ? undefined : connection.tests;
    const alternatives = lowerStates(ctstate.value, ctstate.negated, others);
    const [only] = alternatives;
    if (only === undefined) return { kind: 'never', why: 'never' in connection ? connection.never : 'every packet is in one of the states' };
    return exact(alternatives.length === 1 ? only : [{ kind: 'anyOf', alternatives }]);
  },
});
