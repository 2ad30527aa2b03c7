/** Reads the tables of cases in test/extensions and judges them: by fwlint alone, and by the real iptables, nft and kernel. */

import { basename } from 'node:path';
import type { Family, Hook, NftContext, Target } from '../../src/extensions/define.js';
import { MATCHES, TARGETS } from '../../src/extensions/index.js';
import { createRegistry, type Registry } from '../../src/extensions/registry.js';
import { HOOKS } from '../../src/iptables/builtin.js';
import { ruleOf, type Command, type ReadProblem } from '../../src/iptables/command.js';
import { printRule, quoteSaveWord } from '../../src/iptables/print.js';
import { readCommand } from '../../src/iptables/read.js';
import type { BaseHook, NftChain, NftFile, NftTable } from '../../src/nft/ir.js';
import { printNft, printRule as printNftRule, printTable } from '../../src/nft/print-text.js';
import type { Chain, Table } from '../../src/ruleset/model.js';
import { createSource, spanOf } from '../../src/text/source.js';
import { unquoteSaveWord, type Word, type Words } from '../../src/text/word.js';
import { withFirstPackets } from '../../src/ruleset/first-packets.js';
import { planBridgePorts, type BridgePortPlan } from '../../src/translate/bridge-ports/plan.js';
import { planIpsets, type TableIpsets } from '../../src/translate/ipset/plan.js';
import { lowerParts, lowerRule } from '../../src/translate/rule.js';
import { runWords } from '../ipset/sets.js';
import { iptablesPrograms, isolatedRules, nftCheckBatch, runSessions, type Backend, type RuleCase, type RuleResult, type Step } from './kernel.js';
import type { NftVersion } from './versions.js';

/** Where the cases below a header line stand. */
export interface CaseHeader {
  readonly table: string;
  readonly chain: string;
  /** The built-in chains a user chain is reached from. */
  readonly from: readonly string[];
  readonly families: readonly Family[];
  readonly target: Target;
  /** Programs that run before the rule, with their names. `iptables` is the one that is judged. */
  readonly before: readonly (readonly string[])[];
}

/** Who takes or refuses a rule. */
export type Verdict =
  { readonly kind: 'accepted' } | { readonly kind: 'refused'; readonly by: 'iptables' | 'kernel'; readonly check: string; readonly message: string };

/** A rule and what is said about it. */
export interface Case {
  readonly file: string;
  readonly line: number;
  readonly header: CaseHeader;
  readonly family: Family;
  /** The rule as written, after `-A CHAIN`. */
  readonly text: string;
  readonly verdict: Verdict;
  /** Non-fatal problems it has. */
  readonly changed: readonly { readonly check: string; readonly message: string }[];
  /** What iptables-save prints after `-A CHAIN`; several when iptables makes several rules of it. */
  readonly save: readonly string[];
  /** The rule after the first fix of the first problem. */
  readonly fixed: string | undefined;
  readonly nft: readonly string[];
  /** Sets, objects and further chains that come with the rules: `set NAME …`, `chain NAME RULE`. */
  readonly also: readonly string[];
  readonly approximate: string | undefined;
  readonly unsupported: string | undefined;
  readonly never: string | undefined;
  readonly ruleset: boolean;
  /** Where one backend does something else than fwlint says. */
  readonly but: readonly But[];
  /** Why the real programs are not asked. */
  readonly unjudged: string | undefined;
}

/** What one backend does differently. */
export type But =
  | { readonly backend: Backend; readonly kind: 'accepts' }
  | { readonly backend: Backend; readonly kind: 'refuses'; readonly by: 'iptables' | 'kernel' }
  | { readonly backend: Backend; readonly kind: 'save'; readonly text: string };

const NO_HEADER: CaseHeader = { table: 'filter', chain: 'INPUT', from: [], families: ['ip'], target: {}, before: [] };

type Draft = { -readonly [K in keyof Case]: Case[K] } & { verdictSeen: boolean };

/**
 * Reads a table of cases. The format is told in test/extensions/README.md. Throws on a line that is none of it: the author
 * is there to mend it.
 */
