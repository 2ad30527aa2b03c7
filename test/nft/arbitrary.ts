/** Rules made at random that nft should take. */
import fc from 'fast-check';
import {
  binary,
  compare,
  concatenation,
  ct,
  hex,
  list,
  match,
  meta,
  number,
  payload,
  range,
  setOf,
  setReference,
  string,
  symbol,
} from '../../src/nft/build.js';
import type { Expr, Limit, NftRule, Statement, Verdict } from '../../src/nft/ir.js';
import { fixtureChain } from './forms.js';

const octet = fc.nat(255);
const address = fc.tuple(fc.integer({ min: 1, max: 223 }), octet, octet, octet).map((parts) => parts.join('.'));
const port = fc.integer({ min: 1, max: 65535 });

/** Two different numbers, the smaller first. */
const ordered = (value: fc.Arbitrary<number>): fc.Arbitrary<readonly [number, number]> =>
  fc
    .tuple(value, value)
    .filter(([first, second]) => first !== second)
    .map(([first, second]) => (first < second ? [first, second] : [second, first]));

const portValue: fc.Arbitrary<Expr> = fc.oneof(
  port.map(number),
  ordered(port).map(([from, to]) => range(number(from), number(to))),
  // Ports far enough apart that nft has nothing to join.
  fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { minLength: 2, maxLength: 5 }).map((ports) => setOf(ports.map((each) => number(each * 100 + 1)))),
);

/** The network an address lies in, or the address itself for 32 bits. */
function network(text: string, length: number): Expr {
  const bits = text.split('.').reduce((value, part) => value * 256 + Number(part), 0);
  const size = 2 ** (32 - length);
  const start = Math.floor(bits / size) * size;
  const dotted = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.');
  return length === 32 ? symbol(dotted) : { kind: 'prefix', address: dotted, length };
}

const addressValue: fc.Arbitrary<Expr> = fc.oneof(
  fc.tuple(address, fc.integer({ min: 4, max: 32 })).map(([text, length]) => network(text, length)),
  fc.tuple(address, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 21, max: 200 })).map(([text, low, high]) => {
    const start = text.split('.').slice(0, 3).join('.');
    return range(symbol(`${start}.${String(low)}`), symbol(`${start}.${String(high)}`));
  }),
  fc.uniqueArray(address, { minLength: 2, maxLength: 4 }).map((addresses) => setOf(addresses.map(symbol))),
  fc.constant(setReference('addresses')),
);

const flagNames = ['fin', 'syn', 'rst', 'psh', 'ack', 'urg'];
const flagSet = fc.uniqueArray(fc.constantFrom(...flagNames), { minLength: 1, maxLength: 6 });
const either = (names: readonly string[]): Expr => names.map(symbol).reduce((left, right) => binary(left, '|', right));

const word = fc.integer({ min: 0, max: 0xffffffff });
const negated = fc.boolean();
const saddr = payload('ip', 'saddr');

const matches: fc.Arbitrary<Statement> = fc.oneof(
  fc.tuple(fc.constantFrom('saddr', 'daddr'), addressValue, negated).map(([field, value, not]) => match(payload('ip', field), value, not)),
  fc.tuple(fc.constantFrom('sport', 'dport'), portValue, negated).map(([field, value, not]) => match(payload('tcp', field), value, not)),
  fc
    .tuple(flagSet, flagSet, fc.constantFrom('==' as const, '!=' as const))
    .filter(([mask, wanted]) => wanted.every((flag) => mask.includes(flag)))
    .map(([mask, wanted, operator]) => compare(binary(payload('tcp', 'flags'), '&', either(mask)), operator, either(wanted))),
  fc.tuple(word, word, negated).map(([mask, value, not]) => compare(binary(meta('mark'), '&', hex(mask)), not ? '!=' : '==', hex(value))),
  fc.tuple(fc.constantFrom('eth0', 'ppp*', 'br-lan', 'wg.1', 'vlan\\*'), negated).map(([name, not]) => match(meta('iifname'), string(name), not)),
  fc
    .uniqueArray(fc.constantFrom('new', 'established', 'related', 'invalid', 'untracked'), { minLength: 1, maxLength: 4 })
    .map((states) => match(ct('state'), list(states.map(symbol)))),
  ordered(fc.nat(65535)).map(([from, to]) => match(meta('length'), range(number(from), number(to)))),
  fc
    .tuple(fc.constantFrom('<' as const, '>=' as const), fc.integer({ min: 1, max: 254 }))
    .map(([operator, value]) => compare(payload('ip', 'ttl'), operator, number(value))),
  fc
    .tuple(fc.integer({ min: 2, max: 100 }), fc.nat(1))
    .map(([modulus, value]) => compare({ kind: 'numgen', mode: 'inc', modulus }, '==', number(value))),
  address.map((text) => match(ct('saddr', 'original', 'ip'), symbol(text))),
);

const limit: fc.Arbitrary<Limit> = fc.oneof(
  fc.record({
    kind: fc.constant('limit' as const),
    over: fc.boolean(),
    rate: fc.integer({ min: 1, max: 10_000 }),
    per: fc.constantFrom('second', 'minute', 'hour', 'day', 'week' as const),
    unit: fc.constant('packets' as const),
    burst: fc.integer({ min: 1, max: 10_000 }),
  }),
  fc.record({
    kind: fc.constant('limit' as const),
    over: fc.boolean(),
    rate: fc.integer({ min: 1, max: 10_000_000 }),
    per: fc.constantFrom('second', 'minute' as const),
    unit: fc.constant('bytes' as const),
    burst: fc.nat(100_000),
  }),
);

