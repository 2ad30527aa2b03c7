/** IPv4 and IPv6 tables as tables of `inet`: a rule both families have stands once, the others are for packets of their own family. */

import { compareVersions, type Family, type Target } from '../extensions/define.js';
import { accept, match, meta, symbol } from '../nft/build.js';
import type { Expr, NamedObject, NamedSet, NftChain, NftFile, NftRule, NftTable, Statement } from '../nft/ir.js';
import { usableName, type NameKind } from '../nft/names.js';
import { printRule } from '../nft/print-text.js';

/** The file with joined tables, and what became of the parts of each. */
export interface JoinedFile {
  readonly file: NftFile;
  readonly remarks: readonly string[];
}

const VERSION: Readonly<Record<Family, 'IPv4' | 'IPv6'>> = { ip: 'IPv4', ip6: 'IPv6' };
const OTHER: Readonly<Record<Family, Family>> = { ip: 'ip6', ip6: 'ip' };

/**
 * Makes one `inet` table of the tables that have the same name in both families. A packet meets the rules of its family in their order; no
 * other rule holds for it. Tables with something `inet` does not have stay as they are, with a remark.
 */
export function joinFamilies(file: NftFile, target: Target): JoinedFile {
  const remarks: string[] = [];
  const byName = new Map<string, Map<string, NftTable>>();
  const ofBridges = file.tables.filter(({ family }) => family === 'bridge');
  for (const table of file.tables) {
    if (table.family === 'bridge') continue;
    const own = byName.get(table.name) ?? new Map<string, NftTable>();
    byName.set(table.name, own.set(table.family, table));
  }
  const tables = [...byName].flatMap(([name, own]): readonly NftTable[] => {
    const hindrance = [...own.values()].map((table) => notInInet(table, target)).find((reason) => reason !== undefined);
    if (hindrance === undefined) return [joinTables(name, own.get('ip'), own.get('ip6'), remarks)];
    remarks.push(`table ${name} is not one of inet: ${hindrance}`);
    return [...own.values()];
  });
  const joined = tables.filter(({ family }) => family === 'inet').map(({ name }) => name);
  if (joined.length > 0 && file.replace === 'table')
    remarks.push(
      `only tables of inet are replaced: \`ip ${joined[0] ?? ''}\`, \`ip6 ${joined[0] ?? ''}\` and the like, which iptables-nft or an earlier translation may have loaded, stay in force until they are deleted`,
    );
  return { file: { ...file, tables: [...tables, ...ofBridges] }, remarks };
}

/** What keeps a table from being one of inet; undefined for nothing. */
function notInInet(table: NftTable, target: Target): string | undefined {
  // kernel: commit d164385ec572 and c1deb065cf3b, both of Linux 5.2
  const special = table.chains.find(({ base }) => base?.type === 'nat' || base?.type === 'route')?.base?.type;
  if (special !== undefined && target.kernel !== undefined && compareVersions(target.kernel, '5.2') < 0)
    return `inet has chains of type ${special} since Linux 5.2`;
  const old = target.nft !== undefined && compareVersions(target.nft, '1.0.0') < 0;
  for (const { rules } of table.chains)
    for (const { statements } of rules)
      for (const statement of statements) {
        if (statement.kind === 'dup') return 'nft has no `dup` (TEE) in inet';
        if (old && statement.kind === 'nat' && (statement.type === 'snat' || statement.type === 'dnat') && statement.address === undefined)
          return `nft ${target.nft ?? ''} cannot translate to a port alone in inet`;
      }
  return undefined;
}

/** New names for what the IPv6 table calls like something else in the IPv4 one. */
interface Renaming {
  readonly chains: ReadonlyMap<string, string>;
  readonly sets: ReadonlyMap<string, string>;
  readonly objects: ReadonlyMap<string, string>;
}

const KEEP_NAMES: Renaming = { chains: new Map(), sets: new Map(), objects: new Map() };