export function readCases(path: string, text: string): readonly Case[] {
  const file = basename(path);
  const cases: Case[] = [];
  let header = NO_HEADER;
  let draft: Draft | undefined;
  const finish = (): void => {
    if (draft === undefined) return;
    const { verdictSeen: _seen, ...done } = draft;
    if (done.verdict.kind === 'accepted' && done.save.length === 0) throw new Error(`${file}:${done.line}: no \`save\` line for \`${done.text}\``);
    for (const family of done.header.families) cases.push({ ...done, family });
    draft = undefined;
  };
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    const content = raw.trimEnd();
    if (content === '' || /^\s*#/.test(content)) return;
    const wrong = (why: string): never => {
      throw new Error(`${file}:${line}: ${why}: ${content}`);
    };
    if (/^\s/.test(content)) {
      if (draft === undefined) return wrong('an indented line belongs to a rule above it');
      readExpectation(draft, content.trim(), wrong);
      return;
    }
    finish();
    if (/^[-!"]/.test(content)) {
      draft = {
        file,
        line,
        header,
        family: header.families[0] ?? 'ip',
        text: content,
        verdict: { kind: 'accepted' },
        verdictSeen: false,
        changed: [],
        save: [],
        fixed: undefined,
        nft: [],
        also: [],
        approximate: undefined,
        unsupported: undefined,
        never: undefined,
        ruleset: false,
        but: [],
        unjudged: undefined,
      };
      return;
    }
    if (content.startsWith('before ')) {
      header = { ...header, before: [...header.before, splitWords(content.slice('before '.length))] };
      return;
    }
    header = readHeader({ ...header, before: [] }, content, wrong);
  });
  finish();
  return cases;
}

function readHeader(before: CaseHeader, content: string, wrong: (why: string) => never): CaseHeader {
  const words = content.split(/\s+/);
  let header = before;
  for (let index = 0; index < words.length; index += 2) {
    const key = words[index];
    const value = words[index + 1];
    if (value === undefined) return wrong(`\`${key ?? ''}\` has no value`);
    switch (key) {
      case 'table':
        header = { ...header, table: value };
        break;
      case 'chain':
        header = { ...header, chain: value, from: [] };
        break;
      case 'from':
        header = { ...header, from: value.split(',') };
        break;
      case 'family':
        header = {
          ...header,
          families: value.split(',').map((family) => (family === 'ip' || family === 'ip6' ? family : wrong('a family is ip or ip6'))),
        };
        break;
      case 'target':
        header = { ...header, target: value === 'any' ? {} : Object.fromEntries(value.split(',').map((part) => readTarget(part, wrong))) };
        break;
      default:
        return wrong('a header has table, chain, from, family, target; a rule begins with - or !');
    }
  }
  return header;
}

function readTarget(text: string, wrong: (why: string) => never): readonly [string, string | number] {
  const [key = '', value = ''] = text.split('=');
  if (['kernel', 'nft', 'iptables', 'backend'].includes(key)) return [key, value];
  if (['ipPktListTot', 'ipListTot', 'hz'].includes(key)) return [key, Number(value)];
  return wrong('unknown key of the target');
}

function readExpectation(draft: Draft, content: string, wrong: (why: string) => never): void {
  const word = /^\S+/.exec(content)?.[0] ?? '';
  const rest = content.slice(word.length).trim();
  const split = (text: string): { check: string; message: string } => {
    const check = /^[a-z0-9-]+/.exec(text)?.[0];
    if (check === undefined) return wrong('a check name is missing');
    return { check, message: text.slice(check.length).trim() };
  };
  switch (word) {
    case 'iptables':
    case 'kernel':
      if (!rest.startsWith('refuses ')) return wrong('`iptables refuses CHECK message`');
      if (draft.verdictSeen) return wrong('refused twice');
      draft.verdictSeen = true;
      draft.verdict = { kind: 'refused', by: word, ...split(rest.slice('refuses '.length).trim()) };
      return;
    case 'changed':
      draft.changed = [...draft.changed, split(rest)];
      return;
    case 'save':
      draft.save = [...draft.save, rest === '=' ? draft.text : rest];
      return;
    case 'fixed':
      draft.fixed = rest;
      return;
    case 'nft':
      draft.nft = [...draft.nft, rest];
      return;
    case 'set':
    case 'map':
    case 'object':
    case 'chain':
      draft.also = [...draft.also, `${word} ${rest}`];
      return;
    case 'approximate':
    case 'unsupported':
    case 'never':
      draft[word] = rest;
      return;
    case 'whole-ruleset':
      draft.ruleset = true;
      return;
    case 'unjudged':
      if (rest === '') return wrong('say why');
      draft.unjudged = rest;
      return;
    case 'but': {
      const found = /^(legacy|nft): (?:(accepts)|(iptables|kernel) refuses|save (.*))$/.exec(rest);
      if (found === null) return wrong('`but legacy|nft: accepts`, `but …: iptables|kernel refuses`, `but …: save WORDS`');
      const backend = found[1] as Backend;
      if (found[2] !== undefined) draft.but = [...draft.but, { backend, kind: 'accepts' }];
      else if (found[3] !== undefined) draft.but = [...draft.but, { backend, kind: 'refuses', by: found[3] as 'iptables' | 'kernel' }];
      else draft.but = [...draft.but, { backend, kind: 'save', text: found[4] === '=' ? draft.text : (found[4] ?? '') }];
      return;
    }
    default:
      return wrong('unknown kind of line');
  }
}

