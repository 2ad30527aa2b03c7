/**
 * nftables rulesets as data: what the translator makes and the printers write.
 * Names are those of nft(8) and libnftables-json(5).
 */

/** In `bridge` the names of priorities mean other numbers: those of -300, -200, 0 (`out` for 100, `srcnat` for 300) are not used there. */
export type NftFamily = 'ip' | 'ip6' | 'inet' | 'bridge';

/** Protocols whose header fields a payload expression can name; `th` is any transport header (ports only). */
export type PayloadProtocol = 'ether' | 'ip' | 'ip6' | 'tcp' | 'udp' | 'udplite' | 'sctp' | 'dccp' | 'icmp' | 'icmpv6' | 'ah' | 'esp' | 'comp' | 'th';

/** A value nft reads: something compared, assigned or looked up. */
export type Expr =
  | { readonly kind: 'payload'; readonly protocol: PayloadProtocol; readonly field: string }
  /** Bits of a header by place: `@nh,96,32`. Offset and length in bits. */
  | { readonly kind: 'rawPayload'; readonly base: 'll' | 'nh' | 'th' | 'ih'; readonly offset: number; readonly length: number }
  /** An IPv6 extension header field (`frag more-fragments`) or, without field, its presence (`exthdr frag exists`). */
  | { readonly kind: 'exthdr'; readonly header: string; readonly field?: string }
  | { readonly kind: 'tcpOption'; readonly name: string; readonly field?: string }
  /** A field of the first SCTP chunk of a type, or without field whether there is one (nft 0.9.9). */
  | { readonly kind: 'sctpChunk'; readonly name: string; readonly field?: string }
  /** `meta KEY`; printed without the word where nft allows (iif, iifname, mark …) only as nft itself lists it. */
  | { readonly kind: 'meta'; readonly key: string }
  | { readonly kind: 'ct'; readonly key: string; readonly direction?: 'original' | 'reply'; readonly family?: 'ip' | 'ip6' }
  | { readonly kind: 'fib'; readonly flags: readonly string[]; readonly result: 'type' | 'oif' | 'oifname' }
  | { readonly kind: 'rt'; readonly key: string }
  | { readonly kind: 'socket'; readonly key: string }
  /** A transformation of IPsec that the packet went through, or will: `ipsec in reqid`. The first has number 0. */
  | {
      readonly kind: 'ipsec';
      readonly direction: 'in' | 'out';
      readonly number?: number;
      readonly key: 'reqid' | 'spi' | 'saddr' | 'daddr';
      readonly family?: 'ip' | 'ip6';
    }
  /** The operating system a SYN looks like; how its TTL is compared, exactly without. */
  | { readonly kind: 'osf'; readonly ttl?: 'loose' | 'skip' }
  | { readonly kind: 'numgen'; readonly mode: 'inc' | 'random'; readonly modulus: number; readonly offset?: number }
  | { readonly kind: 'jhash'; readonly of: Expr; readonly modulus: number; readonly seed?: number; readonly offset?: number }
  | { readonly kind: 'number'; readonly value: number; readonly radix?: 16 }
  /** Text in quotes: interface names, log prefixes, helper names. */
  | { readonly kind: 'string'; readonly text: string }
  /** A bare word: `new`, `echo-request`, an address, a time such as `5s`. */
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'prefix'; readonly address: string; readonly length: number }
  | { readonly kind: 'range'; readonly from: Expr; readonly to: Expr }
  /** Flags or states: `established,related`. */
  | { readonly kind: 'list'; readonly items: readonly Expr[] }
  | { readonly kind: 'set'; readonly elements: readonly Expr[] }
  | { readonly kind: 'setReference'; readonly name: string }
  | { readonly kind: 'concatenation'; readonly parts: readonly Expr[] }
  | { readonly kind: 'binary'; readonly operator: '&' | '|' | '^' | '<<' | '>>'; readonly left: Expr; readonly right: Expr }
  /** `KEY map @name` or `KEY map { a : b }`. */
  | { readonly kind: 'map'; readonly key: Expr; readonly to: MapSource };