interface RuleCounts {
  both: number;
  ip: number;
  ip6: number;
}

function joinTables(name: string, four: NftTable | undefined, six: NftTable | undefined, remarks: string[]): NftTable {
  const own: NftTable[] = [];
  if (four !== undefined) own.push(placeInInet(four, 'ip', KEEP_NAMES));
  if (six !== undefined) own.push(placeInInet(six, 'ip6', four === undefined ? KEEP_NAMES : namesApart(four, six, remarks)));
  const counts: RuleCounts = { both: 0, ip: 0, ip6: 0 };
  const [first, second] = four === undefined ? [undefined, own[0]] : own;
  const laterByName = new Map(second?.chains.map((chain) => [chain.name, chain]));
  const chains: NftChain[] = [];
  for (const chain of first?.chains ?? []) {
    const other = laterByName.get(chain.name);
    chains.push(other === undefined ? chainOfOne(chain, 'ip', counts) : joinChains(chain, other, counts));
    laterByName.delete(chain.name);
  }
  for (const chain of laterByName.values()) chains.push(chainOfOne(chain, 'ip6', counts));
  remarks.push(
    `table inet ${name}: ${String(counts.both)} rule${counts.both === 1 ? ' is' : 's are'} for both families, ${String(counts.ip)} for IPv4 only, ${String(counts.ip6)} for IPv6 only`,
  );
  const objects = uniqueByName(own.flatMap((table) => table.objects ?? []));
  const comments = unique(own.flatMap((table) => table.comments ?? []));
  return {
    family: 'inet',
    name,
    sets: uniqueByName(own.flatMap(({ sets }) => sets)),
    ...(objects.length === 0 ? {} : { objects }),
    chains,
    ...(comments.length === 0 ? {} : { comments }),
  };
}

/** The IPv6 names that have to change, each with a remark. */
function namesApart(four: NftTable, six: NftTable, remarks: string[]): Renaming {
  const rename = (kind: NameKind, names: readonly string[], taken: Set<string>): ReadonlyMap<string, string> =>
    new Map(
      names.map((old) => {
        const made = usableName(kind, `${old}_ip6`, taken);
        taken.add(made);
        return [old, made];
      }),
    );
  const namesOf = (items: readonly { readonly name: string }[]): readonly string[] => items.map((item) => item.name);
  const sets = sharedBut(four.sets, six.sets, isSameSet);
  const objects = sharedBut(four.objects ?? [], six.objects ?? [], isSameObject);
  const chains = chainsApart(four, six);
  for (const { name, reason } of chains) if (reason !== undefined) remarks.push(`chain ${name} stays two, ${name} and ${name}_ip6: ${reason}`);
  return {
    chains: rename('chain', namesOf(chains), new Set(namesOf([...four.chains, ...six.chains]))),
    sets: rename('set', sets, new Set(namesOf([...four.sets, ...six.sets]))),
    objects: rename('object', objects, new Set(namesOf([...(four.objects ?? []), ...(six.objects ?? [])]))),
  };
}

/** Names both have, for things that are not the same. */
function sharedBut<T extends { readonly name: string }>(
  left: readonly T[],
  right: readonly T[],
  isSame: (one: T, other: T) => boolean,
): readonly string[] {
  const byName = new Map(left.map((item) => [item.name, item]));
  return right.flatMap((item) => {
    const other = byName.get(item.name);
    return other === undefined || isSame(other, item) ? [] : [item.name];
  });
}

/** A set that rules write to holds what packets of one family put there. */
function isSameSet(left: NamedSet, right: NamedSet): boolean {
  return !left.flags.includes('dynamic') && JSON.stringify(left) === JSON.stringify(right);
}

function isSameObject(left: NamedObject, right: NamedObject): boolean {
  return left.kind !== 'counter' && JSON.stringify(left) === JSON.stringify(right);
}