/** Splits a line into words as iptables-restore does: blanks separate, `"` groups. */
export function splitWords(text: string): readonly string[] {
  return wordPlaces(text).map(([start, end]) => unquoteSaveWord(text.slice(start, end)));
}

function wordPlaces(text: string): readonly (readonly [start: number, end: number])[] {
  const places: [number, number][] = [];
  let at = 0;
  while (at < text.length) {
    if (text.charAt(at) === ' ') {
      at += 1;
      continue;
    }
    const start = at;
    let quoted = false;
    while (at < text.length && (quoted || text.charAt(at) !== ' ')) {
      if (quoted && text.charAt(at) === '\\') at += 1;
      else if (text.charAt(at) === '"') quoted = !quoted;
      at += 1;
    }
    places.push([start, Math.min(at, text.length)]);
  }
  return places;
}

function wordsOf(text: string): Words {
  const source = createSource('case', text);
  const words = wordPlaces(text).map(([start, end]): Word => {
    const raw = text.slice(start, end);
    const read = unquoteSaveWord(raw);
    const span = spanOf(source, start, end);
    return { text: read, span, pieces: [{ length: read.length, span, literal: raw === read, via: [] }] };
  });
  return { kind: 'words', words };
}

const registries: Record<Family, Registry> = {
  ip: createRegistry('ip', MATCHES, TARGETS),
  ip6: createRegistry('ip6', MATCHES, TARGETS),
};

/** Reads a rule, written as iptables-save writes it after `-A CHAIN`, with fwlint. */
export function readRule(
  text: string,
  place: { readonly table: string; readonly chain: string; readonly family: Family; readonly target?: Target },
): Command {
  const words = wordsOf(`-A ${place.chain} ${text}`);
  const source = createSource('case', text);
  return readCommand(words, spanOf(source, 0, text.length), {
    registry: registries[place.family],
    target: place.target ?? {},
    table: place.table,
    start: 0,
  });
}

/** What fwlint makes of a rule in nft: lines as a case has them. */
export interface Lowered {
  readonly outcome: 'exact' | 'approximate' | 'unsupported' | 'never' | 'ruleset';
  /** What differs, why not, why never. */
  readonly reason: string;
  readonly nft: readonly string[];
  readonly also: readonly string[];
  /** A file for nft with a chain that holds the rules. */
  readonly file: NftFile | undefined;
}

const PRIORITIES: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };

function baseHook(table: string, hook: Hook): BaseHook {
  const name = hook.toLowerCase() as BaseHook['hook'];
  if (table === 'nat') {
    const priority = hook === 'PREROUTING' || hook === 'OUTPUT' ? -100 : 100;
    return { type: 'nat', hook: name, priority, policy: 'accept' };
  }
  return { type: table === 'mangle' && hook === 'OUTPUT' ? 'route' : 'filter', hook: name, priority: PRIORITIES[table] ?? 0, policy: 'accept' };
}

