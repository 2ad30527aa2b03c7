/** Limits without a name share one list. */

import type { Edit, Fix, Problem } from '../diagnostics/diagnostic.js';
import { DEFAULT_LIST } from '../extensions/matches/recent.js';
import { placeOf, recentLists, unfilledLists, type PlacedRecent, type RecentLists } from '../input/recent-lists.js';
import { fixOf, insertAfter, replaceWord } from '../iptables/edit.js';
import { protocolName } from '../net/protocols.js';
import { serviceNames, servicePort } from '../net/services.js';
import { conditionsOf, together, type Condition } from '../ruleset/conditions.js';
import { entryConditions } from '../ruleset/flow.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-default-list',
  summary: 'Limits without a name share one list',
  why:
    'A `-m recent` without `--name` uses the list DEFAULT, in every rule, chain and table, for IPv4 and IPv6. Where two limits use it, each counts ' +
    'what the other one sees: ten pings use up the tries for SSH, and a page with many pictures shuts out its reader.',
  advice: 'Give each limit a `--name` of its own, the same in the rules that belong together.',
  severity: 'warning',
  category: 'rate-limits',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p icmp --icmp-type echo-request -m recent --rcheck --seconds 60 --hitcount 20 -j DROP\niptables -A INPUT -p icmp --icmp-type echo-request -m recent --set\niptables -A INPUT -p tcp --syn --dport 22 -m recent --rcheck --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --set',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source: 'iptables-extensions(8), recent; measured: iptables-save prints `--name DEFAULT`',
  since: '0.1.0',
  find: (input) => {
    const { lists } = recentLists(input);
    const list = lists.get(DEFAULT_LIST);
    if (list === undefined || list.sets.length === 0) return [];
    // Looked for on one list and put on another: that is the first cause.
    if (unfilledLists(input).some(({ list: unfilled, meant }) => unfilled === list || meant?.recent.list === DEFAULT_LIST)) return [];
    const uses = [...list.sets, ...list.checks, ...list.removes].sort((a, b) => placeOf(a).start - placeOf(b).start);
    const groups = new Map<string, PlacedRecent[]>();
    for (const use of uses) {
      const name = freeName(trafficOf(use).name, lists);
      groups.set(name, [...(groups.get(name) ?? []), use]);
    }
    const [first] = uses;
    if (first === undefined) return [];
    const shared = groups.size > 1;
    const titles = [...groups.values()].map(([use]) => (use === undefined ? '' : trafficOf(use).title));
    const problem: Problem = {
      check: 'recent-default-list',
      severity: shared ? 'warning' : 'info',
      at: placeOf(first),
      message: shared
        ? `the limits for ${titles.slice(0, -1).join(', ')} and ${titles.at(-1) ?? ''} share the list \`${DEFAULT_LIST}\`: each counts against the other`
        : `without \`--name\` this is the list \`${DEFAULT_LIST}\`, which every nameless \`-m recent\` shares`,
      here: `list ${DEFAULT_LIST}`,
      labels: shared
        ? [...groups.values()].slice(1, 4).flatMap(([use]) => (use === undefined ? [] : [{ span: placeOf(use), text: 'the same list' }]))
        : [],
      notes: [
        { kind: 'do', text: `give ${shared ? 'each limit' : 'it'} a name: ${[...groups.keys()].map((name) => `\`--name ${name}\``).join(', ')}` },
      ],
      fixes: namesFor(groups),
    };
    return [problem];
  },
});

/** A name that no list of the input has: `ssh`, or `ssh-2` where another limit counts on `ssh`. */
function freeName(name: string, lists: RecentLists['lists']): string {
  let free = name;
  for (let number = 2; lists.has(free); number += 1) free = `${name}-${String(number)}`;
  return free;
}

/** What a rule counts, as a name for a list and in words. */
function trafficOf({ rule, chain, context, use }: PlacedRecent): { readonly name: string; readonly title: string } {
  const own = conditionsOf(rule.spec, context.family, { without: use });
  const entry = entryConditions(context, chain);
  const all: readonly Condition[] = entry === undefined ? own.all : together(entry, own).all;
  const protocol = all.findLast((condition) => condition.kind === 'protocol' && !condition.negated);
  const transport = protocol?.kind === 'protocol' ? (protocolName(protocol.number) ?? String(protocol.number)) : undefined;
  const ports = all.findLast((condition) => condition.kind === 'ports' && condition.side === 'destination' && !condition.negated);
  if (ports?.kind === 'ports') {
    const [range] = ports.ranges;
    const text = ports.ranges.map(({ from, to }) => (from === to ? String(from) : `${String(from)}:${String(to)}`)).join(',');
    const service =
      ports.ranges.length === 1 && range !== undefined && range.from === range.to ? serviceOf(range.from, transport ?? 'tcp') : undefined;
    return { name: service ?? `${transport ?? 'port'}${String(range?.from ?? 0)}`, title: `${transport ?? 'port'}/${text}` };
  }
  if (all.some((condition) => condition.kind === 'icmpType' && /^(?:8|128)$/.test(condition.type))) return { name: 'ping', title: 'pings' };
  if (transport !== undefined) return { name: transport.replace(/[^a-z0-9]/gi, ''), title: `all ${transport}` };
  return { name: chain.name.toLowerCase(), title: `all packets in ${chain.name}` };
}

let services: Map<string, string> | undefined;

/** The usual name of a port: the first the services file has. */
function serviceOf(port: number, protocol: string): string | undefined {
  if (services === undefined) {
    services = new Map();
    for (const transport of ['tcp', 'udp'])
      for (const name of serviceNames()) {
        const key = `${transport}/${String(servicePort(name, transport))}`;
        if (!services.has(key)) services.set(key, name);
      }
  }
  return services.get(`${protocol}/${String(port)}`);
}

/** Names each group, if every group that checks also fills. */
function namesFor(groups: ReadonlyMap<string, readonly PlacedRecent[]>): readonly Fix[] {
  const edits: (Edit | undefined)[] = [];
  for (const [name, uses] of groups) {
    if (!uses.some(({ recent }) => recent.operation === 'set') || !uses.some(({ recent }) => recent.operation !== 'set')) return [];
    edits.push(...uses.map((use) => nameIt(use, name)));
  }
  return fixOf(groups.size === 1 ? `write \`--name ${[...groups.keys()][0] ?? ''}\`` : 'give each limit a name of its own', 'unsafe', edits);
}

function nameIt({ rule, given, recent }: PlacedRecent, name: string): Edit | undefined {
  if (given.name === undefined) return insertAfter(rule.command, given[recent.operation]?.word ?? -1, `--name ${name}`);
  if (given.name.word === given.name.argument) return replaceWord(rule.command, given.name.word, `--name=${name}`);
  return replaceWord(rule.command, given.name.argument, name);
}