interface ChainApart {
  readonly name: string;
  /** Where it is worth a remark. */
  readonly reason?: string;
}

/** Chains of the same name that cannot be one. */
function chainsApart(four: NftTable, six: NftTable): readonly ChainApart[] {
  const later = new Map(six.chains.map((chain) => [chain.name, chain]));
  const pairs = four.chains.flatMap((chain) => {
    const other = later.get(chain.name);
    return other === undefined ? [] : [[chain, other] as const];
  });
  const [hooksOfFour, hooksOfSix] = [reachedFrom(four), reachedFrom(six)];
  const apart = pairs.flatMap(([chain, other]): readonly ChainApart[] => {
    const { name } = chain;
    if (chain.base === undefined && other.base === undefined) {
      // What a statement may do depends on the hooks its chain is reached from, which nft looks at when it loads the rules.
      const [from, elsewhere] = [hooksOfFour.get(name) ?? '', hooksOfSix.get(name) ?? ''];
      return from === elsewhere
        ? []
        : [{ name, reason: `IPv4 packets come to it from ${from || 'nowhere'}, IPv6 packets from ${elsewhere || 'nowhere'}` }];
    }
    if (JSON.stringify({ ...chain.base, policy: '' }) !== JSON.stringify({ ...other.base, policy: '' }))
      return [{ name, reason: 'they are at different places' }];
    if (chain.base?.policy === other.base?.policy) return [];
    return [{ name, reason: `the policy is ${chain.base?.policy ?? ''} for IPv4 and ${other.base?.policy ?? ''} for IPv6` }];
  });
  const names = new Set(apart.map(({ name }) => name));
  const joint = pairs.filter(([{ name, base }]) => base === undefined && !names.has(name));
  const jumps = jumpsOf(four);
  for (const [from, to] of jumpsOf(six)) jumps.set(from, new Set([...(jumps.get(from) ?? []), ...to]));
  if (joint.length === 0 || longestWay(jumps) <= MOST_JUMPS) return apart;
  return [...apart, ...joint.map(([{ name }]) => ({ name, reason: 'together, the jumps of both families would be a loop or too deep' }))];
}

/** How deep chains may be nested. (kernel: include/net/netfilter/nf_tables.h, NFT_JUMP_STACK_SIZE) */
const MOST_JUMPS = 15;

/** The chains each chain goes to. */
function jumpsOf(table: NftTable): Map<string, Set<string>> {
  const jumps = new Map(table.chains.map(({ name }) => [name, new Set<string>()]));
  const goesTo = (statement: Statement): readonly string[] => {
    if (statement.kind === 'verdict') return 'chain' in statement.verdict ? [statement.verdict.chain] : [];
    if (statement.kind !== 'verdictMap' || statement.to.kind !== 'mapping') return [];
    return statement.to.entries.flatMap(({ verdict }) => ('chain' in verdict ? [verdict.chain] : []));
  };
  for (const { name, rules } of table.chains)
    for (const { statements } of rules) for (const statement of statements) for (const chain of goesTo(statement)) jumps.get(name)?.add(chain);
  return jumps;
}

/** The names of the base chains from which each chain is reached, in order, as text. */
function reachedFrom(table: NftTable): ReadonlyMap<string, string> {
  const jumps = jumpsOf(table);
  const reached = new Map<string, Set<string>>();
  for (const { name: start, base } of table.chains) {
    if (base === undefined) continue;
    const queue = [start];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      const known = reached.get(name) ?? new Set<string>();
      if (known.has(start)) continue;
      reached.set(name, known.add(start));
      queue.push(...(jumps.get(name) ?? []));
    }
  }
  return new Map([...reached].map(([name, from]) => [name, [...from].sort().join(', ')]));
}