/** Translates a rule that was read, alone. */
export function lowerCommand(command: Command, header: CaseHeader, tableName = header.table): Lowered {
  const rule = ruleOf(command);
  if (rule === undefined) throw new Error('not a rule');
  const taken = new Set<string>();
  const hook = HOOKS.find((name) => name === header.chain);
  const protocol = rule.base.given['protocol'];
  const hooks = hook === undefined ? HOOKS.filter((name) => header.from.includes(name)) : [hook];
  const context: NftContext = {
    family: command.family,
    table: header.table,
    hooks,
    ...(protocol === undefined ? {} : protocol.negated ? { protocolNegated: true } : { protocol: protocol.value as number }),
    target: header.target,
    freeName: (wanted) => {
      let name = wanted;
      for (let number = 2; taken.has(name); number += 1) name = `${wanted}${number}`;
      taken.add(name);
      return name;
    },
    chainName: (chain) => chain,
  };
  const ports = withBridgePorts(command, header, hook, tableName);
  const inPlace: NftContext = ports === undefined ? context : { ...context, bridgePorts: ports, keptMark: ports.keptIn(hooks) };
  const trial = withIpsets(command, header, inPlace);
  const parts = lowerParts(rule, trial.context);
  if (parts.outcome.kind !== 'unsupported' && parts.needsRuleset) return { outcome: 'ruleset', reason: '', nft: [], also: [], file: undefined };
  if (parts.outcome.kind !== 'unsupported' && parts.never !== undefined)
    return { outcome: 'never', reason: parts.never, nft: [], also: [], file: undefined };
  taken.clear();
  const ipsets = withIpsets(command, header, inPlace);
  const chain: Chain = { name: header.chain, rules: [{ spec: rule, command }] };
  const flow = { table: { name: header.table, chains: new Map([[chain.name, chain]]) }, family: command.family };
  const { sets: ownSets, ...lowered } = lowerRule(rule, withFirstPackets(ipsets.context, flow, chain, 0, { spec: rule, command }), header.chain);
  const sets = [...ownSets, ...ipsets.declared()];
  if (lowered.outcome.kind === 'unsupported') return { outcome: 'unsupported', reason: lowered.outcome.reason, nft: [], also: [], file: undefined };
  const print = { ...(header.target.nft === undefined ? {} : { nft: header.target.nft }) };
  const also: string[] = [];
  for (const set of sets) also.push(oneLine({ family: command.family, name: 'x', sets: [{ ...set, comments: [] }], chains: [] }));
  for (const object of lowered.objects)
    also.push(`object ${oneLine({ family: command.family, name: 'x', sets: [], objects: [object], chains: [] })}`);
  for (const chain of lowered.chains) for (const one of chain.rules) also.push(`chain ${chain.name} ${printNftRule(one, print)}`);
  // What notes the ports is the same for many rules: it is loaded, and shown by test/translate/bridge-ports.test.ts.
  const ofPorts = ports?.chainsFor(ports.tables, context.freeName) ?? [];
  const base = hooks[0];
  const ownChain: NftChain = { name: 'case', ...(base === undefined ? {} : { base: baseHook(header.table, base) }), rules: lowered.rules };
  const jumpedTo = [rule.action?.kind === 'chain' ? rule.action.name.text : undefined, lowered.rest]
    .filter((name) => name !== undefined)
    .map((name) => ({ name, rules: [] }));
  return {
    outcome: lowered.outcome.kind,
    reason: lowered.outcome.kind === 'approximate' ? lowered.outcome.differs : '',
    nft: lowered.rules.map((one) => printNftRule(one, print)),
    also,
    file: {
      comments: [],
      defines: [],
      replace: 'none',
      tables: [
        { family: command.family, name: tableName, sets, objects: lowered.objects, chains: [...jumpedTo, ...lowered.chains, ...ofPorts, ownChain] },
        ...(ports?.table === undefined ? [] : [ports.table]),
      ],
    },
  };
}

