/** The shape of an entry of the extension tables: what a match or target takes, refuses, prints, and becomes in nftables. */

import type { NamedObject, NamedSet, NftChain, Statement } from '../nft/ir.js';
import type { Applicability, Severity } from '../diagnostics/diagnostic.js';

/** `ip` for iptables, `ip6` for ip6tables. */
export type Family = 'ip' | 'ip6';

/** The hooks of netfilter, under iptables' names of the built-in chains. */
export type Hook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** What the result has to run on. Versions are compared number by number; absent means unknown. */
export interface Target {
  readonly kernel?: string;
  readonly nft?: string;
  readonly iptables?: string;
  readonly backend?: 'legacy' | 'nft';
  /** Module parameter of xt_recent: stamps remembered per address. */
  readonly ipPktListTot?: number;
  /** Module parameter of xt_recent: addresses remembered per list. */
  readonly ipListTot?: number;
  /** Timer interrupts a second of the kernel (CONFIG_HZ); xt_recent counts in them. */
  readonly hz?: number;
}

/** What is known about the rule when one of its arguments is read. */
export interface ValueContext {
  readonly family: Family;
  /** Protocol number of `-p`, when given and not inverted. */
  readonly protocol?: number;
}

/** iptables takes the text but does something else than it seems to say. */
export interface Changed {
  /** The check that reports it. */
  readonly check: string;
  readonly message: string;
  /** What it becomes, as iptables-save prints it. */
  readonly becomes: string;
  /** Replaces the check's own severity: it may be what is meant. */
  readonly severity?: Severity;
  readonly repair?: { readonly text: string; readonly title: string; readonly applicability: Applicability };
}

export interface Refused {
  readonly kind: 'refused';
  readonly by: 'iptables' | 'kernel';
  /** The check that reports it; `invalid-value` unless a better one exists. */
  readonly check?: string;
  /** One sentence, no final period. */
  readonly message: string;
  /** The words of iptables 1.8.9 (or the kernel), where known. */
  readonly says?: string;
  readonly do?: string;
  readonly repair?: { readonly text: string; readonly title: string; readonly applicability: Applicability };
}

export type ValueResult<V> =
  | { readonly kind: 'read'; readonly value: V; readonly changed?: Changed }
  | Refused
  /** A name only the target host can resolve (host, service, user, group). */
  | {
      readonly kind: 'unresolved';
      readonly what: string;
      /** The check that reports it; `unresolved-name` without. */
      readonly check?: string;
      /** A well-known name that is spelt nearly the same. */
      readonly meant?: string;
    };

/** A kind of argument. (Methods, so that a table of many kinds is still one type.) */
export interface ValueType<V> {
  /** Name in messages: "port or port range". */
  readonly name: string;
  read(text: string, context: ValueContext): ValueResult<V>;
  /** The words iptables-save prints for it. */
  print(value: V, family: Family): string;
  /** Any text goes, also one that looks like an option (comments, prefixes). */
  readonly free?: boolean;
  /**
   * How iptables-save writes it, where that differs from other words: in quotes as soon as it has anything but letters, digits, `_` and `-`
   * (what free text gets anyway), or always in quotes.
   */
  readonly saveQuotes?: 'if needed' | 'always';
}

