/**
 * How rules for IP learn the ports of bridges (`-m physdev`), which nft shows to tables of family bridge only: such a table notes them in free bits of
 * the packet mark.
 */

import {
  exact,
  programOfFamily,
  unsupported,
  type BridgePortLowering,
  type Family,
  type Hook,
  type Lowering,
  type PortTest,
} from '../../extensions/define.js';
import physdev, { portTests } from '../../extensions/matches/physdev.js';
import { hexText, markTest } from '../../extensions/values/mark.js';
import { givenTo } from '../../iptables/command.js';
import { binary, compare, hex, match, range } from '../../nft/build.js';
import type { NftChain, NftTable, Statement } from '../../nft/ir.js';
import { reachingHooks } from '../../ruleset/jumps.js';
import type { Ruleset, Table } from '../../ruleset/model.js';
import { extensionsIn } from '../../ruleset/used-extensions.js';
import { chainsOfIp, MARK, tableOfBridge, type Field, type Layout, type Needs } from './chains.js';
import { bitMask, freeBits, namedMarkBits } from './mark-bits.js';
import { numberPorts, widthOf, type NumberedPorts } from './ports.js';
import { asksForRouted, simplifyTests, WHERE_BRIDGED, type PortTests } from './tests.js';

/** The ports of bridges in the rulesets of one family. */
export interface BridgePortPlan extends BridgePortLowering {
  /** The bits of the mark that hold a port in these hooks; 0 for none. */
  readonly keptIn: (hooks: readonly Hook[]) => number;
  /** The chains that one table of IP has to have besides: empty for every table but the first that asks for ports. */
  readonly chainsFor: (tables: readonly Table[], freeName: (wanted: string) => string) => readonly NftChain[];
  /** The table that notes the ports, where any rule asks for one. */
  readonly table: NftTable | undefined;
  readonly remarks: readonly string[];
}

/** Targets that show the mark of a packet to people or programs. */
const SHOW_MARK: ReadonlySet<string> = new Set(['LOG', 'NFLOG', 'ULOG', 'NFQUEUE', 'QUEUE', 'TRACE']);

/** Looks at all rules of a family for `-m physdev`. Undefined where there is none. `tableName`: see TranslateOptions. */
export function planBridgePorts(family: Family, rulesets: readonly Ruleset[], tableName = 'physdev'): BridgePortPlan | undefined {
  const tables = rulesets.flatMap((ruleset) => [...ruleset.tables.values()]).filter((table) => extensionsIn(table).has(physdev.name));
  if (tables.length === 0) return undefined;
  const asked = tables.flatMap(askedIn);
  const needs = needsOf(asked);
  const layout = layOut(
    asked,
    needs,
    rulesets.reduce((bits, ruleset) => bits | namedMarkBits(ruleset), 0),
  );
  const live = liveHooks(needs);
  const shows = live.length > 0 && rulesets.some((ruleset) => showsMark(ruleset, live));
  let placed = false;
  return {
    ask: (alternatives, { hooks }) => lower(simplifyTests(alternatives, hooks), hooks, layout, shows),
    keptIn: (hooks) => (hooks.some((hook) => live.includes(hook)) ? (layout?.all ?? 0) : 0),
    chainsFor: (own, freeName) => {
      if (placed || layout === undefined || !own.some((table) => tables.includes(table))) return [];
      placed = true;
      return chainsOfIp(needs, layout, freeName);
    },
    table: layout === undefined || live.length === 0 ? undefined : tableOfBridge(`${tableName}_${family}`, family, needs, layout),
    remarks: layout === undefined || live.length === 0 ? [] : [remark(`${tableName}_${family}`, family, layout)],
  };
}

interface Asked {
  readonly hooks: readonly Hook[];
  readonly alternatives: readonly (readonly PortTest[])[];
}

/** What each rule of a table asks. */
function askedIn(table: Table): readonly Asked[] {
  const hooksOf = reachingHooks(table);
  return [...table.chains.values()].flatMap((chain) =>
    chain.rules.flatMap(({ spec }) =>
      spec.matches.flatMap((use): readonly Asked[] => {
        const given = givenTo(use, physdev);
        const hooks = hooksOf.get(chain) ?? [];
        return given === undefined || use.unsettled.length > 0 ? [] : [{ hooks, alternatives: simplifyTests(portTests(given), hooks) }];
      }),
    ),
  );
}

function needsOf(asked: readonly Asked[]): Needs {
  const any = (hooks: readonly Hook[], asks: (tests: PortTests) => boolean): boolean =>
    asked.some((one) => one.hooks.some((hook) => hooks.includes(hook)) && one.alternatives.some(asks));
  const asksFor =
    (wanted: PortTest['end']) =>
    (tests: PortTests): boolean =>
      tests.some(({ end }) => end === wanted);
  return {
    prerouting: any(['PREROUTING'], asksFor('in')),
    carried: any(CARRIED_TO, asksForRouted),
    forward: any(WHERE_BRIDGED, asksFor('out')),
    postrouting: any(['POSTROUTING'], asksFor('out')),
  };
}