/** The context of a rule that knows the ipsets created before it, and what of them the rule's table has to declare afterwards. */
function withIpsets(
  command: Command,
  header: CaseHeader,
  context: NftContext,
): { readonly context: NftContext; readonly declared: TableIpsets['declared'] } {
  const commands = header.before.filter(([program]) => program === 'ipset').map(([, ...words]) => words);
  const rule = ruleOf(command);
  if (commands.length === 0 || rule === undefined) return { context, declared: () => [] };
  const chain = { name: header.chain, rules: [{ spec: rule, command }] };
  const table = { name: header.table, chains: new Map([[chain.name, chain]]) };
  const plan = planIpsets(runWords(commands).sets, [{ family: command.family, tables: new Map([[table.name, table]]) }]);
  const { family, freeName, target } = context;
  const ipsets = plan.forTable({ family, tables: new Set([table.name]), freeName, target });
  return { context: { ...context, ipsets }, declared: ipsets.declared };
}

/** How a rule that asks for ports of bridges learns them, with the one table it is planned for. */
function withBridgePorts(
  command: Command,
  header: CaseHeader,
  hook: Hook | undefined,
  tableName: string,
): (BridgePortPlan & { readonly tables: readonly Table[] }) | undefined {
  const rule = ruleOf(command);
  if (rule === undefined) return undefined;
  const chain: Chain = { name: header.chain, ...(hook === undefined ? {} : { hook }), rules: [{ spec: rule, command }] };
  const table: Table = { name: header.table, chains: new Map([[chain.name, chain]]) };
  const plan = planBridgePorts(command.family, [{ family: command.family, tables: new Map([[table.name, table]]) }], tableName);
  return plan === undefined ? undefined : { ...plan, tables: [table] };
}

/** The one set or object of a table on one line. */
function oneLine(table: NftTable): string {
  return printTable(table)
    .split('\n')
    .slice(1, -2)
    .map((line) => line.trim())
    .join('; ')
    .replace('{; ', '{ ')
    .replace('; }', ' }');
}

function showProblem(problem: ReadProblem): string {
  return `${problem.fatal ? 'refused' : 'changed'} ${problem.check} ${problem.message}`;
}

/** What fwlint says about a case, against what the case says. Empty when they agree. */
export function judgeAlone(item: Case): readonly string[] {
  const wrong: string[] = [];
  const { header, family } = item;
  const command = readRule(item.text, { ...header, family });
  const rule = ruleOf(command);
  if (rule === undefined) return ['fwlint finds no rule in it'];
  const fatal = command.problems.filter((problem) => problem.fatal);
  const fits = (problem: ReadProblem, expected: { readonly check: string; readonly message: string }): boolean =>
    problem.check === expected.check && problem.message.includes(expected.message);
  const { verdict } = item;
  if (verdict.kind === 'refused') {
    if (!command.problems.some((problem) => fits(problem, verdict)))
      wrong.push(
        `expected: refused ${verdict.check} ${verdict.message}`,
        ...(command.problems.length === 0
          ? ['fwlint takes it without a word']
          : command.problems.map((problem) => `fwlint says: ${showProblem(problem)}`)),
      );
    if (item.save.length > 0 && fatal.length > 0)
      wrong.push('expected: a reading in spite of it', ...fatal.map((problem) => `fwlint says: ${showProblem(problem)}`));
  } else if (fatal.length > 0) wrong.push(...fatal.map((problem) => `fwlint says: ${showProblem(problem)}`));
  for (const expected of item.changed)
    if (!command.problems.some((problem) => fits(problem, expected))) wrong.push(`expected: changed ${expected.check} ${expected.message}`);
  for (const problem of command.problems)
    if (!problem.fatal && !item.changed.some((expected) => fits(problem, expected)) && (verdict.kind === 'accepted' || !fits(problem, verdict)))
      wrong.push(`fwlint says: ${showProblem(problem)}`);
  if (item.fixed !== undefined) {
    const fixed = applyFirstFix(command);
    if (fixed !== `-A ${header.chain} ${item.fixed}`) wrong.push(`expected fix: ${item.fixed}`, `fwlint's fix: ${fixed ?? 'none'}`);
  }
  if (fatal.length > 0 || item.save.length === 0) return wrong;
  const printed = printRule(rule, family);
  if (item.save.length === 1 && item.save[0] !== printed) wrong.push(`expected: ${item.save[0] ?? ''}`, `printed:  ${printed}`);
  wrong.push(...judgeLowering(item, command));
  const [saved] = item.save;
  // A name only another host can look up is not in the saved form.
  const settled = [rule.base, ...rule.matches].every((use) => use.unsettled.length === 0);
  if (saved !== undefined && item.save.length === 1 && settled) wrong.push(...judgeSaved(item, saved));
  return wrong;
}