/** An option of an extension. Declared in the order iptables-save prints them. */
export interface OptionSpec<V = unknown> {
  /** Absent: the option takes no argument. */
  readonly value?: ValueType<V>;
  /** How many words the argument has; the value type reads them joined by one blank. Default 1. */
  readonly words?: 1 | 2;
  readonly invertible?: boolean;
  /** May be given several times; the last one counts, and remembers those before it. */
  readonly repeatable?: boolean;
  /** The words of iptables when it is given twice, where they are its own. */
  readonly twice?: string;
  /** The words of iptables when it is negated and cannot be, where they are its own. */
  readonly inverted?: string;
  /** The argument may be left out: no word follows, or one that begins with `-` or `!`. The value type then reads `''`. */
  readonly optional?: true;
  readonly aliases?: readonly string[];
  /** `-x` form. */
  readonly short?: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** An option as given in a command. Word numbers count within the command; `argument` equals `word` in `--name=value`. */
export interface Given<V = unknown> {
  readonly value: V;
  readonly negated: boolean;
  readonly word: number;
  readonly argument: number;
  /** The one before, of an option that is given several times. */
  readonly before?: Given<V>;
}

type ValueOf<S> = S extends { readonly value: ValueType<infer V> } ? V : S extends { readonly value?: never } ? true : unknown;
/** The options given in one use of an extension, by name. */
export type GivenOf<O> = { readonly [K in keyof O]?: Given<ValueOf<O[K]>> };

/** What a constraint may look at besides the options. */
export interface RuleContext {
  readonly family: Family;
  /** Number of `-p`; absent when not given. */
  readonly protocol?: number;
  readonly protocolNegated?: boolean;
  /** Where `-p` stands; some targets must come after it. */
  readonly protocolWord?: number;
  readonly table: string;
  readonly chain?: string;
  readonly target: Target;
}

/** Something iptables or the kernel demands of the options of one use. `check` names the check that reports it. */
export type Constraint<O> =
  | { readonly kind: 'exactlyOne'; readonly of: readonly (keyof O & string)[]; readonly check?: string; readonly says?: string }
  | { readonly kind: 'atLeastOne'; readonly of: readonly (keyof O & string)[]; readonly check?: string; readonly says?: string }
  | { readonly kind: 'needs'; readonly option: keyof O & string; readonly other: keyof O & string; readonly check?: string; readonly says?: string }
  | {
      readonly kind: 'excludes';
      readonly option: keyof O & string;
      readonly others: readonly (keyof O & string)[];
      readonly check?: string;
      readonly says?: string;
    }
  | {
      readonly kind: 'refuses';
      readonly by: 'iptables' | 'kernel';
      when(given: GivenOf<O>, context: RuleContext): boolean;
      readonly message: string;
      /** The option to point at; the whole use without. */
      readonly at?: keyof O & string;
      readonly check?: string;
      readonly says?: string;
      readonly do?: string;
    };

/**
 * One step of a rule in nftables: a statement; a choice between lists of statements of which at most one can hold (several, where they `overlap`), where
 * one that ends in a verdict decides by itself; or what a packet may not pass to go on, for tests that nft cannot turn round because they also fail where there is nothing to test.
 */
export type LoweredItem =
  | Statement
  | { readonly kind: 'anyOf'; readonly alternatives: readonly (readonly Statement[])[]; readonly overlap?: true }
  | { readonly kind: 'unless'; readonly alternatives: readonly (readonly Statement[])[] };

/** Statements in their order, and what they need in the table besides. */
export interface LoweredBody {
  readonly items: readonly LoweredItem[];
  readonly sets?: readonly NamedSet[];
  readonly objects?: readonly NamedObject[];
  /** Chains the statements jump to; named by `freeName`. */
  readonly chains?: readonly NftChain[];
}

export type Lowering =
  | ({ readonly kind: 'exact' } & LoweredBody)
  /** `differs`: what differs, with bounds; one sentence. */
  | ({ readonly kind: 'approximate'; readonly differs: string } & LoweredBody)
  | { readonly kind: 'unsupported'; readonly reason: string; readonly instead?: string }
  /** The match can never hold: the rule has no effect. */
  | { readonly kind: 'never'; readonly why: string }
  /** Needs the whole ruleset in view; the translator compiles it (recent). */
  | { readonly kind: 'ruleset' };

/** What a lowering may look at and reserve. */
export interface NftContext {
  readonly family: Family;
  readonly table: string;
  /** Hooks from which the chain the rule stands in can be reached. */
  readonly hooks: readonly Hook[];
  /** Number of `-p`, when given and not inverted. */
  readonly protocol?: number;
  readonly protocolNegated?: boolean;
  /** Destination ports of the packets that get as far as the target, both ends included; absent when they are not known. */
  readonly destinationPorts?: readonly { readonly from: number; readonly to: number }[];
  /** Later fragments come to the rule, because nothing puts them together before. */
  readonly laterFragments?: true;
  /** Another match of the rule lets no fragments pass but the first. */
  readonly firstFragmentsOnly?: true;
  /** Only packets that open TCP connections come to the rule. */
  readonly firstPacketsOnly?: true;
  readonly target: Target;
  /** A name for a set or object that is not taken yet; remembers it. */
  readonly freeName: (wanted: string) => string;
  /** The nft chain a user chain became. */
  readonly chainName: (chain: string) => string;
  /** What rules of one nft table share, under names of their own (`hashlimit NAME`): the first rule that needs it writes it. */
  readonly shared?: Map<string, unknown>;
  /** How ipsets become nftables; absent where no set is known. */
  readonly ipsets?: IpsetLowering;
  /** How rules learn the ports of bridges; absent where no rule asks, or the whole ruleset is not in view. */
  readonly bridgePorts?: BridgePortLowering;
  /** Bits of the packet mark that belong to nobody's marks: rules neither ask for them nor change them. */
  readonly keptMark?: number;
}

/** A set by name, and which end of the packet goes into each of its dimensions. */
export interface SetUse {
  readonly set: string;
  readonly ends: readonly ('src' | 'dst')[];
}

/** What `-m set` asks. */
export interface SetQuestion {
  readonly use: SetUse;
  readonly negated: boolean;
  /** `--return-nomatch`: elements marked `nomatch` are what is looked for. */
  readonly returnNomatch: boolean;
  /** Asks for the counters of the element as well (`--packets-gt` …). */
  readonly counters: boolean;
}

/** What `-j SET` does, in this order. `timeout` in seconds, 0 for ever; absent: the set's own. */
export interface SetChange {
  readonly add?: SetUse;
  readonly exist: boolean;
  readonly timeout?: number;
  readonly delete?: SetUse;
  /** Marks of the element are put on the packet. */
  readonly map?: { readonly use: SetUse; readonly mark: boolean; readonly priority: boolean; readonly queue: boolean };
}

/** Whoever knows the sets and all rules that use them. */
export interface IpsetLowering {
  readonly ask: (question: SetQuestion, context: NftContext) => Lowering;
  readonly change: (change: SetChange, context: NftContext) => Lowering;
}

/** Asks for the port of a bridge that a packet came in by, or leaves by without being routed. */
export interface PortTest {
  readonly end: 'in' | 'out';
  /** Every port, if it is a wildcard without a name. Packets without a port at this end only pass a negated test. */
  readonly port: { readonly name: string; readonly wildcard: boolean };
  readonly negated: boolean;
}

/** Whoever knows where the ports of bridges are noted for the rules of IP. */
export interface BridgePortLowering {
  /** A packet passes if it passes all tests of one of the alternatives, of which at most one can hold. */
  readonly ask: (alternatives: readonly (readonly PortTest[])[], context: NftContext) => Lowering;
}

interface ExtensionBase<O> {
  readonly name: string;
  /** Other names iptables knows it by (`-p ipv6-icmp` loads icmp6). */
  readonly aliases?: readonly string[];
  /** What it is, in a few words. */
  readonly summary: string;
  readonly families: readonly Family[];
  readonly options: O;
  readonly constraints?: readonly Constraint<O>[];
  /** Protocol numbers one of which `-p` must name, not inverted; else the kernel (legacy) or iptables refuses the rule. */
  readonly protocols?: readonly number[];
  /** Tables it may stand in (kernel); all without. */
  readonly tables?: readonly string[];
  /** Hooks it may be used from (kernel); all without. */
  readonly hooks?: readonly Hook[];
  /** Words of iptables-save after the name; derived from `options` without. */
  print?(given: GivenOf<O>, family: Family): readonly string[];
  toNft(given: GivenOf<O>, context: NftContext): Lowering;
}

/** The option table of an entry whose own table is not known in detail. `any` is what lets entries of different tables share a list. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type SomeOptions = any;

export interface MatchDefinition<O = SomeOptions> extends ExtensionBase<O> {
  readonly kind: 'match';
  /** Has side effects or counts packets: it must stay where it stands, and run once. */
  readonly stateful?: boolean;
}

