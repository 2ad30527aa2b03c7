/**
 * Keeps `tcp sport != 1 tcp dport != 2` from being loaded as "not (1 and 2)": nft up to 1.0.6 puts comparisons of neighbouring header fields
 * together, which is right for `==` only, and does so across whatever stands between them.
 * (nft: src/rule.c, payload_do_merge; measured with 0.9.8 and 1.0.6, gone in 1.1.3)
 */

import { binary, hex, number, range, setOf } from './build.js';
import type { Expr, Statement } from './ir.js';

/** Where a field lies: the header it counts from, and bits from there. */
interface Place {
  readonly base: 'network' | 'transport';
  readonly offset: number;
  readonly width: number;
}

const PORT_PROTOCOLS = ['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'th'] as const;

/** The fields short enough to be put together with a neighbour. (RFC 791, RFC 8200, RFC 768, RFC 792, RFC 4302) */
const PLACES: ReadonlyMap<string, Place> = new Map<string, Place>([
  ...PORT_PROTOCOLS.flatMap((protocol): [string, Place][] => [
    [`${protocol} sport`, { base: 'transport', offset: 0, width: 16 }],
    [`${protocol} dport`, { base: 'transport', offset: 16, width: 16 }],
  ]),
  ['udp length', { base: 'transport', offset: 32, width: 16 }],
  ['udp checksum', { base: 'transport', offset: 48, width: 16 }],
  ['icmp type', { base: 'transport', offset: 0, width: 8 }],
  ['icmp code', { base: 'transport', offset: 8, width: 8 }],
  ['icmpv6 type', { base: 'transport', offset: 0, width: 8 }],
  ['icmpv6 code', { base: 'transport', offset: 8, width: 8 }],
  ['ah nexthdr', { base: 'transport', offset: 0, width: 8 }],
  ['ah hdrlength', { base: 'transport', offset: 8, width: 8 }],
  ['ip length', { base: 'network', offset: 16, width: 16 }],
  ['ip id', { base: 'network', offset: 32, width: 16 }],
  ['ip frag-off', { base: 'network', offset: 48, width: 16 }],
  ['ip ttl', { base: 'network', offset: 64, width: 8 }],
  ['ip protocol', { base: 'network', offset: 72, width: 8 }],
  ['ip checksum', { base: 'network', offset: 80, width: 16 }],
  ['ip6 length', { base: 'network', offset: 32, width: 16 }],
  ['ip6 nexthdr', { base: 'network', offset: 48, width: 8 }],
  ['ip6 hoplimit', { base: 'network', offset: 56, width: 8 }],
]);

/** The place of a field that is said not to be one value. */
function negatedPlace(statement: Statement): Place | undefined {
  if (statement.kind !== 'match' || statement.operator !== '!=' || statement.left.kind !== 'payload' || !isOneValue(statement.right))
    return undefined;
  return PLACES.get(`${statement.left.protocol} ${statement.left.field}`);
}

function isOneValue(expr: Expr): boolean {
  return expr.kind === 'number' || expr.kind === 'symbol' || (expr.kind === 'set' && expr.elements.length === 1);
}

function areNeighbours(left: Place, right: Place): boolean {
  return left.base === right.base && (left.offset + left.width === right.offset || right.offset + right.width === left.offset);
}

/** The statements of one rule, with fields next to another negated one said in words nft leaves alone. The meaning stays. */
export function keepNegationsApart(statements: readonly Statement[]): readonly Statement[] {
  const kept: Place[] = [];
  const apart = statements.map((statement) => {
    const place = negatedPlace(statement);
    if (place === undefined || statement.kind !== 'match') return statement;
    if (!kept.some((other) => areNeighbours(other, place))) {
      kept.push(place);
      return statement;
    }
    return everythingBut(statement, place.width);
  });
  return apart.every((statement, index) => statement === statements[index]) ? statements : apart;
}

/** `tcp dport { 0-1, 3-65535 }` for `tcp dport != 2`. A name has no neighbours; there a mask of all bits does it, which nft leaves out of its listing. */
function everythingBut(statement: Extract<Statement, { kind: 'match' }>, width: number): Statement {
  const { left, right } = statement;
  if (right.kind !== 'number') return { ...statement, left: binary(left, '&', hex(2 ** width - 1)) };
  const most = 2 ** width - 1;
  const span = (from: number, to: number): readonly Expr[] => (from > to ? [] : [from === to ? number(from) : range(number(from), number(to))]);
  return { ...statement, operator: 'implicit', right: setOf([...span(0, right.value - 1), ...span(right.value + 1, most)]) };
}