function applyFirstFix(command: Command): string | undefined {
  const fix = command.problems.flatMap((problem) => problem.fixes ?? [])[0];
  if (fix === undefined) return undefined;
  let text = fix.edits[0].span.source.text;
  for (const edit of [...fix.edits].sort((left, right) => right.span.start - left.span.start))
    text = text.slice(0, edit.span.start) + edit.text + text.slice(edit.span.end);
  return text;
}

function judgeLowering(item: Case, command: Command): readonly string[] {
  const wrong: string[] = [];
  const expectations = { approximate: item.approximate, unsupported: item.unsupported, never: item.never };
  const wanted = item.ruleset ? 'ruleset' : Object.entries(expectations).find(([, text]) => text !== undefined)?.[0];
  if (wanted === undefined && item.nft.length === 0 && item.also.length === 0) return [];
  const lowered = lowerCommand(command, item.header);
  if (lowered.outcome !== (wanted ?? 'exact')) wrong.push(`expected: ${wanted ?? 'exact'}`, `fwlint: ${lowered.outcome} ${lowered.reason}`);
  const reason = wanted === undefined || wanted === 'ruleset' ? '' : (expectations[wanted as keyof typeof expectations] ?? '');
  if (!lowered.reason.includes(reason)) wrong.push(`expected: ${wanted ?? ''} ${reason}`, `fwlint: ${lowered.reason}`);
  if (item.nft.join('\n') !== lowered.nft.join('\n'))
    wrong.push(...item.nft.map((line) => `expected nft ${line}`), ...lowered.nft.map((line) => `  fwlint nft ${line}`));
  if (item.also.join('\n') !== lowered.also.join('\n'))
    wrong.push(...item.also.map((line) => `expected ${line}`), ...lowered.also.map((line) => `  fwlint ${line}`));
  return wrong;
}

/** What iptables-save printed is read again, means the same, and is printed the same. */
function judgeSaved(item: Case, saved: string): readonly string[] {
  const again = readRule(saved, { ...item.header, family: item.family });
  const rule = ruleOf(again);
  const fatal = again.problems.filter((problem) => problem.fatal);
  if (rule === undefined || fatal.length > 0) return [`its saved form is not read: ${fatal.map(showProblem).join('; ')}`];
  const printed = printRule(rule, item.family);
  return printed === saved ? [] : [`its saved form is read as: ${printed}`];
}

/** What the kernel's side of a case is, for one backend. */
interface Expected {
  readonly refusedBy: 'iptables' | 'kernel' | undefined;
  readonly save: readonly string[];
}

function expectedOf(item: Case, backend: Backend): Expected {
  const own = item.but.filter((but) => but.backend === backend);
  const saves = own.flatMap((but) => (but.kind === 'save' ? [but.text] : []));
  const refuses = own.find((but) => but.kind === 'refuses');
  if (refuses?.kind === 'refuses') return { refusedBy: refuses.by, save: [] };
  const save = saves.length > 0 ? saves : item.save;
  if (saves.length > 0 || own.some((but) => but.kind === 'accepts')) return { refusedBy: undefined, save };
  return item.verdict.kind === 'refused' ? { refusedBy: item.verdict.by, save: [] } : { refusedBy: undefined, save };
}

/** Whether the programs of this machine can be asked about a case. */
export function isJudged(item: Case): boolean {
  return item.unjudged === undefined && Object.keys(item.header.target).length === 0;
}

function placeOf(item: Case): string {
  return `${item.file}:${item.line} ${item.family} ${item.text}`;
}

/** The steps that come before the rule of a case. */
function preparation(item: Case, programs: string): Pick<RuleCase, 'setup' | 'prepare'> {
  const { table, chain, from, before } = item.header;
  const setup: (readonly string[])[] = [];
  const builtIn = HOOKS.some((hook) => hook === chain);
  if (!builtIn) setup.push(['-t', table, '-N', chain], ...from.map((hook) => ['-t', table, '-A', hook, '-j', chain]));
  const prepare = before.map((words) => (words[0] === 'iptables' ? [programs, ...words.slice(1)] : words));
  return { setup, prepare };
}

