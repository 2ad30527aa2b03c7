/** Short ways to write nft expressions and statements in the extension tables and the translator. */

import type { Expr, Limit, Statement, TimeUnit, Verdict } from './ir.js';

const payloads = new Map<string, Expr>();
/** A header field; one object for each field, as a ruleset names a few of them a hundred thousand times. */
export const payload = (protocol: Extract<Expr, { kind: 'payload' }>['protocol'], field: string): Expr => {
  const key = `${protocol} ${field}`;
  let expr = payloads.get(key);
  if (expr === undefined) {
    expr = { kind: 'payload', protocol, field };
    payloads.set(key, expr);
  }
  return expr;
};
export const meta = (key: string): Expr => ({ kind: 'meta', key });
export const ct = (key: string, direction?: 'original' | 'reply', family?: 'ip' | 'ip6'): Expr => ({
  kind: 'ct',
  key,
  ...(direction === undefined ? {} : { direction }),
  ...(family === undefined ? {} : { family }),
});
export const number = (value: number): Expr => ({ kind: 'number', value });
export const hex = (value: number): Expr => ({ kind: 'number', value, radix: 16 });
export const symbol = (name: string): Expr => ({ kind: 'symbol', name });
export const string = (text: string): Expr => ({ kind: 'string', text });
export const range = (from: Expr, to: Expr): Expr => ({ kind: 'range', from, to });
export const binary = (left: Expr, operator: Extract<Expr, { kind: 'binary' }>['operator'], right: Expr): Expr => ({
  kind: 'binary',
  operator,
  left,
  right,
});
/** A list of flags; a single one stands alone. */
export const list = (items: readonly Expr[]): Expr => (items.length === 1 && items[0] !== undefined ? items[0] : { kind: 'list', items });
/** An anonymous set; a single element stands alone. */
export const setOf = (elements: readonly Expr[]): Expr =>
  elements.length === 1 && elements[0] !== undefined ? elements[0] : { kind: 'set', elements };
export const setReference = (name: string): Expr => ({ kind: 'setReference', name });
export const concatenation = (parts: readonly Expr[]): Expr =>
  parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'concatenation', parts };

/** `left right`, or `left != right`. */
export const match = (left: Expr, right: Expr, negated = false): Statement => ({ kind: 'match', left, operator: negated ? '!=' : 'implicit', right });
export const compare = (left: Expr, operator: Extract<Statement, { kind: 'match' }>['operator'], right: Expr): Statement => ({
  kind: 'match',
  left,
  operator,
  right,
});
export const verdict = (value: Verdict): Statement => ({ kind: 'verdict', verdict: value });
export const accept: Statement = { kind: 'verdict', verdict: { kind: 'accept' } };
export const drop: Statement = { kind: 'verdict', verdict: { kind: 'drop' } };
export const returnToCaller: Statement = { kind: 'verdict', verdict: { kind: 'return' } };
export const jump = (chain: string): Statement => ({ kind: 'verdict', verdict: { kind: 'jump', chain } });
export const goTo = (chain: string): Statement => ({ kind: 'verdict', verdict: { kind: 'goto', chain } });
/** A packet rate. */
export const limit = (rate: number, per: TimeUnit, burst: number, over = false): Limit => ({
  kind: 'limit',
  over,
  rate,
  per,
  unit: 'packets',
  burst,
});
