/** What a sequence of commands does to a ruleset: -A -I -D -R -P -N -X -F -E -Z, in order, from empty tables on. */

import type { Fix, Label, Note, Severity } from '../diagnostics/diagnostic.js';
import { isEverything, type BaseGiven } from '../extensions/base.js';
import { isForeign, isOfIptables, ofOtherFamily } from '../extensions/known-names.js';
import type { Family, Hook } from '../extensions/define.js';
import type { Network } from '../net/address.js';
import { HOOKS, STANDARD_TARGETS, TABLE_CHAINS } from '../iptables/builtin.js';
import { ruleOf, type Command, type Counters, type Name, type ReadProblem, type RuleSpec, type Use } from '../iptables/command.js';
import { fixOf, insertCommandAbove, replaceWord as editWord } from '../iptables/edit.js';
import { printRule } from '../iptables/print.js';
import { byteLength } from '../text/bytes.js';
import { nearest } from '../text/distance.js';
import { oncePer } from '../text/once-per.js';
import { spanOf, type Span } from '../text/source.js';
import { isWrittenHere, wordAt, wordSpan, wordsSpan, wordText } from '../text/word.js';
import { findCircle, type Jumps } from './check-loops.js';
import { findMisplacedByJump } from './check-placement.js';
import type { Chain, Policy, Rule, Ruleset, Table } from './model.js';

/** A problem of a command that only shows when it runs. */
export interface RunProblem extends ReadProblem {
  readonly command: Command;
}

export interface RunResult {
  readonly ruleset: Ruleset;
  readonly problems: readonly RunProblem[];
  /** Commands that changed nothing because they were refused, when read or when run. */
  readonly refused: ReadonlySet<Command>;
}

/** Whether a chain of a table may exist although no command of the input creates it. */
export type ChainsElsewhere = (table: string, name: string) => boolean;

/** Nothing else makes chains. */
export const NO_CHAINS: ChainsElsewhere = () => false;

/** Something that is not known may have made any chain. */
export const ALL_CHAINS: ChainsElsewhere = () => true;

interface ChainDraft {
  name: string;
  readonly hook: Hook | undefined;
  policy: Policy | undefined;
  policyCommand: Command | undefined;
  counters: Counters | undefined;
  rules: Rule[];
  /** It is known to have held nothing when the input's rules came: rule numbers can be trusted. */
  fromScratch: boolean;
  /** Something that is not known makes it, and may have put rules into it. */
  readonly elsewhere?: true;
  /** The command that made it, if one did. */
  readonly maker?: Command;
}

interface TableDraft {
  readonly name: string;
  readonly chains: Map<string, ChainDraft>;
  readonly jumps: Jumps;
  /** The chain of the last rule; until a chain is deleted or renamed. */
  last: { readonly name: Name; readonly chain: ChainDraft } | undefined;
}

interface RunState {
  readonly family: Family;
  readonly tables: Map<string, TableDraft>;
  readonly problems: RunProblem[];
  readonly refused: Set<Command>;
  readonly targetNames: ReadonlySet<string>;
  /** All that are run, in order. */
  readonly commands: readonly Command[];
  readonly elsewhere: ChainsElsewhere;
  readonly mayFail: ReadonlySet<Command>;
}

/**
 * Runs commands of one family. `targetNames`: the targets that exist, for suggestions; `elsewhere`: chains nothing is said about when they
 * are missing; `mayFail`: commands whose author knows that they may find their work done: `iptables -N ssh || iptables -F ssh`.
 */
export function runCommands(
  family: Family,
  commands: readonly Command[],
  targetNames: ReadonlySet<string>,
  elsewhere: ChainsElsewhere = NO_CHAINS,
  mayFail: ReadonlySet<Command> = new Set(),
): RunResult {
  const state: RunState = { family, tables: new Map(), problems: [], refused: new Set(), targetNames, commands, elsewhere, mayFail };
  for (const command of commands) {
    if (command.refused) {
      state.refused.add(command);
      reportNames(state, command);
    } else runCommand(state, command);
  }
  const tables = new Map<string, Table>();
  for (const [name, table] of state.tables) tables.set(name, withoutMisplaced(state, finished(table)));
  return { ruleset: { family, tables }, problems: state.problems, refused: state.refused };
}

function finished({ name, chains }: TableDraft): Table {
  const all = new Map<string, Chain>();
  for (const chain of chains.values()) {
    all.set(chain.name, {
      name: chain.name,
      rules: chain.rules,
      ...(chain.hook === undefined ? {} : { hook: chain.hook }),
      ...(chain.policy === undefined ? {} : { policy: chain.policy }),
      ...(chain.policyCommand === undefined ? {} : { policyCommand: chain.policyCommand }),
      ...(chain.counters === undefined ? {} : { counters: chain.counters }),
      ...(chain.elsewhere === undefined ? {} : { elsewhere: true as const }),
    });
  }
  return { name, chains: all };
}