/** What a judge says against a case. */
export interface Objection {
  readonly item: Case;
  readonly text: string;
}

/** Asks a real iptables about cases of any kind, all in a few processes. Returns what it does otherwise than said; empty when they agree. */
export async function judgeByIptables(items: readonly Case[], backend: Backend): Promise<readonly Objection[]> {
  const wrong: Objection[] = [];
  const alone: Case[] = [];
  const together = new Map<string, Case[]>();
  for (const item of items.filter(isJudged)) {
    const { table, chain, before } = item.header;
    const expected = expectedOf(item, backend);
    const simple = expected.refusedBy === undefined && expected.save.length === 1 && before.length === 0 && HOOKS.some((hook) => hook === chain);
    if (!simple) {
      alone.push(item);
      continue;
    }
    const key = `${item.file} ${item.family} ${table} ${chain}`;
    const group = together.get(key);
    if (group === undefined) together.set(key, [item]);
    else group.push(item);
  }
  const groups = [...together.values()];
  const loaded = await runSessions(groups.map((group) => loadTogether(group, backend)));
  groups.forEach((group, index) => {
    const chain = group[0]?.header.chain ?? '';
    const [restore, dump] = loaded[index] ?? [];
    const saved = dump?.stdout.split('\n').filter((line) => line === `-A ${chain}` || line.startsWith(`-A ${chain} `)) ?? [];
    // Where the whole does not load, or rules get in each other's way, each is tried by itself.
    if (restore?.status !== 0 || saved.length !== group.length) {
      alone.push(...group);
      return;
    }
    group.forEach((item, place) => {
      const expected = expectedOf(item, backend).save[0] ?? '';
      const actual = (saved[place] ?? '').slice(`-A ${chain} `.length);
      if (actual !== expected) wrong.push({ item, text: `    said:   ${expected}\n    ${backend} saves: ${actual}` });
    });
  });
  for (const family of ['ip', 'ip6'] as const) {
    const cases = alone.filter((item) => item.family === family);
    const results = await isolatedRules(
      backend,
      family,
      cases.map((item) => ({
        table: item.header.table,
        chain: item.header.chain,
        args: splitWords(item.text),
        ...preparation(item, `${family}tables-${backend}`),
      })),
    );
    cases.forEach((item, index) => {
      const lines = compareResult(item, backend, results[index] as RuleResult);
      if (lines.length > 0) wrong.push({ item, text: lines.join('\n') });
    });
  }
  return wrong;
}

/** Loads the rules of cases that stand in the same chain, and saves them. */
function loadTogether(group: readonly Case[], backend: Backend): readonly Step[] {
  const family = group[0]?.family ?? 'ip';
  const { table = 'filter', chain = 'INPUT' } = group[0]?.header ?? {};
  const lines = group.map((item) => `-A ${chain} ${splitWords(item.text).map(quoteSaveWord).join(' ')}`);
  const programs = iptablesPrograms(backend, family);
  return [{ argv: [programs.restore], stdin: `*${table}\n${lines.join('\n')}\nCOMMIT\n` }, { argv: [programs.save, '-t', table] }];
}

/** Objections as lines for a failing test. */
export function describeObjections(wrong: readonly Objection[]): string {
  return wrong.map(({ item, text }) => `${placeOf(item)}\n${text}`).join('\n\n');
}