/** Hooks that a packet only comes to after it was routed. */
const CARRIED_TO: readonly Hook[] = ['INPUT', 'FORWARD', 'POSTROUTING'];

/** The hooks in which the bits may be set. */
function liveHooks({ prerouting, carried, forward, postrouting }: Needs): readonly Hook[] {
  if (carried) return ['PREROUTING', 'INPUT', 'FORWARD', 'POSTROUTING'];
  return [...(prerouting ? ['PREROUTING' as const] : []), ...(forward ? ['FORWARD' as const] : []), ...(postrouting ? ['POSTROUTING' as const] : [])];
}

/** Undefined where the mark has no room. */
function layOut(asked: readonly Asked[], needs: Needs, used: number): Layout | undefined {
  const tests = asked.flatMap(({ alternatives }) => alternatives.flat());
  const numbered = (wanted: PortTest['end']): NumberedPorts => numberPorts(tests.filter(({ end }) => end === wanted).map(({ port }) => port));
  const [cameIn, leaves] = [numbered('in'), numbered('out')];
  const [inWidth, outWidth, freshWidth] = [widthOf(cameIn), widthOf(leaves), needs.carried ? 1 : 0];
  const width = inWidth + outWidth + freshWidth;
  const lowest = width > 32 ? undefined : freeBits(used, width);
  if (lowest === undefined) return undefined;
  return {
    in: { numbered: cameIn, lowest, mask: bitMask(lowest, inWidth) },
    out: { numbered: leaves, lowest: lowest + inWidth, mask: bitMask(lowest + inWidth, outWidth) },
    fresh: bitMask(lowest + inWidth + outWidth, freshWidth),
    all: bitMask(lowest, width),
  };
}

function showsMark({ tables }: Ruleset, live: readonly Hook[]): boolean {
  for (const table of tables.values()) {
    const hooksOf = reachingHooks(table);
    for (const chain of table.chains.values()) {
      if (hooksOf.get(chain)?.some((hook) => live.includes(hook)) !== true) continue;
      if (chain.rules.some(({ spec: { action } }) => action?.kind === 'target' && SHOW_MARK.has(action.use.extension.name))) return true;
    }
  }
  return false;
}

function remark(tableName: string, family: Family, layout: Layout): string {
  const setting = `net.bridge.bridge-nf-call-${programOfFamily(family)}`;
  const notes = `\`table bridge ${tableName}\` notes ports in bits ${hexText(layout.all)} of packet marks, which nothing else may use meanwhile`;
  return `-m physdev: ${notes}; bridged packets only come to rules for IP with the module br_netfilter, which iptables loads for it and nft does not (\`modprobe br_netfilter\`), and with ${setting}=1`;
}

function never(hooks: readonly Hook[]): Lowering {
  const bridged = hooks.length === 0 || hooks.some((hook) => WHERE_BRIDGED.includes(hook));
  return { kind: 'never', why: bridged ? 'no packet is like that' : `no packet in ${hooks.join(', ')} is known to be bridged` };
}

/** The rest of a rule that asks so: `alternatives` are simplified for its hooks. */
function lower(alternatives: readonly PortTests[], hooks: readonly Hook[], layout: Layout | undefined, shows: boolean): Lowering {
  if (alternatives.length === 0) return never(hooks);
  if (alternatives.some((tests) => tests.length === 0)) return exact([]);
  if (layout === undefined)
    return unsupported(
      'nft can only tell rules for IP the port of a bridge in bits of the packet mark, and this ruleset leaves too few of them free',
      'filter bridged packets in a chain of `table bridge`, where `iifname` and `oifname` are the ports',
    );
  const said = alternatives.map((tests) => tests.map((test) => testOf(test, layout[test.end])));
  const items = said.length === 1 ? (said[0] ?? []) : [{ kind: 'anyOf' as const, alternatives: said }];
  const bits = `bits ${hexText(layout.all)} of the packet mark`;
  const differs: string[] = [];
  if (hooks.some((hook) => CARRIED_TO.includes(hook)) && alternatives.some(asksForRouted))
    differs.push(`${bits} hold the port while a packet is routed: an \`ip rule\` with a fwmark and without a mask does not find its mark then`);
  if (shows) differs.push(`LOG, NFLOG and NFQUEUE show ${bits} that hold the port`);
  return differs.length === 0 ? exact(items) : { kind: 'approximate', differs: differs.join('; '), items };
}

function testOf({ port, negated }: PortTest, { numbered, lowest, mask }: Field): Statement {
  const [first, last] = numbered.numbersOf(port);
  const place = (number: number): number => number * 2 ** lowest;
  if (first === last) return markTest(MARK, { value: place(first), mask }, negated);
  const field = binary(MARK, '&', hex(mask));
  if (first === 1 && last === numbered.names.length) return compare(field, negated ? '==' : '!=', hex(0));
  return match(field, range(hex(place(first)), hex(place(last))), negated);
}
