/** The options of iptables itself: operations, settings, and the ones that load matches and targets. */

import type { Hook } from '../extensions/define.js';

export type OperationName =
  | 'append'
  | 'delete'
  | 'check'
  | 'insert'
  | 'replace'
  | 'list'
  | 'list-rules'
  | 'flush'
  | 'zero'
  | 'new-chain'
  | 'delete-chain'
  | 'rename-chain'
  | 'policy';

export type SettingName =
  | 'table'
  | 'wait'
  | 'wait-interval'
  | 'modprobe'
  | 'set-counters'
  | 'numeric'
  | 'verbose'
  | 'exact'
  | 'line-numbers'
  | 'ipv4'
  | 'ipv6'
  | 'help'
  | 'version';

/** `arguments`: how many words it takes at least; `more`: how many further ones it takes if they do not begin with `-` or `!`. */
interface Builtin {
  readonly short?: string;
  readonly aliases?: readonly string[];
  readonly arguments: number;
  readonly more: number;
}

export type BuiltinEntry =
  | ({ readonly kind: 'operation'; readonly name: OperationName } & Builtin)
  | ({ readonly kind: 'setting'; readonly name: SettingName } & Builtin)
  | ({ readonly kind: 'load'; readonly name: 'match' | 'jump' | 'goto' } & Builtin);

const operation = (name: OperationName, short: string, least: number, more: number, aliases: readonly string[] = []): BuiltinEntry => ({
  kind: 'operation',
  name,
  short,
  arguments: least,
  more,
  aliases,
});
const setting = (name: SettingName, short: string | undefined, least = 0, more = 0, aliases: readonly string[] = []): BuiltinEntry => ({
  kind: 'setting',
  name,
  ...(short === undefined ? {} : { short }),
  arguments: least,
  more,
  aliases,
});

/** (iptables 1.8.9: iptables/xshared.c, do_parse; iptables/iptables.c, original_opts) */
export const BUILTINS: readonly BuiltinEntry[] = [
  operation('append', 'A', 1, 0),
  operation('delete', 'D', 1, 1),
  operation('check', 'C', 1, 0),
  operation('insert', 'I', 1, 1),
  operation('replace', 'R', 1, 1),
  operation('list', 'L', 0, 2),
  operation('list-rules', 'S', 0, 2),
  operation('flush', 'F', 0, 1),
  operation('zero', 'Z', 0, 2),
  operation('new-chain', 'N', 1, 0, ['new']),
  operation('delete-chain', 'X', 0, 1),
  operation('rename-chain', 'E', 1, 1),
  operation('policy', 'P', 1, 1),
  setting('table', 't', 1),
  setting('wait', 'w', 0, 1),
  setting('wait-interval', 'W', 0, 1),
  setting('modprobe', 'M', 1),
  setting('set-counters', 'c', 1, 1),
  setting('numeric', 'n'),
  setting('verbose', 'v'),
  setting('exact', 'x'),
  setting('line-numbers', undefined),
  setting('ipv4', '4'),
  setting('ipv6', '6'),
  setting('help', 'h', 0, 1),
  setting('version', 'V'),
  { kind: 'load', name: 'match', short: 'm', arguments: 1, more: 0 },
  { kind: 'load', name: 'jump', short: 'j', arguments: 1, more: 0 },
  { kind: 'load', name: 'goto', short: 'g', arguments: 1, more: 0 },
];

export const BUILTIN_BY_SHORT: ReadonlyMap<string, BuiltinEntry> = new Map(
  BUILTINS.flatMap((entry) => (entry.short === undefined ? [] : [[entry.short, entry] as const])),
);
export const BUILTIN_BY_LONG: ReadonlyMap<string, BuiltinEntry> = new Map(
  BUILTINS.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])].map((name) => [name, entry] as const)),
);

/** The built-in chains of each table. (kernel: the valid_hooks of net/ipv4/netfilter/iptable_*.c) */
export const TABLE_CHAINS: Readonly<Record<string, readonly Hook[]>> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** All built-in chain names. */
export const HOOKS: readonly Hook[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

/** The names that are not chains although they stand after `-j`. */
export const STANDARD_TARGETS: readonly string[] = ['ACCEPT', 'DROP', 'RETURN', 'QUEUE'];