function tableOf(state: RunState, name: string): TableDraft | undefined {
  const existing = state.tables.get(name);
  if (existing !== undefined) return existing;
  if (!Object.hasOwn(TABLE_CHAINS, name)) return undefined;
  const chains = new Map<string, ChainDraft>();
  for (const hook of TABLE_CHAINS[name] ?? [])
    chains.set(hook, { name: hook, hook, policy: 'ACCEPT', policyCommand: undefined, counters: undefined, rules: [], fromScratch: false });
  const table: TableDraft = { name, chains, jumps: { from: new Map(), circular: false }, last: undefined };
  state.tables.set(name, table);
  return table;
}

function runCommand(state: RunState, command: Command): void {
  if (command.kind === 'nothing' || command.kind === 'malformed' || command.kind === 'list') return;
  const table = tableOf(state, command.table);
  if (table === undefined) {
    tableMissing(state, command);
    return;
  }
  switch (command.kind) {
    case 'newChain':
      newChain(state, table, command, command.chain);
      return;
    case 'flush':
      for (const chain of chainsFor(state, table, command, command.chain)) {
        chain.rules = [];
        chain.fromScratch = true;
      }
      return;
    case 'zero':
      chainsFor(state, table, command, command.chain);
      return;
    case 'deleteChain':
      deleteChain(state, table, command, command.chain);
      return;
    case 'renameChain':
      renameChain(state, table, command, command.chain, command.to);
      return;
    case 'policy':
      setPolicy(state, table, command);
      return;
    case 'append':
    case 'insert':
    case 'replace':
    case 'delete':
    case 'deleteNumber':
    case 'check':
      changeRules(state, table, command);
  }
}

function tableMissing(state: RunState, command: Command): void {
  const lower = command.table.toLowerCase();
  const name = tableWord(command);
  const guess = Object.hasOwn(TABLE_CHAINS, lower) ? lower : nearest(lower, Object.keys(TABLE_CHAINS));
  const says = `can't initialize iptables table \`${command.table}': Table does not exist (do you need to insmod?)`;
  if (guess === lower)
    refuse(state, command, 'wrong-letter-case', name, `there is no table \`${command.table}\`; the names of tables are in small letters`, {
      says,
      do: `write \`${lower}\``,
      fixes: name === undefined ? [] : replaceWord(command, name, lower, 'safe'),
    });
  else
    refuse(state, command, 'unknown-table', name, `there is no table \`${command.table}\``, {
      says,
      do: guess === undefined ? `the tables are ${Object.keys(TABLE_CHAINS).join(', ')}` : `did you mean \`${guess}\`?`,
      fixes: name === undefined || guess === undefined ? [] : replaceWord(command, name, guess, 'unsafe'),
    });
}

/** The names in a command that is refused for something else: they would be the next thing iptables stumbles over. */
function reportNames(state: RunState, command: Command): void {
  if (!Object.hasOwn(TABLE_CHAINS, command.table)) {
    tableMissing(state, command);
    return;
  }
  const made = state.tables.get(command.table)?.chains;
  if ('chain' in command && command.kind !== 'newChain' && made?.has(command.chain.text) !== true)
    reportChainInSmallLetters(state, command, command.chain);
  reportTargetName(state, command, made);
}

/** `chains`: those of the table, as far as there are any. */
function reportTargetName(state: RunState, command: Command, chains: ReadonlyMap<string, ChainDraft> | undefined): void {
  const action = ruleOf(command)?.action;
  if (action?.kind === 'chain' && chains?.has(action.name.text) !== true) reportTargetInSmallLetters(state, command, action.name);
}

function chainsFor(state: RunState, table: TableDraft, command: Command, name: Name | undefined): readonly ChainDraft[] {
  if (name === undefined) return [...table.chains.values()];
  const chain = table.chains.get(name.text);
  if (chain !== undefined) return [chain];
  // A script may empty a chain that an earlier run of it made: nothing to say about that.
  if (!/^[a-z]+$/.test(name.text) || !isBuiltin(name.text.toUpperCase())) return [];
  chainMissing(state, table, command, name);
  return [];
}

function isBuiltin(name: string): boolean {
  return (HOOKS as readonly string[]).includes(name);
}

