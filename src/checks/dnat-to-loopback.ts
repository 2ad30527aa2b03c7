/** Connections of other hosts are sent to the loopback address, where the kernel does not let them. */

import type { Problem } from '../diagnostics/diagnostic.js';
import dnat from '../extensions/targets/dnat.js';
import type { NatRange } from '../extensions/values/nat-range.js';
import { placedRules, type PlacedRule } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'dnat-to-loopback',
  summary: 'Connections of other hosts are sent to the loopback address, where the kernel does not let them',
  why:
    'A packet that comes in by another interface than `lo` and goes to 127.0.0.1 is a martian: the kernel drops it after the rule has changed it, without a ' +
    'word, unless `net.ipv4.conf.IFACE.route_localnet` is 1 for the interface it came in by. IPv6 has no such switch: the client of ::1 is told that the network is unreachable.',
  advice:
    'Use `-j REDIRECT --to-ports PORT` and let the program listen on that address, or set `sysctl -w net.ipv4.conf.eth0.route_localnet=1`, and keep others out ' +
    'of 127.0.0.0/8 by a rule of its own.',
  severity: 'warning',
  category: 'nat',
  fix: 'none',
  examples: {
    bad: 'iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 80 -j DNAT --to-destination 127.0.0.1:8080',
    good: 'iptables -t nat -A PREROUTING -i eth0 -p tcp --dport 80 -j REDIRECT --to-ports 8080',
  },
  source:
    'kernel: net/ipv4/route.c, ip_route_input_slow (martian_destination); Documentation/networking/ip-sysctl.rst, route_localnet; measured with two hosts, both families',
  since: '0.1.0',
  find: (input) =>
    SWITCH.test(input.source.text) ? [] : placedRules(input).flatMap((place) => (sendsToLoopback(place) ? [report(input, place)] : [])),
});

/** Whoever names the switch knows of it. */
const SWITCH = /route_localnet/;

function sendsToLoopback({ rule, chain, context }: PlacedRule): boolean {
  const { action } = rule.spec;
  if (context.table.name !== 'nat' || action?.kind !== 'target' || action.use.extension !== dnat || action.use.unsettled.length > 0) return false;
  const { addresses } = (action.use.given['to-destination']?.value as NatRange | undefined) ?? {};
  if (addresses === undefined || !(context.family === 'ip' ? addresses.from >> 24n === 127n : addresses.from === 1n)) return false;
  // Packets of this host itself go through OUTPUT, and may.
  const prerouting = context.table.chains.get('PREROUTING');
  const comesFromOutside =
    chain === prerouting ||
    prerouting?.rules.some((jump) => jump.spec.action?.kind === 'chain' && jump.spec.action.name.text === chain.name) === true;
  return (
    comesFromOutside && !conditionsOf(rule.spec, context.family).all.some((one) => one.kind === 'interface' && !one.negated && one.name.name === 'lo')
  );
}

function report(input: Input, { rule, context }: PlacedRule): Problem {
  return {
    check: 'dnat-to-loopback',
    // A dump does not say how the switch stands.
    ...(input.kind === 'save' && context.family === 'ip' ? { severity: 'info' as const } : {}),
    at: rule.command.at,
    message:
      context.family === 'ip'
        ? 'packets of other hosts that go to 127.0.0.0/8 are dropped by the kernel, unless `route_localnet` is set for their interface'
        : 'packets of other hosts do not get to ::1: the kernel answers that there is no route',
    here: 'never arrives',
    notes: [{ kind: 'do', text: 'use `-j REDIRECT --to-ports PORT`, or send them to an address of the interface' }],
  };
}