function compareResult(item: Case, backend: Backend, result: RuleResult): readonly string[] {
  const expected = expectedOf(item, backend);
  const wrong: string[] = [];
  const said = result.stderr.trim().split('\n')[0] ?? '';
  if (result.setupError !== undefined) wrong.push(`    before it: ${result.setupError.trim()}`);
  if (result.refusedBy !== expected.refusedBy) {
    const name = (by: 'iptables' | 'kernel' | undefined): string => (by === undefined ? 'accepted' : `refused by ${by}`);
    wrong.push(`    said:   ${name(expected.refusedBy)}`, `    ${backend}: ${name(result.refusedBy)} ${said}`);
    if (result.refusedBy === undefined) wrong.push(`    saves: ${result.rules.join('\n           ')}`);
  } else if (expected.refusedBy === undefined) {
    const actual = result.rules.map((line) => line.slice(`-A ${item.header.chain} `.length));
    if (actual.join('\n') !== expected.save.join('\n'))
      wrong.push(...expected.save.map((line) => `    said:   ${line}`), ...actual.map((line) => `    ${backend} saves: ${line}`));
  } else if (expected.refusedBy === 'iptables') {
    const quoted = quotedWords(item);
    const plain = result.stderr.replace(/\s+/g, ' ');
    if (quoted !== undefined && !plain.includes(quoted.replace(/\s+/g, ' ')) && !item.but.some((but) => but.backend === backend))
      wrong.push(`    fwlint quotes: ${quoted}`, `    ${backend} says: ${result.stderr.trim()}`);
  }
  return wrong;
}

/** The words of iptables that fwlint quotes for the refusal of a case. */
function quotedWords(item: Case): string | undefined {
  const { verdict } = item;
  if (verdict.kind !== 'refused') return undefined;
  const command = readRule(item.text, { ...item.header, family: item.family });
  const problem = command.problems.find((one) => one.check === verdict.check && one.message.includes(verdict.message));
  for (const note of problem?.notes ?? []) {
    const found = /^ip6?tables says: (.*)$/s.exec(note.text);
    if (found?.[1] !== undefined) return found[1];
  }
  return undefined;
}

/** What a kernel may be built without (CONFIG_NFT_QUEUE, SELinux), and a table with it; what holds such words cannot be tried there. */
const OPTIONAL: readonly { readonly words: string; readonly table: string }[] = [
  { words: 'queue num ', table: 'chain probe {\n\t\ttype filter hook input priority 0;\n\t\tqueue num 0\n\t}' },
  { words: 'secmark ', table: 'secmark probe {\n\t\t"system_u:object_r:ssh_server_packet_t:s0"\n\t}' },
];

/** Those of them that the kernel here has not. */
async function lackingWords(nft: NftVersion): Promise<readonly string[]> {
  const results = await nftCheckBatch(
    OPTIONAL.map(({ table }) => `table ip probe {\n\t${table}\n}\n`),
    nft.binary,
  );
  return OPTIONAL.flatMap(({ words }, index) => (results[index]?.status === 0 ? [] : [words]));
}

/** Asks an nft whether it would load what fwlint makes of the cases: for any nft, and for this one. */
export async function judgeByNft(items: readonly Case[], nft: NftVersion): Promise<readonly Objection[]> {
  const files: { readonly item: Case; readonly text: string }[] = [];
  items.forEach((item, index) => {
    const { target } = item.header;
    if (target.nft !== undefined && target.nft !== nft.version) return;
    const command = readRule(item.text, { ...item.header, family: item.family });
    if (command.refused) return;
    const own = { ...item.header, target: { ...target, nft: nft.version } };
    // Where this nft cannot say it at all, it cannot load what is for others either.
    const forThis = lowerCommand(command, own, `own${index}`).file;
    const forAny = forThis === undefined ? undefined : lowerCommand(command, item.header, `any${index}`).file;
    const texts = [forAny, forThis].flatMap((file) => (file === undefined ? [] : [printNft(file, { nft: nft.version })]));
    files.push(...texts.map((text) => ({ item, text })));
  });
  // One ruleset for each table of cases; where that does not load, one for each case.
  const names = [...new Set(files.map(({ item }) => item.file))];
  const groups = names.map((name) => files.filter(({ item }) => item.file === name));
  const together = await nftCheckBatch(
    groups.map((group) => group.map(({ text }) => text).join('\n')),
    nft.binary,
  );
  const alone = groups.filter((_group, index) => together[index]?.status !== 0).flat();
  if (alone.length === 0) return [];
  const lacking = await lackingWords(nft);
  const results = await nftCheckBatch(
    alone.map(({ text }) => text),
    nft.binary,
  );
  return alone.flatMap(({ item, text }, index) => {
    const result = results[index];
    if (result?.status === 0 || lacking.some((words) => text.includes(words))) return [];
    return [{ item, text: `    nft ${nft.version}: ${result?.stderr.trim() ?? ''}\n${text}` }];
  });
}
