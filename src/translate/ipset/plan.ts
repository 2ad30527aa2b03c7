/** Which nft sets the ipsets of a ruleset become, and how rules look into them and change them. */

import {
  compareVersions,
  exact,
  unsupported,
  type Family,
  type IpsetLowering,
  type LoweredItem,
  type Lowering,
  type NftContext,
  type SetChange,
  type SetQuestion,
  type SetUse,
  type Target,
} from '../../extensions/define.js';
import { GIVE_SETS, missingSet } from '../../extensions/values/set-use.js';
import type { AddressFamily } from '../../ipset/element.js';
import type { Ipset } from '../../ipset/model.js';
import { match, payload, setReference } from '../../nft/build.js';
import type { NamedSet } from '../../nft/ir.js';
import type { RuleSpec } from '../../iptables/command.js';
import type { Ruleset, Table } from '../../ruleset/model.js';
import { extensionsIn } from '../../ruleset/used-extensions.js';
import { boxesOf, joinRuns, timeoutOf, type Box } from './boxes.js';
import { changeableForm, changeSet, hidesHardwareAddress, type RuleChange } from './change.js';
import { classesOf, elementsOf, holds, isWide, staticForm, type SetForm } from './classes.js';
import { anyOf, conditionOf, NEVER, type Alternatives, type Condition, type NamedClass } from './condition.js';
import type { Declared, TablePlace } from './declared.js';
import { mapMarks } from './map.js';
import { joinStretches } from './regions.js';

/** The sets of one nft table. */
export interface TableIpsets extends IpsetLowering {
  /** What rules asked for so far, for the table to declare. */
  readonly declared: () => readonly NamedSet[];
}

export interface IpsetPlan {
  /** The same value for the same tables of a family, though several files have rules for them. */
  readonly forTable: (place: TablePlace) => TableIpsets;
  /** The sets a table uses that rules change: tables that use the same one have to be one nft table. */
  readonly sharedBy: (table: Table) => Iterable<string>;
  /** Names of all sets that rules use, those in lists included. */
  readonly used: ReadonlySet<string>;
}

/** A set that rules change, with the table they stand in. */
interface PlacedChange extends RuleChange {
  readonly set: string;
  readonly family: Family;
  readonly table: string;
}

/** Looks at all rules for what changes sets. */
export function planIpsets(sets: ReadonlyMap<string, Ipset>, rulesets: readonly Ruleset[]): IpsetPlan {
  const changes = rulesets.flatMap(changesOf);
  const changed = new Set(changes.map((change) => change.set));
  const used = new Set<string>();
  /** The protocols of the rules that use a set; `several` where a rule uses sets of ports more than once, or is for all but one protocol. */
  const protocols = new Map<string, Set<number | 'several'>>();
  for (const ruleset of rulesets)
    for (const table of ruleset.tables.values())
      for (const spec of rulesOf(table)) {
        const names = setsUsedBy(spec, sets);
        const withPorts = names.filter((name) => sets.get(name)?.type.dimensions.includes('port') === true);
        const protocol = spec.base.given['protocol'];
        for (const name of names) used.add(name);
        for (const name of withPorts) {
          const known = protocols.get(name) ?? new Set();
          if (withPorts.length > 1 || protocol?.negated === true) known.add('several');
          else if (protocol !== undefined && protocol.value !== 0) known.add(protocol.value as number);
          protocols.set(name, known);
        }
      }
  const namable = (set: string, protocol: number): boolean => [...(protocols.get(set) ?? [])].every((one) => one === protocol);
  const made = new Map<string, TableIpsets>();
  return {
    forTable: (place) => {
      const key = [place.family, ...place.tables].join(' ');
      let found = made.get(key);
      if (found === undefined) {
        found = createTableIpsets(sets, changes, namable, place);
        made.set(key, found);
      }
      return found;
    },
    sharedBy: (table) =>
      [...rulesOf(table)]
        .flatMap((spec) => setsUsedBy(spec, sets))
        .filter((name) => changed.has(name))
        .map((name) => `ipset ${name}`),
    used,
  };
}