/** The most jumps one after the other; infinite with a loop. */
function longestWay(jumps: ReadonlyMap<string, ReadonlySet<string>>): number {
  const entrances = new Map<string, number>();
  for (const to of jumps.values()) for (const name of to) entrances.set(name, (entrances.get(name) ?? 0) + 1);
  const depth = new Map<string, number>();
  const open = [...jumps.keys()].filter((name) => !entrances.has(name));
  let seen = 0;
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    seen += 1;
    for (const next of jumps.get(name) ?? []) {
      depth.set(next, Math.max(depth.get(next) ?? 0, (depth.get(name) ?? 0) + 1));
      const left = (entrances.get(next) ?? 0) - 1;
      entrances.set(next, left);
      if (left === 0) open.push(next);
    }
  }
  return seen < jumps.size ? Infinity : Math.max(0, ...depth.values());
}

/** The table as it is said in inet: under its new names, and with the family where inet leaves it open. */
function placeInInet(table: NftTable, family: Family, names: Renaming): NftTable {
  const renamed = <T extends { readonly name: string }>(item: T, by: ReadonlyMap<string, string>): T => {
    const name = by.get(item.name);
    return name === undefined ? item : { ...item, name };
  };
  const placed = new Map<Statement, Statement>();
  const place = (statement: Statement): Statement => {
    // Statements many rules have in common are one object.
    let made = placed.get(statement);
    if (made === undefined) {
      made = changeNodes(statement, (node) => nodeInInet(node, family, names)) as Statement;
      placed.set(statement, made);
    }
    return made;
  };
  return {
    ...table,
    sets: table.sets.map((set) => renamed(set, names.sets)),
    ...(table.objects === undefined ? {} : { objects: table.objects.map((object) => renamed(object, names.objects)) }),
    chains: table.chains.map((chain) => ({
      ...renamed(chain, names.chains),
      rules: chain.rules.map((rule) => ({ ...rule, statements: rule.statements.map(place) })),
    })),
  };
}

/** A tree with `change` made at every node that is an object, from the outside in. */
function changeNodes(node: unknown, change: (node: object) => object): unknown {
  if (Array.isArray(node)) return node.map((inner) => changeNodes(inner, change));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(change(node)).map(([key, inner]) => [key, changeNodes(inner, change)]));
}

function nodeInInet(given: object, family: Family, names: Renaming): object {
  const node = given as Statement | Expr | { readonly kind: 'jump' | 'goto'; readonly chain: string };
  switch (node.kind) {
    case 'nat':
    case 'tproxy':
      return node.address === undefined ? node : { ...node, family };
    case 'ct':
      return isAddressOfConnection(node) ? { ...node, family } : node;
    case 'jump':
    case 'goto':
      return { ...node, chain: names.chains.get(node.chain) ?? node.chain };
    case 'setReference':
      return { ...node, name: names.sets.get(node.name) ?? node.name };
    case 'setUpdate':
      return { ...node, set: names.sets.get(node.set) ?? node.set };
    case 'objectReference':
      return { ...node, name: names.objects.get(node.name) ?? node.name };
    case 'assign': {
      const { to, value } = node;
      if (to.kind !== 'meta' || to.key !== 'secmark' || value.kind !== 'string') return node;
      return { ...node, value: { ...value, text: names.objects.get(value.text) ?? value.text } };
    }
    default:
      return node;
  }
}

/** nft up to 1.0.6 finds out that it is a port only where it knows the family. (nft: src/ct.c, ct_expr_update_type) */
function isPortOfConnection({ key }: Extract<Expr, { kind: 'ct' }>): boolean {
  return key === 'proto-src' || key === 'proto-dst';
}

function asksForPortOfConnection({ statements }: NftRule): boolean {
  return statements.some((statement) => statement.kind === 'match' && statement.left.kind === 'ct' && isPortOfConnection(statement.left));
}

function isAddressOfConnection({ key }: Extract<Expr, { kind: 'ct' }>): boolean {
  return key === 'saddr' || key === 'daddr';
}