export interface TargetDefinition<O = SomeOptions> extends ExtensionBase<O> {
  readonly kind: 'target';
  /** ends: no later rule of the table sees the packet; continues: the next rule does. */
  readonly flow: 'ends' | 'continues' | 'returns';
}

export type Extension = MatchDefinition | TargetDefinition;

/** An option without argument. */
export function flag(spec: Omit<OptionSpec, 'value' | 'words'> = {}): OptionSpec<true> & { readonly value?: never } {
  return spec;
}

/** An option with an argument. */
export function value<V>(type: ValueType<V>, spec: Omit<OptionSpec, 'value'> = {}): OptionSpec<V> & { readonly value: ValueType<V> } {
  return { ...spec, value: type };
}

/** Declares a match; the identity at run time, with the types inferred. */
export function defineMatch<const O>(definition: Omit<MatchDefinition<O>, 'kind'>): MatchDefinition<O> {
  return { kind: 'match', ...definition };
}

/** Declares a target. */
export function defineTarget<const O>(definition: Omit<TargetDefinition<O>, 'kind'>): TargetDefinition<O> {
  return { kind: 'target', ...definition };
}

/** The translation is the same, packet by packet. */
export function exact(items: readonly LoweredItem[], more: Omit<LoweredBody, 'items'> = {}): Lowering {
  return { kind: 'exact', items, ...more };
}

/** nft cannot say it. `reason` is a clause: "nft has no expression for …". */
export function unsupported(reason: string, instead?: string): Lowering {
  return instead === undefined ? { kind: 'unsupported', reason } : { kind: 'unsupported', reason, instead };
}

/** The program that loads rules of a family. */
export function programOfFamily(family: Family): 'iptables' | 'ip6tables' {
  return family === 'ip' ? 'iptables' : 'ip6tables';
}

/** Compares versions such as `1.0.6` and `6.11` number by number: negative, zero or positive. */
export function compareVersions(left: string, right: string): number {
  const a = left.split('.');
  const b = right.split('.');
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (Number.parseInt(a[index] ?? '0', 10) || 0) - (Number.parseInt(b[index] ?? '0', 10) || 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