function newChain(state: RunState, table: TableDraft, command: Command, name: Name): void {
  const { text } = name;
  const chain = table.chains.get(text);
  if (chain !== undefined) {
    if (!state.mayFail.has(command))
      refuse(state, command, 'bad-chain-name', name, `chain \`${text}\` exists already`, {
        says: 'Chain already exists.',
        labels: whyItExists(table, chain, command),
      });
    return;
  }
  if (byteLength(text) > 28) {
    refuse(state, command, 'bad-chain-name', name, `a chain name has at most 28 characters; \`${text}\` has ${String(byteLength(text))}`, {
      says: `chain name \`${text}' too long (must be under 29 chars)`,
    });
    return;
  }
  if (state.targetNames.has(text) || STANDARD_TARGETS.includes(text)) {
    refuse(state, command, 'bad-chain-name', name, `\`${text}\` is the name of a target, so no chain can have it`, {
      says: 'chain name may not clash with target name',
    });
    return;
  }
  if (text.startsWith('-') || text.startsWith('!') || /\s/.test(text)) {
    refuse(state, command, 'bad-chain-name', name, `\`${text}\` cannot be a chain name`, { says: `Invalid chain name \`${text}'` });
    return;
  }
  table.chains.set(text, {
    name: text,
    hook: undefined,
    policy: undefined,
    policyCommand: undefined,
    counters: ruleCounters(command),
    rules: [],
    fromScratch: true,
    maker: command,
  });
}

/** The command that made a chain; where a loop comes to that command again, the rule that has kept the chain from being deleted. */
function whyItExists(table: TableDraft, chain: ChainDraft, again: Command): readonly Label[] {
  if (chain.maker !== undefined && chain.maker.at.start !== again.at.start) return [{ span: chain.maker.at, text: 'made here' }];
  const [rule = referenceTo(table, chain.name)] = chain.rules;
  return rule === undefined ? [] : [{ span: rule.command.at, text: chain.rules.length > 0 ? 'it still has this rule' : 'this still jumps to it' }];
}

function ruleCounters(command: Command): Counters | undefined {
  return ruleOf(command)?.counters;
}

/** The first rule that jumps to a chain. */
function referenceTo(table: TableDraft, name: string): Rule | undefined {
  for (const chain of table.chains.values())
    for (const rule of chain.rules) if (rule.spec.action?.kind === 'chain' && rule.spec.action.name.text === name) return rule;
  return undefined;
}

function deleteChain(state: RunState, table: TableDraft, command: Command, name: Name | undefined): void {
  table.last = undefined;
  if (name === undefined) {
    for (const chain of [...table.chains.values()])
      if (chain.hook === undefined && chain.rules.length === 0 && referenceTo(table, chain.name) === undefined) table.chains.delete(chain.name);
    return;
  }
  const chain = table.chains.get(name.text);
  if (chain === undefined) return;
  if (chain.hook !== undefined) {
    refuse(state, command, 'chain-in-use', name, `\`${name.text}\` is a built-in chain and cannot be deleted`, { says: 'Invalid argument.' });
    return;
  }
  const [rule = referenceTo(table, chain.name)] = chain.rules;
  if (rule !== undefined) {
    refuse(
      state,
      command,
      'chain-in-use',
      name,
      chain.rules.length > 0
        ? `chain \`${name.text}\` still has rules, so it cannot be deleted`
        : `rules still jump to chain \`${name.text}\`, so it cannot be deleted`,
      {
        says: chain.rules.length > 0 ? 'Directory not empty.' : 'Too many links.',
        do: 'flush it and the rules that jump to it first',
        labels:
          rule.command.at.start === command.at.start ? [] : [{ span: rule.command.at, text: chain.rules.length > 0 ? 'this one' : 'jumps to it' }],
      },
    );
    return;
  }
  table.chains.delete(name.text);
}

function renameChain(state: RunState, table: TableDraft, command: Command, from: Name, to: Name): void {
  const chain = table.chains.get(from.text);
  if (chain === undefined) {
    chainMissing(state, table, command, from);
    return;
  }
  if (chain.hook !== undefined || table.chains.has(to.text)) {
    refuse(
      state,
      command,
      'bad-chain-name',
      to,
      chain.hook !== undefined ? 'a built-in chain cannot be renamed' : `chain \`${to.text}\` exists already`,
      {
        says: chain.hook === undefined ? 'File exists.' : 'No chain/target/match by that name.',
      },
    );
    return;
  }
  table.last = undefined;
  table.chains.delete(from.text);
  chain.name = to.text;
  table.chains.set(to.text, chain);
  // The jumps seen so far have the old name.
  table.jumps.circular = true;
  for (const other of table.chains.values())
    other.rules = other.rules.map((rule) => {
      const { action } = rule.spec;
      return action?.kind === 'chain' && action.name.text === from.text
        ? { ...rule, spec: { ...rule.spec, action: { ...action, name: { ...action.name, text: to.text } } } }
        : rule;
    });
}

