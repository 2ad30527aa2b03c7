/** What the simulator says packets meet in nftables: cases worked out by hand from the kernel's sources. */

import { describe, expect, test } from 'vitest';
import {
  accept,
  compare,
  concatenation,
  drop,
  goTo,
  jump,
  limit,
  match,
  meta,
  number,
  payload,
  returnToCaller,
  setOf,
  setReference,
  string,
  symbol,
} from '../../src/nft/build.js';
import type { NamedSet, NftChain, NftFile, NftRule, Statement } from '../../src/nft/ir.js';
import { parseIp4 } from '../../src/net/address.js';
import { simulateNft } from '../../src/simulate/nft/ruleset.js';
import type { SimulatedPacket } from '../../src/simulate/packet.js';

const saddr = payload('ip', 'saddr');
const rule = (...statements: readonly Statement[]): NftRule => ({ statements });
const dynamic = (name: string, more: Partial<NamedSet> = {}): NamedSet => ({
  kind: 'set',
  name,
  type: ['ipv4_addr'],
  flags: ['dynamic', 'timeout'],
  ...more,
});

interface Given {
  readonly sets?: readonly NamedSet[];
  readonly chains?: readonly NftChain[];
  readonly policy?: 'accept' | 'drop';
}

function fileOf(rules: readonly NftRule[], { sets = [], chains = [], policy = 'accept' }: Given = {}): NftFile {
  const input: NftChain = { name: 'INPUT', base: { type: 'filter', hook: 'input', priority: 0, policy }, rules };
  return { comments: [], defines: [], replace: 'table', tables: [{ family: 'ip', name: 'filter', sets, chains: [...chains, input] }] };
}

type Sent = Partial<Omit<SimulatedPacket, 'source'>> & { readonly client?: number };

/** A letter for each packet: `.` accepted, `x` dropped, `r` refused, `?` unknown. */
function fates(rules: readonly NftRule[], packets: readonly Sent[], given: Given = {}): string {
  const letters = { accepted: '.', dropped: 'x', refused: 'r', unknown: '?' } as const;
  const sent = packets.map(({ client = 1, ...rest }): SimulatedPacket => ({
    time: 0,
    way: 'in',
    source: 0x0a000000 + client,
    destination: parseIp4('192.0.2.1')?.address ?? 0,
    protocol: 6,
    sourcePort: 1024,
    destinationPort: 22,
    tcpFlags: 2,
    inInterface: 'eth0',
    state: 'NEW',
    length: 100,
    ttl: 64,
    mark: 0,
    ...rest,
  }));
  return simulateNft(fileOf(rules, given), sent, 250)
    .map(({ verdict }) => letters[verdict])
    .join('');
}

const at = (...times: readonly number[]): readonly Sent[] => times.map((time) => ({ time }));

test('chains, verdicts and policies', () => {
  expect(fates([], at(0), { policy: 'drop' })).toBe('x');
  expect(fates([rule({ kind: 'reject' })], at(0))).toBe('r');
  const inner: NftChain = { name: 'a', rules: [rule(match(payload('tcp', 'dport'), number(23)), drop), rule(returnToCaller), rule(drop)] };
  expect(fates([rule(jump('a')), rule(accept)], [{}, { destinationPort: 23 }], { chains: [inner], policy: 'drop' })).toBe('.x');
  expect(fates([rule(goTo('a')), rule(accept)], at(0), { chains: [inner], policy: 'drop' })).toBe('x');
  const map: Statement = {
    kind: 'verdictMap',
    key: payload('tcp', 'dport'),
    to: {
      kind: 'mapping',
      entries: [
        { key: number(22), verdict: { kind: 'drop' } },
        { key: number(80), verdict: { kind: 'accept' } },
      ],
    },
  };
  expect(fates([rule(map)], [{}, { destinationPort: 80 }, { destinationPort: 81 }])).toBe('x..');
});

test('comparisons', () => {
  const asks = (statement: Statement, packet: Sent = {}): string => fates([rule(statement, drop)], [packet]);
  expect(asks(match(saddr, { kind: 'prefix', address: '10.0.0.0', length: 8 }))).toBe('x');
  expect(asks(match(saddr, symbol('10.0.0.1'), true))).toBe('.');
  expect(asks(match(payload('tcp', 'dport'), setOf([number(80), { kind: 'range', from: number(20), to: number(25) }])))).toBe('x');
  expect(asks(match(payload('udp', 'dport'), number(22), true))).toBe('.');
  expect(asks(match(meta('iifname'), string('eth0')))).toBe('x');
  expect(asks(match(meta('iifname'), symbol('"et*"')))).toBe('x');
  expect(asks(match({ kind: 'ct', key: 'state' }, { kind: 'list', items: [symbol('new'), symbol('related')] }))).toBe('x');
  expect(asks(compare(meta('length'), '>', number(100)))).toBe('.');
  expect(
    asks(match(concatenation([saddr, payload('tcp', 'dport')]), { kind: 'set', elements: [concatenation([symbol('10.0.0.1'), number(22)])] })),
  ).toBe('x');
  expect(asks(match({ kind: 'fib', flags: ['daddr'], result: 'type' }, symbol('local')))).toBe('?');
});

