/**
 * Keeps the anonymous sets of a table few. The kernel looks for a free name among all sets of the table for each of them, so that 1,000 take
 * a third of a second to load, 10,000 half a minute. (kernel: net/netfilter/nf_tables_api.c, nf_tables_set_alloc_name; measured on 6.18)
 */

import type { Expr, NamedSet, NftRule, Statement } from '../nft/ir.js';
import { keepNegationsApart } from '../nft/negations.js';

/** How many anonymous sets a table has; and beyond these, how many named ones take their place. */
const MOST_SETS = 1000;

/** Gives rules in the place of one whose sets would be too many. */
export interface SetBudget {
  readonly spread: (rule: NftRule) => readonly NftRule[];
}

type Match = Extract<Statement, { kind: 'match' }>;
type SetMatch = Match & { readonly right: Extract<Expr, { kind: 'set' }> };

/** A budget for one table. Named sets go to `declared`. */
export function createSetBudget(freeName: (wanted: string) => string, declared: (set: NamedSet) => void): SetBudget {
  let anonymous = 0;
  const named = new Map<string, string>();

  /** The match with a named set, which others with the same elements share. */
  const withName = (statement: SetMatch): Match | undefined => {
    const { left, right } = statement;
    const type = typeOf(left);
    if (type === undefined) return undefined;
    const key = JSON.stringify([type, right.elements]);
    let name = named.get(key);
    if (name === undefined) {
      if (named.size >= MOST_SETS) return undefined;
      name = freeName(type === 'inet_service' ? 'ports' : 'addresses');
      named.set(key, name);
      const isWide = right.elements.some(({ kind }) => kind === 'range' || kind === 'prefix');
      declared({ kind: 'set', name, type: [type], flags: isWide ? ['interval'] : [], elements: right.elements.map((element) => ({ key: element })) });
    }
    return { ...statement, right: { kind: 'setReference', name } };
  };

  const spread = (rule: NftRule): readonly NftRule[] => {
    const at = rule.statements.findIndex(isSetMatch);
    const statement = rule.statements[at];
    if (statement === undefined || !isSetMatch(statement)) return [rule];
    if (anonymous < MOST_SETS) {
      anonymous += rule.statements.filter(isSetMatch).length;
      return [rule];
    }
    const put = (...others: readonly Statement[]): NftRule => ({
      ...rule,
      statements: [...rule.statements.slice(0, at), ...others, ...rule.statements.slice(at + 1)],
    });
    const shared = withName(statement);
    if (shared !== undefined) return spread(put(shared));
    // Of flags, a single one is asked for among others where nothing says that it is to be the only one.
    const operator = statement.operator === 'implicit' && !isNumber(statement.left) ? '==' : statement.operator;
    const single = statement.right.elements.map((right): Match => ({ ...statement, operator, right }));
    if (!isField(statement.left)) return [rule];
    if (statement.operator === '!=') return spread({ ...rule, statements: keepNegationsApart(put(...single).statements) });
    if (rule.statements.some(countsByItself)) return [rule];
    return single.flatMap((one, index) => spread(index === 0 ? put(one) : again(put(one))));
  };
  return { spread };
}

function isSetMatch(statement: Statement): statement is SetMatch {
  return statement.kind === 'match' && statement.right.kind === 'set' && statement.right.elements.length > 1;
}

/** Whether asking twice gives the same answer. */
function isField(expr: Expr): boolean {
  return expr.kind === 'payload' || expr.kind === 'meta' || expr.kind === 'ct' || (expr.kind === 'binary' && isField(expr.left));
}

function isNumber(expr: Expr): boolean {
  return expr.kind === 'payload' && expr.field !== 'flags';
}

/** The type of a set of values that a field is compared with; undefined for fields that seldom have one. */
function typeOf(field: Expr): string | undefined {
  if (field.kind !== 'payload') return undefined;
  if (field.field === 'sport' || field.field === 'dport') return 'inet_service';
  if (field.field !== 'saddr' && field.field !== 'daddr') return undefined;
  return field.protocol === 'ip' ? 'ipv4_addr' : field.protocol === 'ip6' ? 'ipv6_addr' : undefined;
}

/** The elements of a set do not overlap, so that a packet meets one of the rules at most; those that count it would still each count from their own start. */
function countsByItself(statement: Statement): boolean {
  if (statement.kind === 'match') return statement.left.kind === 'numgen' && statement.left.mode === 'inc';
  return ['limit', 'quota', 'ctCount', 'setUpdate'].includes(statement.kind);
}

/** A rule that stands for part of what another has said: without what was written above it, and what it counted. */
function again({ statements, comment }: NftRule): NftRule {
  const anew = statements.map((statement): Statement => (statement.kind === 'counter' ? { ...statement, packets: 0, bytes: 0 } : statement));
  return { statements: anew, ...(comment === undefined ? {} : { comment }) };
}