/** The sets that a rule asks or changes, as often as it does, and those in lists along with them. */
function setsUsedBy({ matches, action }: RuleSpec, sets: ReadonlyMap<string, Ipset>): readonly string[] {
  const uses = matches.flatMap((use) => (use.extension.name === 'set' ? [use.given['match-set']?.value] : []));
  if (action?.kind === 'target' && action.use.extension.name === 'SET')
    for (const option of ['add-set', 'del-set', 'map-set']) uses.push(action.use.given[option]?.value);
  return uses.flatMap((value) => {
    if (value === undefined) return [];
    const { set } = value as SetUse;
    return [set, ...(sets.get(set)?.type.method === 'list' ? (sets.get(set)?.elements.keys() ?? []) : [])];
  });
}

/** The rules of a table that may have to do with sets: none, where it asks for none. */
function* rulesOf(table: Table): Generator<RuleSpec> {
  const used = extensionsIn(table);
  if (!used.has('set') && !used.has('SET')) return;
  for (const chain of table.chains.values()) for (const { spec } of chain.rules) yield spec;
}

function changesOf(ruleset: Ruleset): readonly PlacedChange[] {
  const found: PlacedChange[] = [];
  for (const table of ruleset.tables.values())
    for (const { action, base } of rulesOf(table)) {
      if (action?.kind !== 'target' || action.use.extension.name !== 'SET') continue;
      const { given } = action.use;
      const add = given['add-set']?.value as SetUse | undefined;
      const removed = given['del-set']?.value as SetUse | undefined;
      const protocol = base.given['protocol'];
      const place = {
        family: ruleset.family,
        table: table.name,
        ...(protocol === undefined || protocol.negated || protocol.value === 0 ? {} : { protocol: protocol.value as number }),
      };
      const timeout = given['timeout']?.value as number | undefined;
      const exist = given['exist'] !== undefined;
      if (add !== undefined) found.push({ ...place, set: add.set, kind: 'add', exist, ...(timeout === undefined ? {} : { timeout }) });
      if (removed !== undefined) found.push({ ...place, set: removed.set, kind: 'delete', exist: false });
    }
  return found;
}

type Found<V> = { readonly kind: 'found'; readonly value: V } | { readonly kind: 'unsupported'; readonly reason: string; readonly instead?: string };

/** Names of sets that one end of a packet is looked up in, and that hold no addresses (kube-proxy has KUBE-NODE-PORT-TCP). */
const OF_OTHER_THINGS = /port|mac|mark|iface|svc/i;

const ANY_PROTOCOL = (): boolean => true;

const familyOf = (family: Family): AddressFamily => (family === 'ip' ? 'inet' : 'inet6');