function isPolicy(word: string): word is Policy {
  return word === 'ACCEPT' || word === 'DROP';
}

/** Reports a word that is no policy. */
function reportPolicy(state: RunState, command: Extract<Command, { kind: 'policy' }>): void {
  const { text } = command.policy;
  const upper = text.toUpperCase();
  refuse(state, command, 'bad-policy', command.policy, `a policy is ACCEPT or DROP, not \`${text}\``, {
    says: command.chain.word === 0 ? `Can't set policy \`${text}' on \`${command.chain.text}'` : "Bad policy name. Run `dmesg' for more information.",
    do: upper === 'REJECT' ? 'keep the policy DROP and put `-j REJECT` at the end of the chain' : 'write ACCEPT or DROP',
    fixes: isPolicy(upper) ? replaceWord(command, command.policy, upper, 'safe') : [],
  });
}

function setPolicy(state: RunState, table: TableDraft, command: Extract<Command, { kind: 'policy' }>): void {
  const chain = table.chains.get(command.chain.text);
  if (chain === undefined) {
    chainMissing(state, table, command, command.chain);
    if (!isPolicy(command.policy.text)) reportPolicy(state, command);
    return;
  }
  if (chain.hook === undefined) {
    refuse(state, command, 'bad-policy', command.chain, `\`${chain.name}\` is a user chain; only built-in chains have a policy`, {
      says: 'Bad built-in chain name.',
      do: 'put a rule without matches at its end',
    });
    return;
  }
  // iptables-restore empties the chains that its chain lines name.
  if (command.chain.word === 0) chain.fromScratch = true;
  const { text } = command.policy;
  if (!isPolicy(text)) {
    reportPolicy(state, command);
    return;
  }
  // The chain line of a dump sets it all the same. (measured: `:PREROUTING DROP` loads with iptables-restore 1.8.9)
  if (text === 'DROP' && table.name === 'nat' && command.chain.word > 0) {
    refuse(state, command, 'target-not-in-table', command.policy, 'a chain of table nat cannot have the policy DROP', {
      says: 'The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.',
      do: 'drop in table filter',
    });
    return;
  }
  chain.policy = text;
  chain.policyCommand = command;
  if (command.counters !== undefined) chain.counters = command.counters;
}

type RuleCommand = Extract<Command, { kind: 'append' | 'insert' | 'replace' | 'delete' | 'deleteNumber' | 'check' }>;

/** The rules of a chain stand together in a dump, and share its name. */
function chainOfRule(state: RunState, table: TableDraft, name: Name): ChainDraft | undefined {
  if (table.last?.name === name) return table.last.chain;
  const chain = table.chains.get(name.text) ?? chainOfOthers(state, table, name.text);
  table.last = chain === undefined ? undefined : { name, chain };
  return chain;
}

function changeRules(state: RunState, table: TableDraft, command: RuleCommand): void {
  const chain = chainOfRule(state, table, command.chain);
  if (chain === undefined) {
    // The target is looked for first.
    reportTargetName(state, command, table.chains);
    chainMissing(state, table, command, command.chain);
    return;
  }
  if (command.kind === 'deleteNumber') {
    if (command.position <= chain.rules.length) chain.rules.splice(command.position - 1, 1);
    return;
  }
  if (command.kind !== 'delete' && command.kind !== 'check' && !(targetExists(state, table, command) && endsSomewhere(state, table, chain, command)))
    return;
  const specs = expandRule(command.rule);
  const [only] = specs;
  if (command.kind === 'append' && specs.length === 1 && only !== undefined) {
    chain.rules.push({ spec: only, command });
    return;
  }
  const rules = specs.map((spec): Rule => ({ spec, command }));
  switch (command.kind) {
    case 'append':
      for (const rule of rules) chain.rules.push(rule);
      return;
    case 'insert':
      if (command.position > chain.rules.length + 1 && !chain.fromScratch) {
        const before = `${String(chain.rules.length)} rule${chain.rules.length === 1 ? '' : 's'}`;
        state.problems.push({
          command,
          check: 'rule-number',
          severity: 'warning',
          message: `place ${String(command.position)} of ${chain.name} is there only if the chain has rules already: this input gives it ${before} before`,
          at: wordSpan(command.words, command.chain.word),
          fatal: false,
          notes: [
            { kind: 'why', text: `${command.program} says, where the chain is shorter: Index of insertion too big.` },
            { kind: 'do', text: 'use -A, or a number that does not depend on what was loaded before' },
          ],
        });
      } else if (command.position > chain.rules.length + 1) {
        refuse(
          state,
          command,
          'rule-number',
          command.chain,
          `there is no place ${String(command.position)} in ${chain.name}: it has ${String(chain.rules.length)} rule${chain.rules.length === 1 ? '' : 's'} at this point`,
          {
            says: 'Index of insertion too big.',
            do: 'use -A, or a smaller number',
          },
        );
        return;
      }
      // iptables inserts the rules of a list one by one at the same place, so the last one comes out first.
      chain.rules.splice(command.position - 1, 0, ...[...rules].reverse());
      return;
    case 'replace':
      if (command.position > chain.rules.length) {
        refuse(state, command, 'rule-number', command.chain, `there is no rule ${String(command.position)} in ${chain.name} to replace`, {
          says: 'Index of replacement too big.',
          ...(chain.fromScratch ? {} : { severity: 'warning' }),
        });
        return;
      }
      if (rules[0] !== undefined) chain.rules[command.position - 1] = rules[0];
      return;
    case 'delete':
      for (const rule of rules) {
        const wanted = printRule(rule.spec, state.family);
        const index = chain.rules.findIndex((candidate) => printRule(candidate.spec, state.family) === wanted);
        if (index !== -1) chain.rules.splice(index, 1);
      }
      return;
    case 'check':
      return;
  }
}

