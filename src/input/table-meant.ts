/** Which table the rules of a dump are for whose `*table` line is missing: it was cut off, or `iptables -S` printed them. */

/** (iptables: the tables of each target; kernel: net/ipv4/netfilter/iptable_*.c, the hooks of each table) */
const ONLY_NAT = /(?:-j|--jump) (?:DNAT|SNAT|MASQUERADE|REDIRECT|NETMAP)\b/;
const ONLY_MANGLE = /(?:-j|--jump) (?:TOS|DSCP|ECN|TTL|HL|TPROXY|CHECKSUM)\b|--(?:set-x?mark|set-class|save-mark|restore-mark)\b/;
const ONLY_RAW = /(?:-j|--jump) (?:NOTRACK|CT|TRACE|RAWDNAT)\b/;

const BUILT_IN = /(?:^|[\r\n])(?::[ \t]*|(?:\[\d+:\d+\] )?-[AIP] )(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)\b/g;

/**
 * The table that alone has the chains and the targets of the rules that stand above the first `*table` line of a stretch; undefined where there are none, where they may be for the
 * table `filter`, which is the one iptables takes unless told, and where a rule names its table.
 */
export function tableMeant(text: string, { start, end }: { readonly start: number; readonly end: number }): string | undefined {
  const table = /(?:^|[\r\n])[ \t]*\*/.exec(text.slice(start, Math.min(end, start + HEAD)));
  const rules = text.slice(start, table === null ? end : start + table.index);
  const chains = new Set([...rules.matchAll(BUILT_IN)].map(([, chain]) => chain));
  if (/(?:^|[\r\n])[ \t]*-(?:[^\r\n]*[ \t])?-?(?:t|-table)[ =]/.test(rules)) return undefined;
  const has = (...names: readonly string[]): boolean => names.some((name) => chains.has(name));
  if (ONLY_NAT.test(rules)) return has('FORWARD') ? undefined : 'nat';
  if (!has('PREROUTING', 'POSTROUTING')) return undefined;
  if (has('FORWARD') || ONLY_MANGLE.test(rules)) return 'mangle';
  return has('POSTROUTING', 'INPUT') || !ONLY_RAW.test(rules) ? 'nat' : 'raw';
}

/** Characters in which the first `*table` line of a dump stands that has one at its beginning. */
const HEAD = 1_000_000;