function createTableIpsets(
  sets: ReadonlyMap<string, Ipset>,
  changes: readonly PlacedChange[],
  namable: (set: string, protocol: number) => boolean,
  place: TablePlace,
): TableIpsets {
  const declared = new Map<string, Found<Declared>>();
  const namedSets: NamedSet[] = [];
  const mapNames = new Map<string, string>();
  /** Sets that nobody defines, and what stands for them. */
  const missing = new Map<string, string>();

  /** The changes of a set that can have an effect: rules of the other family do not reach the addresses of this one. */
  const changesTo = (set: Ipset): readonly PlacedChange[] =>
    changes.filter((change) => change.set === set.name && (set.options.family === undefined || set.options.family === familyOf(change.family)));

  const declare = (key: string, make: () => Found<Declared>): Found<Declared> => {
    let found = declared.get(key);
    if (found === undefined) {
      found = make();
      declared.set(key, found);
    }
    return found;
  };

  const write = (set: Ipset, wanted: string, boxes: readonly Box[], form: SetForm, changedBy: readonly RuleChange[] | undefined): Found<Declared> => {
    const changing = changedBy !== undefined;
    const timed = set.options.timeout !== undefined || boxes.some((box) => box.timeout !== undefined);
    const written: NamedSet[] = [];
    const all = classesOf(set, boxes, place.family, form);
    // What no rule adds to and nothing is in need not be written.
    const needed = all.filter((own) => own.boxes.length > 0 || !changing || changedBy.some((one) => one.kind === 'add' && holds(own, one.protocol)));
    const classes = (needed.length > 0 ? needed : all.slice(0, 1)).map((own): NamedClass => {
      const elements = elementsOf(own);
      const name = place.freeName(`${wanted}${own.suffix}`);
      const flags: NamedSet['flags'] = [
        ...(form.mask === undefined && own.boxes.some(isWide) ? (['interval'] as const) : []),
        ...(changing ? (['dynamic'] as const) : []),
        ...(timed ? (['timeout'] as const) : []),
      ];
      const size = changing && set.options.maxelem !== 65536 && set.type.method === 'hash' ? { size: set.options.maxelem } : {};
      written.push({ kind: 'set', name, type: own.type, flags, ...size, ...(elements.length === 0 ? {} : { elements }) });
      return { own, name };
    });
    const tooNew = written.find((one) => one.type.length > 1 && one.flags.includes('interval'));
    if (tooNew !== undefined && isOlderThanIntervals(place.target))
      return {
        kind: 'unsupported',
        reason: `\`${set.name}\` joins networks with other things, which nft can since 0.9.4 and the kernel since 5.6`,
      };
    namedSets.push(...written);
    return { kind: 'found', value: { classes, form } };
  };

  /** A set that no rule changes. */
  const declareStatic = (set: Ipset, nomatch: boolean): Found<Declared> =>
    declare(`${set.name} ${nomatch ? 'nomatch' : ''}`, () => {
      const boxes = boxesOf(set, nomatch);
      if (boxes.kind === 'unsupported') return boxes;
      const form = staticForm(set, (protocol) => namable(set.name, protocol));
      const joined = set.type.dimensions.includes('net') || form.mask !== undefined ? boxes.boxes : joinRuns(boxes.boxes);
      return write(set, nomatch ? `${set.name}_nomatch` : set.name, joined, form, undefined);
    });

  /** A set that rules of this table change. */
  const declareChanging = (set: Ipset): Found<Declared> =>
    declare(set.name, () => {
      const form = changeableForm(set, changesTo(set), (protocol) => namable(set.name, protocol));
      if (form.kind === 'unsupported') return form;
      const boxes = boxesOf(set, false);
      if (boxes.kind === 'unsupported') return boxes;
      return write(set, set.name, boxes.boxes, form.form, changesTo(set));
    });

  const declareAny = (set: Ipset, nomatch: boolean): Found<Declared> => {
    const own = changesTo(set);
    // Only types with networks know elements that do not match.
    if (own.length === 0) return declareStatic(set, nomatch && set.type.dimensions.includes('net'));
    const elsewhere = own.find((change) => change.family !== place.family || !place.tables.has(change.table));
    if (elsewhere !== undefined)
      return {
        kind: 'unsupported',
        reason: `rules of the ${elsewhere.table} table change the ipset \`${set.name}\`, and an nft set belongs to one table: a copy here would stay as it is`,
        instead: 'move the rules that fill the set and those that ask it into one table',
      };
    return declareChanging(set);
  };

  /** A set by its name; why a rule cannot be about it. */
  const findSet = (name: string): Found<Ipset> => {
    const set = sets.get(name);
    if (set === undefined) return { kind: 'unsupported', reason: missingSet(name), instead: GIVE_SETS };
    if (set.options.family !== undefined && set.options.family !== familyOf(place.family))
      return {
        kind: 'unsupported',
        reason: `iptables refuses it: the ipset \`${name}\` holds ${set.options.family === 'inet' ? 'IPv4' : 'IPv6'} addresses`,
      };
    return { kind: 'found', value: set };
  };

  /** The networks of all sets of a list in one nft set, where they are nothing but addresses that stay; undefined where not. */
  const declareJoined = (list: Ipset, members: readonly Ipset[]): Found<Declared> | undefined => {
    const [first] = members;
    const joinable = members.every(
      (set) =>
        isAddressSet(set) && staticForm(set, ANY_PROTOCOL).mask === undefined && set.options.timeout === undefined && changesTo(set).length === 0,
    );
    if (first === undefined || members.length < 2 || !joinable) return undefined;
    return declare(list.name, () => {
      const all: Box[] = [];
      for (const set of members) {
        const boxes = boxesOf(set, false);
        if (boxes.kind === 'unsupported') return boxes;
        all.push(...boxes.boxes);
      }
      const stretches = joinStretches(all.flatMap((box) => box.sides.flatMap((side) => (side.kind === 'addresses' ? [side] : []))));
      const joined = stretches.map(({ from, to }): Box => ({ sides: [{ kind: 'addresses', from, to }], timeout: undefined, element: undefined }));
      return write(first, list.name, joined, { ports: 'own', names: ANY_PROTOCOL }, undefined);
    });
  };

  const conditionOfList = (list: Ipset, question: SetQuestion, context: NftContext): Found<Condition> => {
    const members: Ipset[] = [];
    for (const [name, element] of list.elements) {
      if (timeoutOf(element, list) !== undefined) return { kind: 'unsupported', reason: `the places of the list:set \`${list.name}\` time out` };
      const member = sets.get(name);
      // Sets that need more than the rule gives, and those of the other family, are passed over. (kernel: ip_set_list_set.c, list_set_ktest)
      if (member !== undefined && isReached(member, question.use, place.family)) members.push(member);
    }
    if (members.length === 0) return { kind: 'found', value: NEVER };
    if (!question.returnNomatch) {
      const joined = declareJoined(list, members);
      if (joined?.kind === 'unsupported') return joined;
      if (joined !== undefined) return { kind: 'found', value: conditionOf(joined.value.classes, question.use.ends, place.family, undefined) };
    }
    const conditions: Condition[] = [];
    for (const member of members) {
      const found = conditionOfSet(member, question, context);
      if (found.kind === 'unsupported') return found;
      conditions.push(found.value);
    }
    const value = anyOf(conditions);
    if (value === undefined) return { kind: 'unsupported', reason: `the list:set \`${list.name}\` has too many sets of different kinds` };
    return { kind: 'found', value };
  };

  const conditionOfSet = (set: Ipset, question: SetQuestion, context: NftContext): Found<Condition> => {
    if (set.type.method === 'list') return conditionOfList(set, question, context);
    if (set.type.dimensions.includes('mac')) {
      if (context.hooks.every((hook) => hook === 'OUTPUT')) return { kind: 'found', value: NEVER };
      const blind = hidesHardwareAddress(set, context);
      if (blind !== undefined) return { kind: 'unsupported', reason: blind };
    }
    const found = declareAny(set, question.returnNomatch);
    if (found.kind === 'unsupported') return found;
    return { kind: 'found', value: conditionOf(found.value.classes, question.use.ends, place.family, protocolOf(context)) };
  };

  /** A set that nobody defines, taken for one of addresses; undefined for what shows that it is another. */
  const askMissing = ({ use: { set, ends }, negated, returnNomatch, counters }: SetQuestion): Lowering | undefined => {
    const [end] = ends;
    if (end === undefined || ends.length > 1 || returnNomatch || counters || OF_OTHER_THINGS.test(set)) return undefined;
    if (changes.some((change) => change.set === set)) return undefined;
    let name = missing.get(set);
    if (name === undefined) {
      name = place.freeName(set);
      missing.set(set, name);
      const type = [place.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'];
      namedSets.push({ kind: 'set', name, type, flags: ['interval'], comments: [`the ipset ${set} was not part of the input`] });
    }
    const until = negated ? 'excludes nothing until it has elements' : 'is empty until somebody fills it';
    return {
      kind: 'approximate',
      items: [match(payload(place.family, end === 'src' ? 'saddr' : 'daddr'), setReference(name), negated)],
      differs: `the ipset \`${set}\` is not part of the input: what stands for it is a set of addresses and networks, and ${until}; ${GIVE_SETS}`,
    };
  };

  const ask = (question: SetQuestion, context: NftContext): Lowering => {
    const waiting = sets.has(question.use.set) ? undefined : askMissing(question);
    if (waiting !== undefined) return waiting;
    const found = findSet(question.use.set);
    if (found.kind === 'unsupported') return found;
    const set = found.value;
    if (!isReached(set, question.use, place.family))
      return question.negated
        ? exact([])
        : {
            kind: 'never',
            why: `the elements of \`${set.name}\` have ${String(set.type.dimensions.length)} parts, and the rule gives ${String(question.use.ends.length)}`,
          };
    if (question.counters && set.options.counters)
      return unsupported(
        'nft has no expression for how often an element of a set was matched',
        'match on a `counter` or `quota` of the rule instead',
      );
    const condition = conditionOfSet(set, question, context);
    if (condition.kind === 'unsupported') return condition;
    return alternativesLowering(question.negated ? condition.value.outside : condition.value.inside, set.name);
  };

  const change = (asked: SetChange, context: NftContext): Lowering => {
    const items: LoweredItem[] = [];
    const differs: string[] = [];
    for (const kind of ['add', 'delete'] as const) {
      const use = asked[kind];
      if (use === undefined) continue;
      const found = findSet(use.set);
      if (found.kind === 'unsupported') return found;
      const set = found.value;
      if (set.type.method === 'list')
        return unsupported(
          `\`${set.name}\` is a list:set: the first of its sets that takes the element gets it, which nft cannot try out`,
          'name the set itself',
        );
      if (!isReached(set, use, place.family)) continue;
      const own = declareChanging(set);
      if (own.kind === 'unsupported') return own;
      const made = changeSet(set, own.value, { kind, use, asked, family: place.family, target: place.target, changes: changesTo(set) }, context);
      if (made.kind === 'unsupported') return made;
      items.push(...made.items);
      if (made.differs !== undefined) differs.push(made.differs);
    }
    if (asked.map !== undefined) {
      const found = findSet(asked.map.use.set);
      if (found.kind === 'unsupported') return found;
      const set = found.value;
      if (changesTo(set).length > 0) return unsupported(`rules change the ipset \`${set.name}\`, whose marks are asked for`);
      if (isReached(set, asked.map.use, place.family)) {
        const made = mapMarks(set, asked.map, place, (one) => namedSets.push(one), mapNames);
        if (made.kind === 'unsupported') return made;
        items.push(...made.items);
      }
    }
    return differs.length === 0 ? exact(items) : { kind: 'approximate', items, differs: differs.join('; ') };
  };

  return { ask, change, declared: () => namedSets };
}

function alternativesLowering(alternatives: Alternatives, name: string): Lowering {
  const [only, ...others] = alternatives;
  if (only === undefined) return { kind: 'never', why: `no packet can be in the ipset \`${name}\`` };
  return exact(others.length === 0 ? only : [{ kind: 'anyOf', alternatives }]);
}

/** Whether a rule gives enough for the set, and its packets are of the set's family. (kernel: ip_set_core.c, ip_set_test) */
function isReached(set: Ipset, use: SetUse, family: Family): boolean {
  return use.ends.length >= set.type.dimensions.length && (set.options.family === undefined || set.options.family === familyOf(family));
}

/** The protocol all packets of the rule are of, where it says one. */
function protocolOf(context: NftContext): number | undefined {
  return context.protocolNegated === true ? undefined : context.protocol;
}

function isAddressSet(set: Ipset): boolean {
  return set.type.dimensions.length === 1 && ['ip', 'net'].includes(set.type.dimensions[0] ?? '');
}

function isOlderThanIntervals(target: Target): boolean {
  return (
    (target.nft !== undefined && compareVersions(target.nft, '0.9.4') < 0) ||
    (target.kernel !== undefined && compareVersions(target.kernel, '5.6') < 0)
  );
}