/** A chain the other family does not have. */
function chainOfOne(chain: NftChain, family: Family, counts: RuleCounts): NftChain {
  counts[family] += chain.rules.length;
  // Packets of the other family come into base chains only: no rule of theirs jumps here.
  const { base } = chain;
  const rules = chain.rules.map((rule) => (asksForPortOfConnection(rule) ? forFamily(rule, family) : rule));
  if (base === undefined || (base.policy === 'accept' && rules.every((rule) => asksForFamily(rule, family)))) return { ...chain, rules };
  const pass: NftRule = { statements: [match(meta('nfproto'), symbol(VERSION[OTHER[family]].toLowerCase())), accept] };
  return { ...chain, rules: [{ ...pass, comments: [`this chain is for ${VERSION[family]} only`] }, ...rules] };
}

/** Two chains as one: rules both have stand once, in the order of both. */
function joinChains(four: NftChain, six: NftChain, counts: RuleCounts): NftChain {
  const rules: NftRule[] = [];
  const addOwn = (own: readonly NftRule[], family: Family): void => {
    counts[family] += own.length;
    for (const rule of own) rules.push(forFamily(rule, family));
  };
  let [place, later] = [0, 0];
  for (const [index, other] of commonRules(four.rules, six.rules)) {
    addOwn(four.rules.slice(place, index), 'ip');
    addOwn(six.rules.slice(later, other), 'ip6');
    const [left, right] = [four.rules[index], six.rules[other]];
    if (left !== undefined && right !== undefined) rules.push(oneOf(left, right));
    counts.both += 1;
    [place, later] = [index + 1, other + 1];
  }
  addOwn(four.rules.slice(place), 'ip');
  addOwn(six.rules.slice(later), 'ip6');
  const comments = unique([...(four.comments ?? []), ...(six.comments ?? [])]);
  return { ...four, rules, ...(comments.length === 0 ? {} : { comments }) };
}

/** Places of rules that both lists have, ascending in both. The n-th of several equal ones goes with the n-th. */
function commonRules(left: readonly NftRule[], right: readonly NftRule[]): readonly (readonly [number, number])[] {
  const placesOf = (rules: readonly NftRule[], family: Family): Map<string, number> => {
    const times = new Map<string, number>();
    const places = new Map<string, number>();
    for (const [place, rule] of rules.entries()) {
      const text = neutralText(rule, family);
      if (text === undefined) continue;
      const time = (times.get(text) ?? 0) + 1;
      times.set(text, time);
      places.set(`${String(time)} ${text}`, place);
    }
    return places;
  };
  const others = placesOf(right, 'ip6');
  const pairs = [...placesOf(left, 'ip')].flatMap(([key, place]) => {
    const other = others.get(key);
    return other === undefined ? [] : [[place, other] as const];
  });
  return longestAscending(pairs);
}

/** The most pairs that also ascend in their second number; they do in the first. */
function longestAscending(pairs: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  /** For each length, the pair that ends a list of it with the smallest second number. */
  const ends: number[] = [];
  const before: number[] = [];
  for (const [index, [, second]] of pairs.entries()) {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < second) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1] ?? -1;
    ends[low] = index;
  }
  const found: (readonly [number, number])[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) found.push(pair);
  }
  return found.reverse();
}

/** The rule's text where it means the same for packets of either family and keeps no state; undefined elsewhere. */
function neutralText(rule: NftRule, family: Family): string | undefined {
  const statements: Statement[] = [];
  for (const statement of rule.statements) {
    const neutral = statement.kind === 'reject' ? rejectOfBoth(statement, family) : statement;
    if (neutral === undefined || !isNeutral(neutral)) return undefined;
    statements.push(neutral.kind === 'counter' ? { ...neutral, packets: 0, bytes: 0 } : neutral);
  }
  return printRule({ statements, ...(rule.comment === undefined ? {} : { comment: rule.comment }) });
}

type Reject = Extract<Statement, { kind: 'reject' }>;