/** What iptables says of a target or chain it does not find. (iptables: iptables/xshared.c, parse_target) */
function missingTarget(name: string, isGoto: boolean): string {
  if (byteLength(name) > 28) return `Invalid target name \`${name}' (28 chars max)`;
  if (/\s/.test(name)) return `Invalid target name \`${name}'`;
  if (isGoto) return `goto '${name}' is not a chain`;
  return `Couldn't load target \`${name}':No such file or directory (iptables-nft: Chain '${name}' does not exist)`;
}

/** One rule for each pair of source and destination, as iptables makes them of `-s a,b`. */
function expandRule(rule: RuleSpec): readonly RuleSpec[] {
  const given = rule.base.given as BaseGiven;
  const sources = given.source?.value ?? [];
  const destinations = given.destination?.value ?? [];
  if (sources.length <= 1 && destinations.length <= 1) return [rule];
  const expanded: RuleSpec[] = [];
  for (const source of sources.length === 0 ? [undefined] : sources)
    for (const destination of destinations.length === 0 ? [undefined] : destinations)
      expanded.push({ ...rule, base: withAddresses(rule.base, source, destination) });
  return expanded;
}

function withAddresses<U extends Use>(use: U, source: Network | undefined, destination: Network | undefined): U {
  const given = { ...use.given };
  for (const [name, network] of [
    ['source', source],
    ['destination', destination],
  ] as const) {
    const before = given[name];
    if (before !== undefined && network !== undefined) given[name] = { ...before, value: [network] };
  }
  return { ...use, given };
}

/** Whether an address option restricts anything. */
export function restricts(networks: readonly Network[] | undefined): boolean {
  return networks !== undefined && !networks.some(isEverything);
}