describe('limits', () => {
  test('packets, in nanoseconds', () => {
    const rules = [rule(limit(5, 'second', 2), accept), rule(drop)];
    expect(fates(rules, at(0, 0, 0, 0.1999, 0.2, 0.3, 0.4))).toBe('..xx.x.');
    expect(fates([rule(limit(5, 'second', 2, true), drop)], at(0, 0, 0))).toBe('..x');
  });

  test('bytes, and a second of the rate on top of the burst', () => {
    const bytes: Statement = { kind: 'limit', over: false, rate: 1000, per: 'second', unit: 'bytes', burst: 500 };
    const long = Array.from({ length: 18 }, (): Sent => ({ length: 100 }));
    expect(fates([rule(bytes, accept), rule(drop)], long)).toBe('...............xxx');
  });

  test('quotas and numbers', () => {
    expect(fates([rule({ kind: 'quota', over: true, bytes: 200 }, drop)], at(0, 1, 2, 3))).toBe('..xx');
    expect(fates([rule(match({ kind: 'numgen', mode: 'inc', modulus: 3 }, number(1)), drop)], at(0, 1, 2, 3, 4))).toBe('.x..x');
  });
});

describe('sets', () => {
  const key = saddr;
  const add = (set: string, more: Partial<Extract<Statement, { kind: 'setUpdate' }>> = {}): Statement => ({
    kind: 'setUpdate',
    operation: 'add',
    set,
    key,
    ...more,
  });

  test('elements live to the tick before their time is over; `add` does not renew them, `update` does', () => {
    const seen = rule(match(key, setReference('s')), drop);
    const sets = [dynamic('s', { timeout: 1000 })];
    expect(fates([seen, rule(add('s'))], at(0, 0.996, 1, 1.5), { sets })).toBe('.x.x');
    expect(fates([rule(add('s')), seen], at(0, 0.9, 1.2), { sets })).toBe('xxx');
    const renewed = [rule(match(key, setReference('s')), { kind: 'setUpdate', operation: 'update', set: 's', key }, drop), rule(add('s'))];
    expect(fates(renewed, at(0, 0.9, 1.8, 2.9), { sets })).toBe('.xx.');
    const removed = [rule(match(key, setReference('s')), { kind: 'setUpdate', operation: 'delete', set: 's', key }, drop), rule(add('s'))];
    expect(fates(removed, at(0, 0.1, 0.2, 0.3), { sets })).toBe('.x.x');
  });

  test('a limit in an element is made full with it, and runs when the element is looked up', () => {
    const sets = [dynamic('s', { timeout: 2000 })];
    const take = add('s', { statements: [limit(1, 'week', 1)] });
    const packets = [{}, { client: 2 }, {}, { time: 2 }];
    expect(fates([rule(take, accept), rule(drop)], packets, { sets })).toBe('..x.');
    // The look-up takes the last token, or finds none.
    expect(fates([rule(take), rule(match(key, setReference('s')), drop)], at(0, 1), { sets })).toBe('..');
  });

  test('a full set takes no more until what is too old is cleared, once a second', () => {
    const sets = [dynamic('s', { timeout: 100, size: 1 })];
    const rules = [rule(add('s'), drop)];
    expect(fates(rules, [{}, { client: 2 }, { client: 2, time: 0.9 }, { client: 2, time: 1 }], { sets })).toBe('x..x');
  });

  test('numbers in maps, through the priority', () => {
    const priority = meta('priority');
    const map: NamedSet = { kind: 'map', name: 'm', type: ['ipv4_addr'], valueType: 'classid', flags: ['dynamic', 'timeout'], timeout: 1000 };
    const next: NamedSet = {
      kind: 'map',
      name: 'next',
      type: ['classid'],
      valueType: 'classid',
      flags: [],
      elements: [
        { key: symbol('1:0'), value: symbol('1:1') },
        { key: symbol('1:1'), value: symbol('1:2') },
      ],
    };
    const from = (name: string, of: typeof saddr): Statement => ({
      kind: 'assign',
      to: priority,
      value: { kind: 'map', key: of, to: { kind: 'setReference', name } },
    });
    const rules = [
      rule({ kind: 'assign', to: priority, value: symbol('1:0') }),
      rule(from('m', key)),
      rule(match(priority, symbol('1:2')), drop),
      rule(from('next', priority)),
      rule({ kind: 'setUpdate', operation: 'delete', set: 'm', key, data: priority }),
      rule({ kind: 'setUpdate', operation: 'add', set: 'm', key, data: priority }),
    ];
    expect(fates(rules, [{}, {}, {}, { client: 2 }, { time: 1.2 }], { sets: [map, next] })).toBe('..x..');
  });

  test('connections of refused packets are forgotten once a second', () => {
    const sets = [dynamic('c', { flags: ['dynamic'] })];
    const rules = [rule(add('c', { statements: [{ kind: 'ctCount', over: true, count: 1 }] }), drop)];
    const of = (connection: number, time: number): Sent => ({ connection, time });
    expect(fates(rules, [of(1, 0.1), of(2, 0.2), of(1, 0.3), of(1, 1.3)], { sets })).toBe('.xx.');
  });
});

test('what it does not know it does not guess, from then on', () => {
  const rules = [rule(match(payload('tcp', 'dport'), number(23)), match({ kind: 'rt', key: 'mtu' }, number(1)), drop)];
  expect(fates(rules, [{}, { destinationPort: 23 }, {}])).toBe('.??');
});
