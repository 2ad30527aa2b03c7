/**
 * The chains that note the ports of bridges in bits of the packet mark, from where the kernel calls the hooks of IP for bridged packets, and clear the
 * bits where no rule asks any more.
 *
 * The hooks of IP are called at priority 0 of prerouting, and between -1 and 0 of forward; those of POSTROUTING behind everything else in postrouting.
 * (kernel: net/bridge/br_netfilter_hooks.c, br_nf_ops; measured on 6.18)
 */

import { matchInterface } from '../../extensions/base.js';
import type { Family, PortTest } from '../../extensions/define.js';
import { assignBits, hexText, markTest } from '../../extensions/values/mark.js';
import { accept, match, meta, setOf, symbol } from '../../nft/build.js';
import type { BaseHook, NftChain, NftRule, NftTable, Statement } from '../../nft/ir.js';
import type { NumberedPorts } from './ports.js';

/** What is noted, for whom. */
export interface Needs {
  /** Rules in PREROUTING ask for the port a packet came in by. */
  readonly prerouting: boolean;
  /** Rules in other hooks do, for packets that are not bridged as well: the bits stay while the packet is routed. */
  readonly carried: boolean;
  /** Rules in FORWARD or POSTROUTING ask about bridged packets. */
  readonly forward: boolean;
  readonly postrouting: boolean;
}

/** A place in the mark for the numbers of the ports at one end. */
export interface Field {
  readonly numbered: NumberedPorts;
  readonly lowest: number;
  readonly mask: number;
}

/** Where everything stands in the mark. */
export interface Layout {
  readonly in: Field;
  readonly out: Field;
  /** Set until the first chain of IP has seen the packet; 0 where that makes no difference. */
  readonly fresh: number;
  readonly all: number;
}

export const MARK = meta('mark');

/** Behind putting fragments together (-400), before the rules of the table raw (-300). (kernel: include/uapi/linux/netfilter_ipv4.h) */
const BEFORE_RAW = -350;

/** Behind all hooks of iptables: the last one is that of nat, 100. */
const LAST = 150;

const asRule = (...statements: readonly Statement[]): NftRule => ({ statements });

function baseChain(name: string, hook: BaseHook['hook'], priority: number, rules: readonly NftRule[], comment: string): NftChain {
  return { name, base: { type: 'filter', hook, priority, policy: 'accept' }, rules, comments: [comment] };
}

const clear = (bits: number): readonly Statement[] => assignBits(MARK, { value: 0, mask: bits });

/** Rules that set fields to the numbers of the ports of a packet. */
function noteRules(ends: readonly PortTest['end'][], layout: Layout): readonly NftRule[] {
  const fresh = ends.includes('in') ? layout.fresh : 0;
  const fields = ends.map((end) => ({ field: layout[end], key: end === 'in' ? ('iifname' as const) : ('oifname' as const) }));
  const start = fields.reduce(
    ({ value, mask }, { field }) => ({
      value: value + (field.numbered.names[0]?.name === '' ? 2 ** field.lowest : 0),
      mask: (mask | field.mask) >>> 0,
    }),
    { value: fresh, mask: fresh },
  );
  return [
    asRule(...assignBits(MARK, start)),
    ...fields.flatMap(({ field, key }) =>
      field.numbered.names
        .filter(({ name }) => name !== '')
        .map((port) => {
          const [number] = field.numbered.numbersOf(port);
          return asRule(...matchInterface(key, port, false), ...assignBits(MARK, { value: number * 2 ** field.lowest, mask: field.mask }));
        }),
    ),
  ];
}

/** The table that notes the ports. */
export function tableOfBridge(name: string, family: Family, needs: Needs, layout: Layout): NftTable {
  // Frames that hold packets of IP in PPPoE are of neither protocol.
  const others = setOf([symbol('arp'), symbol(family === 'ip' ? 'ip6' : 'ip')]);
  const skip = asRule(match(meta('protocol'), others), accept);
  const chain = (chainName: string, hook: BaseHook['hook'], priority: number, rules: readonly NftRule[], comment: string): NftChain =>
    baseChain(chainName, hook, priority, [skip, ...rules], comment);
  const chains: NftChain[] = [];
  if (needs.prerouting || needs.carried) {
    chains.push(chain('prerouting', 'prerouting', -1, noteRules(['in'], layout), 'before PREROUTING of IP'));
    const unseen = needs.carried ? [markTest(MARK, { value: layout.fresh, mask: layout.fresh }, false)] : [];
    const comment = needs.carried
      ? 'packets that did not come to PREROUTING of IP, as settings of the kernel may have it'
      : 'behind PREROUTING of IP';
    chains.push(chain('prerouting_end', 'prerouting', 1, [asRule(...unseen, ...clear(needs.carried ? layout.all : layout.in.mask))], comment));
  }
  if (needs.forward) {
    chains.push(chain('forward', 'forward', -2, noteRules(needs.carried ? ['out'] : ['in', 'out'], layout), 'before FORWARD of IP'));
    if (!needs.carried && !needs.postrouting) chains.push(chain('forward_end', 'forward', 1, [asRule(...clear(layout.all))], 'behind FORWARD of IP'));
  }
  const comments = [`the ports of bridges for -m physdev, in bits ${hexText(layout.all)} of the packet mark`];
  return { family: 'bridge', name, sets: [], chains, comments };
}

/** The chains that a table of IP has to have: they tell who has a port, and clear the bits at the end. */
export function chainsOfIp({ carried, postrouting }: Needs, layout: Layout, freeName: (wanted: string) => string): readonly NftChain[] {
  const chains: NftChain[] = [];
  const end = (name: string, hook: 'input' | 'postrouting'): NftChain =>
    baseChain(freeName(name), hook, LAST, [asRule(...clear(layout.all))], 'the mark held the port of a bridge');
  if (carried) {
    const isFresh = (negated: boolean): Statement => markTest(MARK, { value: negated ? 0 : layout.fresh, mask: layout.fresh }, false);
    const rules = [asRule(isFresh(true), ...clear(layout.all)), asRule(isFresh(false), ...clear(layout.fresh))];
    chains.push(
      baseChain(freeName('physdev_prerouting'), 'prerouting', BEFORE_RAW, rules, 'only packets that come from a bridge right now have a port'),
    );
    chains.push(end('physdev_input', 'input'));
  }
  if (carried || postrouting) chains.push(end('physdev_postrouting', 'postrouting'));
  return chains;
}