/** Times of whole seconds, which JSON can say too. */
const timeout = fc.integer({ min: 1, max: 10 * 86_400 }).map((seconds) => seconds * 1000);

const actions: fc.Arbitrary<Statement> = fc.oneof(
  limit,
  fc.record({ kind: fc.constant('quota' as const), over: fc.boolean(), bytes: fc.maxSafeNat() }).filter(({ bytes }) => bytes > 0),
  fc.record({ kind: fc.constant('ctCount' as const), over: fc.boolean(), count: fc.integer({ min: 0, max: 0xffffffff }) }),
  fc.record({ kind: fc.constant('counter' as const), packets: fc.maxSafeNat(), bytes: fc.maxSafeNat() }),
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 40 }), fc.constantFrom('info', 'debug', 'crit'))
    .map(([prefix, level]) => ({ kind: 'log' as const, prefix, level })),
  fc.tuple(timeout, limit).map(([time, inner]) => ({
    kind: 'setUpdate' as const,
    operation: 'update' as const,
    set: 'seen',
    key: saddr,
    timeout: time,
    statements: [inner],
  })),
  fc.constant<Statement>({ kind: 'setUpdate', operation: 'add', set: 'pairs', key: concatenation([saddr, payload('tcp', 'dport')]) }),
  fc
    .tuple(word, word)
    .map(([mask, bits]) => ({ kind: 'assign' as const, to: meta('mark'), value: binary(binary(meta('mark'), '&', hex(mask)), '^', hex(bits)) })),
);

const verdict: fc.Arbitrary<Verdict> = fc.constantFrom<Verdict>(
  { kind: 'accept' },
  { kind: 'drop' },
  { kind: 'return' },
  { kind: 'continue' },
  { kind: 'jump', chain: fixtureChain },
  { kind: 'goto', chain: fixtureChain },
);

const endings: fc.Arbitrary<Statement> = fc.oneof(
  verdict.map((value): Statement => ({ kind: 'verdict', verdict: value })),
  fc.constant<Statement>({ kind: 'reject' }),
  fc.constant<Statement>({ kind: 'reject', with: { kind: 'icmp', code: 'admin-prohibited' } }),
  fc.uniqueArray(fc.tuple(port, verdict), { minLength: 1, maxLength: 4, selector: ([key]) => key }).map((entries): Statement => ({
    kind: 'verdictMap',
    key: payload('udp', 'dport'),
    to: { kind: 'mapping', entries: entries.map(([key, value]) => ({ key: number(key), verdict: value })) },
  })),
);

/** A rule for the chain `tried` of kernel-forms.ts. A rule has one transport protocol and each kind of statement at most once. */
export const rules: fc.Arbitrary<NftRule> = fc
  .record({
    conditions: fc.uniqueArray(matches, { maxLength: 3, selector: matched }),
    effects: fc.uniqueArray(actions, { maxLength: 2, selector: ({ kind }) => kind }),
    ending: fc.option(endings, { nil: undefined }),
    comment: fc.option(fc.string({ minLength: 1, maxLength: 60 }), { nil: undefined }),
  })
  .filter(({ conditions, effects, ending }) => conditions.length + effects.length > 0 || ending !== undefined)
  .filter(({ conditions, ending }) => ending?.kind !== 'verdictMap' || !conditions.some((each) => matched(each).startsWith('tcp')))
  .filter(({ effects, ending }) => !(ending?.kind === 'verdictMap' && effects.some(({ kind }) => kind === 'setUpdate')))
  .map(({ conditions, effects, ending, comment }) => ({
    statements: [...conditions, ...effects, ...(ending === undefined ? [] : [ending])],
    ...(comment === undefined ? {} : { comment }),
  }));

/** What a match looks at. */
function matched(statement: Statement): string {
  if (statement.kind !== 'match') return statement.kind;
  const left = statement.left.kind === 'binary' ? statement.left.left : statement.left;
  switch (left.kind) {
    case 'payload':
      return `${left.protocol} ${left.field}`;
    case 'meta':
    case 'ct':
      return `${left.kind} ${left.key}`;
    default:
      return left.kind;
  }
}

/** A calculation with constants, and what comes out. Without shifts: nft 1.0.6 ends in a failed assertion when it shifts a constant. */
export interface Calculation {
  readonly expr: Expr;
  readonly value: number;
}

type Operator = '&' | '|' | '^';

const leaf: fc.Arbitrary<Calculation> = fc.nat(0xffff).map((value) => ({ expr: hex(value), value }));

/** Calculations three levels deep. */
export const calculations: fc.Arbitrary<Calculation> = deeper(deeper(deeper(leaf)));

function deeper(operand: fc.Arbitrary<Calculation>): fc.Arbitrary<Calculation> {
  return fc.oneof(
    operand,
    fc.tuple(fc.constantFrom<Operator>('&', '|', '^'), operand, operand).map(([operator, left, right]) => ({
      expr: binary(left.expr, operator, right.expr),
      value: calculate(operator, left.value, right.value),
    })),
  );
}

function calculate(operator: Operator, left: number, right: number): number {
  switch (operator) {
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
  }
}
