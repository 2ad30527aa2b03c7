/**
 * The queueing priority of packets holds a number while their stamps are looked up (see Wheel). At the end of each hook it is made what the kernel had
 * made it: that of the type of service where the kernel routes IPv4, else none.
 */

import type { Hook } from '../../extensions/define.js';
import { binary, hex, match, range, symbol } from '../../nft/build.js';
import type { BaseHook, Expr, NftChain, NftRule } from '../../nft/ir.js';
import type { Ruleset } from '../../ruleset/model.js';
import { asRule, MOST_STAMPS, numbered, PRIORITY } from './window.js';

/** Behind all hooks of iptables: the last one is that of nat, 100. */
const LAST = 150;

const HOLDS_NUMBER = match(PRIORITY, range(numbered(0), numbered(MOST_STAMPS)));

/** Two bits of the type of service, and the priority they are. The others do not count. (kernel: net/ipv4/route.c, ip_tos2prio; ip_forward.c) */
const OF_SERVICE: readonly (readonly [bits: number, priority: string])[] = [
  [0x10, '0:6'],
  [0x08, '0:2'],
  [0x18, '0:4'],
];
const SERVICE: Expr = binary({ kind: 'rawPayload', base: 'nh', offset: 8, length: 8 }, '&', hex(0x18));

/** Where the kernel, or the socket, has made a priority of the type of service. */
const ROUTED: readonly Hook[] = ['FORWARD', 'OUTPUT', 'POSTROUTING'];

const become = (priority: string): NftRule['statements'][number] => ({ kind: 'assign', to: PRIORITY, value: symbol(priority) });

/** The chain that ends a hook. */
export function restorePriority(name: string, hook: Hook, family: 'ip' | 'ip6'): NftChain {
  const byService = family === 'ip' && ROUTED.includes(hook) ? OF_SERVICE : [];
  return {
    name,
    base: { type: 'filter', hook: hook.toLowerCase() as BaseHook['hook'], priority: LAST, policy: 'accept' },
    rules: [
      ...byService.map(([bits, priority]) => asRule(HOLDS_NUMBER, match(SERVICE, hex(bits)), become(priority))),
      asRule(HOLDS_NUMBER, become('0:0')),
    ],
    comments: ['the priority held a number while stamps were looked up'],
  };
}

/** Targets that change what the priority is made of, or the priority itself. */
const CHANGES_PRIORITY: ReadonlySet<string> = new Set(['CLASSIFY', 'TOS', 'DSCP', 'SET']);

/**
 * What of the priority is lost in rules that are reached from these hooks; undefined when it is what it was: nothing asks for it of packets for this machine;
 * IPv4 packets that are forwarded get a new one between PREROUTING and FORWARD, of their type of service. (kernel: net/ipv4/ip_forward.c, ip_forward;
 * IPv6 packets do not: net/ipv6/ip6_output.c, ip6_forward. Measured)
 */
export function lostPriority(hooks: readonly Hook[], { family, tables }: Ruleset): string | undefined {
  const isKnown = (hook: Hook): boolean =>
    hook === 'INPUT' || (family === 'ip' && (hook === 'PREROUTING' || (hook === 'FORWARD' && !changesPriority({ tables }))));
  if (hooks.every(isKnown)) return undefined;
  const becomes = family === 'ip' ? 'that of their type of service' : 'none';
  return `a queueing priority that packets have got elsewhere (SO_PRIORITY, CLASSIFY, VLAN) becomes ${becomes}: it holds a number while their stamps are looked up`;
}

function changesPriority({ tables }: Pick<Ruleset, 'tables'>): boolean {
  for (const table of tables.values())
    for (const chain of table.chains.values())
      for (const { spec } of chain.rules) if (spec.action?.kind === 'target' && CHANGES_PRIORITY.has(spec.action.use.extension.name)) return true;
  return false;
}
