/** Rules that a loop of the script makes, differing in one value only, as one rule with a set: `tcp dport { 22, 80 } accept`. */

import type { Command } from '../iptables/command.js';
import { parseIp4 } from '../net/address.js';
import type { Expr, NftRule, Statement } from '../nft/ir.js';

/** A rule and what it was made from. */
export interface MadeRule {
  readonly rule: NftRule;
  /** The command, where there is one. */
  readonly origin: unknown;
}

/** Folds neighbours that come from one place of the script. */
export function foldLoops(rules: readonly MadeRule[]): readonly MadeRule[] {
  const folded: MadeRule[] = [];
  for (let index = 0; index < rules.length;) {
    const first = rules[index];
    if (first === undefined) break;
    let end = index + 1;
    while (end < rules.length && isSamePlace(first.origin, rules[end]?.origin)) end += 1;
    const group = rules.slice(index, end);
    const one = group.length > 1 ? fold(group.map(({ rule }) => rule)) : undefined;
    if (one === undefined) folded.push(...group);
    else folded.push({ rule: one, origin: first.origin });
    index = end;
  }
  return folded;
}

function isSamePlace(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false;
  const [one, other] = [(left as Command).at, (right as Command).at];
  return one.source === other.source && one.start === other.start && one.end === other.end;
}

/** Statements that keep no state of their own and change nothing a match could look at: then a packet meets one of the rules, or none. */
const WITHOUT_STATE: ReadonlySet<Statement['kind']> = new Set<Statement['kind']>(['match', 'log', 'verdict', 'reject', 'nat', 'notrack']);

/** Whether a rule keeps no state of its own and changes nothing a match could look at. */
export function keepsNoState({ statements }: NftRule): boolean {
  return statements.every(({ kind }) => WITHOUT_STATE.has(kind));
}

/** One rule for all, or undefined when they differ in more than one value, or in one that a set cannot hold. */
function fold(rules: readonly NftRule[]): NftRule | undefined {
  const [first, ...others] = rules;
  if (first === undefined || !keepsNoState(first)) return undefined;
  const texts = first.statements.map((statement) => JSON.stringify(statement));
  const rest = JSON.stringify({ ...first, statements: undefined });
  let place = -1;
  for (const { statements, ...other } of others) {
    if (statements.length !== texts.length || JSON.stringify({ ...other, statements: undefined }) !== rest) return undefined;
    for (const [index, statement] of statements.entries()) {
      if (JSON.stringify(statement) === texts[index]) continue;
      if (place !== -1 && place !== index) return undefined;
      place = index;
    }
  }
  const differing = first.statements[place];
  if (differing?.kind !== 'match' || (differing.operator !== 'implicit' && differing.operator !== '==')) return undefined;
  const elements: Expr[] = [];
  const seen = new Set<string>();
  const networks: Network[] = [];
  for (const { statements } of rules) {
    const statement = statements[place];
    if (statement?.kind !== 'match' || statement.operator !== differing.operator || JSON.stringify(statement.left) !== JSON.stringify(differing.left))
      return undefined;
    const text = elementText(statement.right);
    // The same value twice is the same rule twice: a set would hide that a LOG writes two lines.
    if (text === undefined || seen.has(text)) return undefined;
    seen.add(text);
    const network = networkOf(statement.right);
    // A packet of two networks would meet two rules, and nft refuses a set whose elements overlap.
    if (network !== undefined && networks.some((other) => network.first <= other.last && other.first <= network.last)) return undefined;
    if (network !== undefined) networks.push(network);
    elements.push(statement.right);
  }
  if (differing.left.kind === 'ct' || differing.left.kind === 'binary') return undefined;
  const statements = first.statements.map((statement, index): Statement =>
    index === place ? { ...differing, operator: 'implicit', right: { kind: 'set', elements } } : statement,
  );
  return { ...first, statements };
}

/** IPv4 addresses as numbers, both ends included. */
interface Network {
  readonly first: number;
  readonly last: number;
}

function networkOf(value: Expr): Network | undefined {
  const text = value.kind === 'prefix' ? value.address : value.kind === 'symbol' ? value.name : '';
  const first = parseIp4(text)?.address;
  const length = value.kind === 'prefix' ? value.length : 32;
  return first === undefined || !text.includes('.') ? undefined : { first, last: first + 2 ** (32 - length) - 1 };
}

/** A value as text; undefined for ranges, IPv6 networks, wildcards and names that only the run knows, which may overlap others. */
function elementText(value: Expr): string | undefined {
  if (value.kind === 'prefix') return networkOf(value) === undefined ? undefined : `${value.address}/${String(value.length)}`;
  if (value.kind === 'number') return String(value.value);
  if (value.kind === 'string') return value.text.endsWith('*') ? undefined : value.text;
  return value.kind === 'symbol' && !value.name.startsWith('$') ? value.name : undefined;
}