/** Docker, Kubernetes, libvirt, ufw, fail2ban, firewalld and their like: their chains are there before the rules of others. */
const CHAINS_OF_OTHERS =
  /^(?:DOCKER(?:-.+)?|(?:KUBE|CNI|WEAVE|FLANNEL|NETAVARK|ISTIO)[-_].+|cali[a-z]*-.+|CILIUM_.+|LIBVIRT_.+|ufw6?-.+|(?:f2b|fail2ban)-.+|ts-(?:input|forward|postrouting)|crowdsec-chain|CROWDSEC_CHAIN|sshguard|(?:IN|FWDI|FWDO|PRE|POST)_\w+|(?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(?:direct|ZONES\w*|IN_\w+|OUT_\w+))$/;

function chainOfOthers(state: RunState, table: TableDraft, name: string): ChainDraft | undefined {
  const usual = CHAINS_OF_OTHERS.test(name);
  if (!usual && (isWordOfIptables(state, name) || !state.elsewhere(table.name, name))) return undefined;
  const chain: ChainDraft = {
    name,
    hook: undefined,
    policy: undefined,
    policyCommand: undefined,
    counters: undefined,
    rules: [],
    fromScratch: false,
    elsewhere: true,
  };
  table.chains.set(name, chain);
  return chain;
}

/** Whether a name is, but for the case of its letters, one that no chain has: `accept`, `input`. */
function isWordOfIptables(state: RunState, name: string): boolean {
  const upper = name.toUpperCase();
  return isBuiltin(upper) || STANDARD_TARGETS.includes(upper) || state.targetNames.has(upper) || OTHER_WORDS.has(upper);
}

/** The tables in which any command creates a chain of a name: a jump to one that is created too late or elsewhere says so. */
const chainsMade = oncePer((commands: readonly Command[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const made = new Map<string, Set<string>>();
  for (const command of commands)
    if (command.kind === 'newChain') made.set(command.chain.text, (made.get(command.chain.text) ?? new Set()).add(command.table));
  return made;
});

function targetExists(
  state: RunState,
  table: TableDraft,
  command: Extract<RuleCommand, { kind: 'append' | 'insert' | 'replace' | 'check' | 'delete' }>,
): boolean {
  const { action } = command.rule;
  if (action?.kind !== 'chain') return true;
  const { name } = action;
  const chain = table.chains.get(name.text) ?? chainOfOthers(state, table, name.text);
  if (chain !== undefined) {
    if (chain.hook === undefined) return true;
    refuse(state, command, 'chain-loop', name, `a rule cannot jump to the built-in chain ${name.text}`, {
      says: "Invalid argument. Run `dmesg' for more information.",
      do: 'put the rules into a chain of your own and jump to that',
    });
    return false;
  }
  if (reportTargetInSmallLetters(state, command, name)) return false;
  if (action.goto && (state.targetNames.has(name.text) || STANDARD_TARGETS.includes(name.text))) {
    refuse(state, command, 'unknown-target-or-chain', name, `\`${name.text}\` is a target; \`-g\` goes on in a chain`, {
      says: `goto '${name.text}' is not a chain`,
      do: `write \`-j ${name.text}\``,
    });
    return false;
  }
  const other = ofOtherFamily('target', name.text, command.family);
  if (other !== undefined) {
    refuse(state, command, 'family-mismatch', name, other.message, { do: other.do });
    return false;
  }
  if (isOfIptables('target', name.text)) {
    refuse(state, command, 'unsupported-extension', name, `fwlint does not read \`-j ${name.text}\` yet, and leaves the rule out`, {});
    return false;
  }
  if (isForeign('target', name.text)) {
    refuse(state, command, 'unknown-target-or-chain', name, `iptables has no target \`${name.text}\` of its own`, {
      says: `Couldn't load target \`${name.text}':No such file or directory`,
      do: 'it comes with xtables-addons, the firmware of a router or patches to the kernel: install them, or do without it',
      ...(comesFromDump(command) ? { severity: 'info' } : {}),
    });
    return false;
  }
  // Of `-jNAME`, iptables 1.8.8 and 1.8.9 quote the whole word.
  const isGlued = wordText(command.words, name.word) !== name.text;
  const guess =
    OTHER_WORDS.get(name.text.toUpperCase()) ??
    nearest(
      name.text,
      [...table.chains.keys(), ...state.targetNames, ...STANDARD_TARGETS].filter((candidate) => !isBuiltin(candidate)),
    );
  const tables = chainsMade(state.commands).get(name.text);
  refuse(
    state,
    command,
    'unknown-target-or-chain',
    name,
    tables?.has(table.name) === true
      ? `chain \`${name.text}\` does not exist yet when this rule refers to it`
      : tables !== undefined
        ? `chain \`${name.text}\` is in table ${[...tables].join(' and ')}, not in ${table.name}; a rule jumps within its table`
        : `\`${name.text}\` is neither a target nor a chain that this input creates in table ${table.name}`,
    {
      ...(isGlued ? {} : { says: missingTarget(name.text, action.goto) }),
      do:
        guess === undefined
          ? `create it before: \`${command.program}${table.name === 'filter' ? '' : ` -t ${table.name}`} -N ${name.text}\``
          : `did you mean \`${guess}\`?`,
      fixes: guess === undefined ? (tables === undefined ? createChain(command, table, name.text) : []) : replaceWord(command, name, guess, 'unsafe'),
    },
  );
  return false;
}

/** What other firewalls call ACCEPT and DROP. */
const OTHER_WORDS: ReadonlyMap<string, string> = new Map([
  ['ALLOW', 'ACCEPT'],
  ['PERMIT', 'ACCEPT'],
  ['PASS', 'ACCEPT'],
  ['DENY', 'DROP'],
  ['BLOCK', 'DROP'],
  ['DISCARD', 'DROP'],
]);

/** The chain made above the rule: empty, so that packets come back from it; what it should do only its author knows. */
function createChain(command: Command, table: TableDraft, name: string): readonly Fix[] {
  if (!/^[\w.][\w.-]*$/.test(name)) return [];
  const operation = `${table.name === 'filter' ? '' : `-t ${table.name} `}-N ${name}`;
  return fixOf(`create the (empty) chain with \`${operation}\``, 'unsafe', [insertCommandAbove(command, operation)]);
}

/** Jumps of a circle that are pointed to. */
const JUMPS_SHOWN = 4;

/** The rules that jump from each of these chains to the next; the one that closes the circle is not in its chain. */
function jumpsAlong(table: TableDraft, circle: readonly string[]): readonly Rule[] {
  return circle.slice(0, JUMPS_SHOWN).flatMap((name, place) => {
    const next = circle[place + 1];
    return table.chains.get(name)?.rules.find(({ spec }) => spec.action?.kind === 'chain' && spec.action.name.text === next) ?? [];
  });
}

/** Whether the rule's jump closes no circle. */
function endsSomewhere(
  state: RunState,
  table: TableDraft,
  chain: ChainDraft,
  command: Extract<RuleCommand, { kind: 'append' | 'insert' | 'replace' }>,
): boolean {
  const { action } = command.rule;
  if (action?.kind !== 'chain') return true;
  const circle = findCircle(table.jumps, table.chains, chain.name, action.name.text);
  if (circle === undefined) return true;
  refuse(state, command, 'chain-loop', action.name, `with this jump packets would go round in a circle: ${circle.join(' → ')}`, {
    says: 'Too many levels of symbolic links. (iptables-nft: Too many links)',
    do: 'take one of these jumps out',
    labels: jumpsAlong(table, circle).map((rule) => ({ span: rule.command.at, text: 'jumps on' })),
  });
  return false;
}

/** A table without the rules of user chains that the kernel refuses because of where packets come from: it refuses the rule or the jump, whichever is later. */
function withoutMisplaced(state: RunState, table: Table): Table {
  const taken = new Set<Rule>();
  for (const { check, use, message, says, do: advice, chain, rule, path } of findMisplacedByJump(table, state.family)) {
    const { command } = rule;
    const jump = path.at(-1)?.rule;
    const action = jump?.spec.action;
    refuse(state, command, check, undefined, message, {
      says,
      by: 'kernel',
      do: advice,
      at: wordsSpan(command.words, use.first, use.last),
      labels:
        jump === undefined || action?.kind !== 'chain'
          ? []
          : [
              {
                span: wordSpan(jump.command.words, action.name.word),
                text: `packets get here: ${[...path.map((step) => step.from.name), chain.name].join(' → ')}`,
              },
            ],
    });
    taken.add(rule);
  }
  if (taken.size === 0) return table;
  const chains = [...table.chains].map(([name, chain]) => [name, { ...chain, rules: chain.rules.filter((rule) => !taken.has(rule)) }] as const);
  return { name: table.name, chains: new Map(chains) };
}

/** Reports a chain that does not exist, where a built-in one of the table was meant; whether it was. */
function reportChainInSmallLetters(state: RunState, command: Command, name: Name): boolean {
  const upper = name.text.toUpperCase();
  if (upper === name.text || !isBuiltin(upper) || TABLE_CHAINS[command.table]?.some((chain) => chain === upper) !== true) return false;
  refuse(state, command, 'wrong-letter-case', name, `there is no chain \`${name.text}\`; built-in chains are in capitals`, {
    says: 'No chain/target/match by that name.',
    do: `write \`${upper}\``,
    fixes: replaceWord(command, name, upper, 'safe'),
  });
  return true;
}

/** Reports a chain that does not exist, where a target was meant; whether it was. */
function reportTargetInSmallLetters(state: RunState, command: Command, name: Name): boolean {
  const upper = name.text.toUpperCase();
  if (upper === name.text || (!state.targetNames.has(upper) && !STANDARD_TARGETS.includes(upper))) return false;
  refuse(state, command, 'wrong-letter-case', name, `\`${name.text}\` is no target; its name is in capitals`, {
    says: `Couldn't load target \`${name.text}':No such file or directory`,
    do: `write \`${upper}\``,
    fixes: replaceWord(command, name, upper, 'safe'),
  });
  return true;
}

function chainMissing(state: RunState, table: TableDraft, command: Command, name: Name): void {
  const { text } = name;
  if (isBuiltin(text)) {
    const tables = Object.entries(TABLE_CHAINS)
      .filter(([, chains]) => (chains as readonly string[]).includes(text))
      .map(([tableName]) => tableName);
    const wanted = (text === 'POSTROUTING' || text === 'PREROUTING') && natTarget(command) ? ['nat'] : tables;
    const certain = wanted.length === 1 && command.table === 'filter' && !hasTableOption(command);
    refuse(state, command, 'chain-not-in-table', name, `table ${table.name} has no chain ${text}`, {
      says: 'No chain/target/match by that name.',
      do: wanted.length === 1 ? `write \`-t ${wanted[0] ?? ''}\`` : `${text} is in the tables ${tables.join(', ')}: say which with -t`,
      fixes: certain ? insertTable(command, wanted[0] ?? '') : [],
    });
    return;
  }
  if (reportChainInSmallLetters(state, command, name)) return;
  const guess = nearest(text, table.chains.keys());
  refuse(state, command, 'unknown-target-or-chain', name, `table ${table.name} has no chain \`${text}\` at this point`, {
    says: 'No chain/target/match by that name.',
    do:
      guess === undefined
        ? `create it before: \`${command.program}${table.name === 'filter' ? '' : ` -t ${table.name}`} -N ${text}\``
        : `did you mean \`${guess}\`?`,
    fixes: guess === undefined ? [] : replaceWord(command, name, guess, 'unsafe'),
  });
}

function natTarget(command: Command): boolean {
  const action = ruleOf(command)?.action;
  return action?.kind === 'target' && ['SNAT', 'DNAT', 'MASQUERADE', 'REDIRECT', 'NETMAP'].includes(action.use.extension.name);
}

/** The word that names the table, when it is a word of its own. */
function tableWord(command: Command): Name | undefined {
  for (let index = 0; ; index += 1) {
    const word = wordAt(command.words, index);
    if (word === undefined) return undefined;
    if (word.text === `-t${command.table}` || word.text === `--table=${command.table}`) return { text: command.table, word: index };
    if ((word.text === '-t' || word.text === '--table') && wordText(command.words, index + 1) === command.table)
      return { text: command.table, word: index + 1 };
  }
}

function hasTableOption(command: Command): boolean {
  for (let index = 0; ; index += 1) {
    const word = wordAt(command.words, index);
    if (word === undefined) return false;
    if (word.text === '-t' || word.text === '--table') return true;
  }
}

function replaceWord(command: Command, name: Name, text: string, applicability: Fix['applicability']): readonly Fix[] {
  const edit = editWord(command, name.word, text);
  return edit === undefined ? [] : [{ title: `write \`${text}\``, applicability, edits: [edit] }];
}

function insertTable(command: Command, table: string): readonly Fix[] {
  for (let index = 0; ; index += 1) {
    const word = wordAt(command.words, index);
    if (word === undefined) return [];
    if (!/^-[A-Z]|^--(append|insert|delete|replace|check|new|flush|policy)/.test(word.text)) continue;
    if (!isWrittenHere(word)) return [];
    const place = spanOf(word.span.source, word.span.start, word.span.start);
    return [{ title: `insert \`-t ${table}\``, applicability: 'safe', edits: [{ span: place, text: `-t ${table} ` }] }];
  }
}

function comesFromDump(command: Command): boolean {
  return /^[-:*[]/.test(wordAt(command.words, 0)?.text ?? '') || ('chain' in command && command.chain.word === 0);
}

function refuse(
  state: RunState,
  command: Command,
  check: string,
  name: Name | undefined,
  message: string,
  options: {
    readonly says?: string;
    /** Who says so; iptables unless given. */
    readonly by?: 'iptables' | 'kernel';
    readonly do?: string;
    readonly fixes?: readonly Fix[];
    readonly labels?: readonly Label[];
    readonly severity?: Severity;
    /** The place, when it is not the name's. */
    readonly at?: Span;
  },
): void {
  const notes: Note[] = [];
  // For what the kernel or libiptc refuses iptables-restore has no words but "line N failed".
  const silent = options.by === undefined && options.says !== undefined && /\.$|Too many l/.test(options.says) && comesFromDump(command);
  // Of a command with several faults it names the first.
  if (options.says !== undefined && !silent && !state.refused.has(command))
    notes.push({ kind: 'why', text: `${options.by === 'kernel' ? 'the kernel' : command.program} says: ${options.says}` });
  if (options.do !== undefined) notes.push({ kind: 'do', text: options.do });
  state.refused.add(command);
  state.problems.push({
    command,
    check,
    message,
    at: options.at ?? (name === undefined ? command.at : wordSpan(command.words, name.word)),
    fatal: true,
    notes,
    ...(options.severity === undefined ? {} : { severity: options.severity }),
    ...(options.labels === undefined || options.labels.length === 0 ? {} : { labels: options.labels }),
    ...(options.fixes === undefined || options.fixes.length === 0 ? {} : { fixes: options.fixes }),
  });
}