/** ICMP codes by their names in `icmpx`. (kernel: net/netfilter/nft_reject.c, icmp_code_v4 and icmp_code_v6) */
const CODES_OF_BOTH: Readonly<Record<'icmp' | 'icmpv6', ReadonlyMap<string, string>>> = {
  icmp: new Map([
    ['net-unreachable', 'no-route'],
    ['port-unreachable', 'port-unreachable'],
    ['host-unreachable', 'host-unreachable'],
    ['admin-prohibited', 'admin-prohibited'],
  ]),
  icmpv6: new Map([
    ['no-route', 'no-route'],
    ['port-unreachable', 'port-unreachable'],
    ['addr-unreachable', 'host-unreachable'],
    ['admin-prohibited', 'admin-prohibited'],
  ]),
};

/** The same answer said for both families; undefined where there is none. Without a type it is port-unreachable in each. */
function rejectOfBoth(reject: Reject, family: Family): Reject | undefined {
  const answer = reject.with;
  if (answer === undefined || answer.kind === 'tcpReset' || answer.kind === 'icmpx') return reject;
  const code = CODES_OF_BOTH[family === 'ip' ? 'icmp' : 'icmpv6'].get(answer.code);
  if (code === undefined) return undefined;
  return code === 'port-unreachable' ? { kind: 'reject' } : { kind: 'reject', with: { kind: 'icmpx', code } };
}

/** Headers that packets of one family have. */
const OF_ONE_FAMILY: ReadonlySet<string> = new Set(['ip', 'ip6', 'icmp', 'icmpv6']);

/** Whether a statement means the same for packets of either family, and one for both does what one for each does. */
function isNeutral(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isNeutral);
  if (typeof node !== 'object' || node === null) return true;
  const inner = node as Statement | Expr;
  switch (inner.kind) {
    case 'limit':
    case 'quota':
    case 'ctCount':
    case 'setUpdate':
    case 'dup':
    case 'synproxy':
    case 'exthdr':
      return false;
    case 'objectReference':
      return inner.type === 'ct helper';
    case 'nat':
    case 'tproxy':
      return inner.address === undefined;
    case 'payload':
      return !OF_ONE_FAMILY.has(inner.protocol);
    case 'rawPayload':
      return inner.base !== 'nh';
    case 'ct':
      return !isAddressOfConnection(inner) && !isPortOfConnection(inner);
    case 'ipsec':
      return inner.family === undefined;
    case 'numgen':
      return inner.mode === 'random';
    default:
      return Object.values(inner).every(isNeutral);
  }
}

/** One rule of two that are the same: with the counters of both, and what was written above each. */
function oneOf(left: NftRule, right: NftRule): NftRule {
  const statements = left.statements.map((statement, index): Statement => {
    const other = right.statements[index];
    if (statement.kind === 'counter' && other?.kind === 'counter')
      return { ...statement, packets: statement.packets + other.packets, bytes: statement.bytes + other.bytes };
    return statement.kind === 'reject' ? (rejectOfBoth(statement, 'ip') ?? statement) : statement;
  });
  const comments = unique([...(left.comments ?? []), ...(right.comments ?? [])]);
  return { ...left, statements, ...(comments.length === 0 ? {} : { comments }) };
}

/** The rule for packets of its family only. */
function forFamily(rule: NftRule, family: Family): NftRule {
  if (asksForFamily(rule, family)) return rule;
  return { ...rule, statements: [match(meta('nfproto'), symbol(VERSION[family].toLowerCase())), ...rule.statements] };
}

/** Whether a rule begins with a field of its family's header: nft then asks for the family by itself. */
function asksForFamily({ statements: [first] }: NftRule, family: Family): boolean {
  if (first?.kind !== 'match') return false;
  const field = first.left.kind === 'binary' ? first.left.left : first.left;
  return field.kind === 'payload' && field.protocol === family;
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)];
}

function uniqueByName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [item.name, item])).values()];
}