export type MapSource =
  | { readonly kind: 'setReference'; readonly name: string }
  | { readonly kind: 'mapping'; readonly entries: readonly { readonly key: Expr; readonly value: Expr }[] };

export type Verdict = { readonly kind: 'accept' | 'drop' | 'return' | 'continue' } | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export type TimeUnit = 'second' | 'minute' | 'hour' | 'day' | 'week';

/** `limit rate [over] N/unit burst B packets`; with `bytes`, rate and burst count bytes. */
export interface Limit {
  readonly kind: 'limit';
  readonly over: boolean;
  readonly rate: number;
  readonly per: TimeUnit;
  readonly unit: 'packets' | 'bytes';
  readonly burst: number;
}

export interface Quota {
  readonly kind: 'quota';
  readonly over: boolean;
  readonly bytes: number;
}

export interface CtCount {
  readonly kind: 'ctCount';
  readonly over: boolean;
  readonly count: number;
}

export interface Counter {
  readonly kind: 'counter';
  readonly packets: number;
  readonly bytes: number;
}

/** What happens to a packet, or whether it goes on, one after the other from left to right. */
export type Statement =
  | {
      readonly kind: 'match';
      readonly left: Expr;
      /** `implicit` is what nft takes for granted: equality, or "any of" for flags. */
      readonly operator: 'implicit' | '==' | '!=' | '<' | '>' | '<=' | '>=';
      readonly right: Expr;
    }
  | Limit
  | Quota
  | CtCount
  | Counter
  /** `add|update|delete @set { key timeout T statements : data }`. Timeout in milliseconds. */
  | {
      readonly kind: 'setUpdate';
      readonly operation: 'add' | 'update' | 'delete';
      readonly set: string;
      readonly key: Expr;
      readonly timeout?: number;
      readonly statements?: readonly (Limit | CtCount | Counter | Quota)[];
      readonly data?: Expr;
    }
  | {
      readonly kind: 'log';
      readonly prefix?: string;
      readonly level?: string;
      readonly flags?: readonly string[];
      readonly group?: number;
      readonly queueThreshold?: number;
      readonly snapLength?: number;
    }
  | {
      readonly kind: 'reject';
      readonly with?: { readonly kind: 'tcpReset' } | { readonly kind: 'icmp' | 'icmpv6' | 'icmpx'; readonly code: string };
    }
  | {
      readonly kind: 'nat';
      readonly type: 'snat' | 'dnat' | 'masquerade' | 'redirect';
      /** `ip` or `ip6`, written only in inet tables. */
      readonly family?: 'ip' | 'ip6';
      readonly address?: Expr;
      readonly port?: Expr;
      readonly flags?: readonly ('random' | 'fully-random' | 'persistent')[];
    }
  /** `KEY set VALUE`: marks, dscp, ttl, tcp option fields, priorities, helpers. */
  | { readonly kind: 'assign'; readonly to: Expr; readonly value: Expr }
  | { readonly kind: 'queue'; readonly from: number; readonly to?: number; readonly flags?: readonly ('bypass' | 'fanout')[] }
  | { readonly kind: 'notrack' }
  | { readonly kind: 'synproxy'; readonly mss?: number; readonly wscale?: number; readonly flags?: readonly ('timestamp' | 'sack-perm')[] }
  | { readonly kind: 'tproxy'; readonly family?: 'ip' | 'ip6'; readonly address?: Expr; readonly port?: Expr }
  | { readonly kind: 'dup'; readonly address: Expr; readonly device?: string }
  /** Uses a named object: `ct helper set "ftp-standard"`, `counter name "web"`. */
  | {
      readonly kind: 'objectReference';
      readonly type: 'counter' | 'quota' | 'limit' | 'ct helper' | 'ct timeout' | 'ct expectation';
      readonly name: string;
    }
  | { readonly kind: 'resetTcpOption'; readonly name: string }
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | {
      readonly kind: 'verdictMap';
      readonly key: Expr;
      readonly to:
        | { readonly kind: 'setReference'; readonly name: string }
        | { readonly kind: 'mapping'; readonly entries: readonly { readonly key: Expr; readonly verdict: Verdict }[] };
    };

