/** The packets that a rule asks for, as a box. */

import type { Condition, Conditions } from '../ruleset/conditions.js';
import type { InterfaceName } from '../extensions/values/interface.js';
import { prefixLength, type Network } from '../net/address.js';
import { oncePer } from '../text/once-per.js';
import { complement, LAST_NAME, narrow, wholeOf, EVERYTHING, type Box, type Dimension } from './packet-set.js';
import { NOTHING, rangesOf, type Ranges, type Value } from './ranges.js';

/** In the order of their numbers in the dimension `state`. */
const STATES: readonly string[] = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];

type Demand = readonly [Dimension, Ranges];

/** Not the later pieces of packets that were cut to pieces: no rule that looks behind the IP header matches those. (kernel: xt_tcpudp.c, tcp_mt) */
export const FIRST_PIECES: Demand = ['fragment', [0, 1]];

/** Matches that look at a header behind that of IP. */
const BEHIND_IP = /^(?:! )?(?:tcp|udp|udplite|sctp|dccp|multiport|icmp6?|esp|ah) /;

/** The packets that fulfil all conditions; undefined when no packet does. What the rule asks beyond them (`uncertain`) is not in it. */
export const boxOf = oncePer(readBox);

function readBox({ all }: Conditions): Box | undefined {
  let box: Box | undefined = EVERYTHING;
  for (const condition of all) {
    for (const [dimension, ranges] of demandsOf(condition)) {
      box = narrow(box, dimension, ranges);
      if (box === undefined) return undefined;
    }
  }
  return box;
}

function demandsOf(condition: Condition): readonly Demand[] {
  switch (condition.kind) {
    case 'network':
      return networkDemands(condition);
    case 'interface':
      return [[condition.side, negate(condition.side, namesOf(condition.name), condition.negated)]];
    case 'protocol':
      return [['protocol', negate('protocol', [condition.number, condition.number + 1], condition.negated)]];
    case 'ports': {
      const dimension = condition.side === 'source' ? 'source port' : 'destination port';
      const ranges = rangesOf(condition.ranges.map(({ from, to }) => [from, to + 1]));
      return [[dimension, negate(dimension, ranges, condition.negated)], FIRST_PIECES];
    }
    case 'states':
      return [['state', rangesOf([...condition.states].map((state) => [STATES.indexOf(state), STATES.indexOf(state) + 1]))]];
    case 'icmpType': {
      const ranges = icmpRanges(condition.text);
      if (ranges === undefined) return [textDemand(`icmp ${condition.text}`, condition.negated), FIRST_PIECES];
      return [['icmp type', negate('icmp type', ranges, condition.negated)], FIRST_PIECES];
    }
    case 'other':
      return otherDemands(condition.text);
  }
}

function negate(dimension: Dimension, ranges: Ranges, negated: boolean): Ranges {
  return negated ? complement(dimension, ranges) : ranges;
}

/** Matches for which `!` means exactly the other packets: there is always something to test. */
const EXACT = /^(?:addrtype|iprange|length|pkttype) /;

function textDemand(text: string, negated: boolean): Demand {
  if (!negated) return [`text:${text}`, [1, 2]];
  return [`text:${text}`, EXACT.test(text) ? [0, 1, 2, 3] : [0, 1]];
}

function networkDemands({ side, networks, negated }: Extract<Condition, { kind: 'network' }>): readonly Demand[] {
  const pairs: (readonly [Value, Value])[] = [];
  for (const network of networks) {
    const pair = addressesOf(network);
    // A mask with holes makes too many ranges.
    if (pair === undefined)
      return [textDemand(`${side} ${networks.map(({ address, mask }) => `${String(address)}/${String(mask)}`).join(',')}`, negated)];
    pairs.push(pair);
  }
  const dimension: Dimension = networks[0]?.kind === 'ip6' ? `${side}6` : side;
  return [[dimension, negate(dimension, rangesOf(pairs), negated)]];
}

function addressesOf(network: Network): readonly [Value, Value] | undefined {
  const length = prefixLength(network.mask);
  if (length === undefined) return undefined;
  if (network.kind === 'ip') return [network.address, network.address + 2 ** (32 - length)];
  return [network.address, network.address + (1n << BigInt(128 - length))];
}

/** Names in the order of their characters: a beginning is a range. */
function namesOf({ name, wildcard }: InterfaceName): Ranges {
  return [name, wildcard ? name + LAST_NAME : `${name}\0`];
}

/** `8`, `3/4`, `3/0-3`, `any`. */
function icmpRanges(text: string): Ranges | undefined {
  if (text === 'any') return wholeOf('icmp type');
  const found = /^(\d+)(?:\/(\d+)(?:-(\d+))?)?$/.exec(text);
  if (found === null) return undefined;
  const type = Number(found[1]) * 256;
  const from = found[2] === undefined ? 0 : Number(found[2]);
  const to = found[2] === undefined ? 255 : Number(found[3] ?? found[2]);
  return [type + from, type + to + 1];
}

function otherDemands(text: string): readonly Demand[] {
  const negated = text.startsWith('! ');
  const words = negated ? text.slice(2) : text;
  if (words === '-f') return [['fragment', negated ? [0, 1] : [1, 2]]];
  const flags = /^tcp --tcp-flags (\S+) (\S+)$/.exec(words);
  const demands: Demand[] = BEHIND_IP.test(text) ? [FIRST_PIECES] : [];
  if (flags === null) demands.push(textDemand(words, negated));
  else demands.push(['tcp flags', negate('tcp flags', flagRanges(flags[1] ?? '', flags[2] ?? ''), negated)]);
  return demands;
}

const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'];

/** The values of the six flags that are as asked. */
function flagRanges(mask: string, set: string): Ranges {
  const looked = bitsOf(mask);
  const wanted = bitsOf(set);
  if ((wanted & ~looked) !== 0) return NOTHING;
  const values: (readonly [number, number])[] = [];
  for (let value = 0; value < 64; value += 1) if ((value & looked) === wanted) values.push([value, value + 1]);
  return rangesOf(values);
}

function bitsOf(list: string): number {
  return list.split(',').reduce((bits, name) => bits | (FLAGS.includes(name) ? 1 << FLAGS.indexOf(name) : 0), 0);
}