/** An element of a named set, with what is left of its life (milliseconds). */
export interface SetElement {
  readonly key: Expr;
  readonly timeout?: number;
  readonly expires?: number;
  readonly comment?: string;
  /** In maps. */
  readonly value?: Expr;
  /** In verdict maps. */
  readonly verdict?: Verdict;
}

export interface NamedSet {
  readonly kind: 'set' | 'map';
  readonly name: string;
  /** Type names joined by ` . ` in a concatenation: `['ipv4_addr', 'inet_service']`. */
  readonly type: readonly string[];
  /** In maps: the type of the values; `verdict` for verdict maps. */
  readonly valueType?: string;
  readonly flags: readonly ('constant' | 'interval' | 'dynamic' | 'timeout')[];
  /** Default life of an element, milliseconds. */
  readonly timeout?: number;
  /** Milliseconds. */
  readonly gcInterval?: number;
  readonly size?: number;
  readonly autoMerge?: boolean;
  readonly elements?: readonly SetElement[];
  /** Lines written above the set as `# …`. */
  readonly comments?: readonly string[];
}

/** A configuration object of a table. */
export type NamedObject =
  | {
      readonly kind: 'ct helper';
      readonly name: string;
      readonly helper: string;
      readonly protocol: 'tcp' | 'udp';
      readonly l3proto?: 'ip' | 'ip6';
    }
  /** A security context of SELinux, for `meta secmark set "NAME"`. */
  | { readonly kind: 'secmark'; readonly name: string; readonly context: string }
  /** Counts from 0, for all rules with `counter name "NAME"`. */
  | { readonly kind: 'counter'; readonly name: string };

export interface NftRule {
  readonly statements: readonly Statement[];
  /** The rule's own comment (kept by the kernel, at most 128 characters). */
  readonly comment?: string;
  /** Lines written above the rule as `# …` (where it comes from). */
  readonly comments?: readonly string[];
}

export interface BaseHook {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  /** Number as the kernel keeps it, e.g. 0 for filter, -100 for dstnat. */
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

/** `Rule`: what stands for the rules of a chain, see PrintedRules. */
export interface NftChain<Rule = NftRule> {
  readonly name: string;
  readonly base?: BaseHook;
  readonly rules: readonly Rule[];
  readonly comments?: readonly string[];
}

export interface NftTable<Rule = NftRule> {
  readonly family: NftFamily;
  readonly name: string;
  readonly sets: readonly NamedSet[];
  readonly objects?: readonly NamedObject[];
  readonly chains: readonly NftChain<Rule>[];
  readonly comments?: readonly string[];
}

/** `define NAME = value` at the head of a file. */
export interface Define {
  readonly name: string;
  readonly value: string;
  readonly comment?: string;
}

/**
 * Some rules of a chain in the form print-text gives them, whole lines. The trees of a hundred thousand rules take three times the memory of
 * their text.
 */
export interface PrintedRules {
  readonly text: string;
}

/** Takes the rules of chains one after the other. */
export interface RuleCollector<Rule> {
  /** `origin`: what the rule was made from, for whoever wants to know; rules made for others have none. */
  readonly add: (rule: NftRule, origin?: unknown) => void;
  /** All that was added since it was asked last, in order: the rules of one chain. */
  readonly all: () => readonly Rule[];
}

/** A file for `nft -f`. */
export interface NftFile<Rule = NftRule> {
  readonly comments: readonly string[];
  readonly defines: readonly Define[];
  /** table: each table is emptied and replaced; flush: the whole ruleset is; none: added to what is there. */
  readonly replace: 'table' | 'flush' | 'none';
  readonly tables: readonly NftTable<Rule>[];
}
