/** `-j SET --map-set`: marks of elements that are put on packets. */

import type { LoweredItem, SetChange } from '../../extensions/define.js';
import type { Ipset } from '../../ipset/model.js';
import { hex, meta, setReference, symbol } from '../../nft/build.js';
import type { Expr, NamedSet, SetElement } from '../../nft/ir.js';
import { boxesOf, type Box } from './boxes.js';
import { classesOf, isWide, staticForm, type SetClass } from './classes.js';
import type { TablePlace } from './declared.js';

type Mapped =
  | { readonly kind: 'items'; readonly items: readonly LoweredItem[] }
  | { readonly kind: 'unsupported'; readonly reason: string; readonly instead?: string };

const ALL_BITS = 0xffffffff;

/**
 * Statements that put the marks of the packet's element on it; what is in the set without a mark keeps its own.
 * (kernel: net/netfilter/xt_set.c, set_target_v3: first the mark, then the priority, then the queue)
 */
export function mapMarks(
  set: Ipset,
  map: NonNullable<SetChange['map']>,
  place: TablePlace,
  declare: (map: NamedSet) => void,
  names: Map<string, string>,
): Mapped {
  if (map.queue) return { kind: 'unsupported', reason: 'nft cannot choose the hardware queue of a packet' };
  if (set.type.method === 'list')
    return { kind: 'unsupported', reason: `\`${set.name}\` is a list:set: which of its sets has the marks is not known to nft` };
  if (set.options.timeout !== undefined)
    return { kind: 'unsupported', reason: `the elements of \`${set.name}\` time out, and their marks with them` };
  const boxes = boxesOf(set, false);
  if (boxes.kind === 'unsupported') return boxes;
  const mixed = boxes.boxes.some(({ element }) => element === undefined);
  if (mixed) return { kind: 'unsupported', reason: `networks of \`${set.name}\` overlap` };
  if (map.mark && boxes.boxes.some(({ element }) => element?.mark !== undefined && element.mark.mask !== ALL_BITS && element.mark.mask !== 0))
    return {
      kind: 'unsupported',
      reason: `marks of \`${set.name}\` have a mask: nft can look up a whole mark, not a few bits of one`,
      instead: 'use one set for each mark, and `-j MARK --set-xmark`',
    };
  const classes = classesOf(
    set,
    boxes.boxes,
    place.family,
    staticForm(set, () => true),
  );
  const [only, ...others] = classes;
  if (only === undefined || others.length > 0 || only.guard(map.use.ends) !== undefined)
    return { kind: 'unsupported', reason: `\`${set.name}\` needs several nft maps` };
  const items: LoweredItem[] = [];
  const assign = (what: 'mark' | 'priority', valueOf: (box: Box) => Expr | undefined): void => {
    const key = `${set.name} ${what}`;
    let name = names.get(key);
    if (name === undefined) {
      name = place.freeName(`${set.name}_${what}`);
      names.set(key, name);
      declare(mapOf(only, name, what === 'mark' ? 'mark' : 'classid', valueOf));
    }
    items.push({
      kind: 'assign',
      to: meta(what),
      value: { kind: 'map', key: only.key(map.use.ends), to: setReference(name) as { kind: 'setReference'; name: string } },
    });
  };
  // The priority first: it is set for every element, and an element without a mark ends the rule in nft.
  if (map.priority) assign('priority', ({ element }) => symbol(element?.priority ?? '0:0'));
  if (map.mark) assign('mark', ({ element }) => (element?.mark === undefined || element.mark.mask === 0 ? undefined : hex(element.mark.value)));
  return { kind: 'items', items };
}

function mapOf(own: SetClass, name: string, valueType: string, valueOf: (box: Box) => Expr | undefined): NamedSet {
  const boxes = own.boxes.filter((box) => valueOf(box) !== undefined);
  const elements = boxes.map((box): SetElement => ({ key: own.element(box), value: valueOf(box) ?? hex(0) }));
  const interval = boxes.some(isWide);
  return { kind: 'map', name, type: own.type, valueType, flags: interval ? ['interval'] : [], ...(elements.length === 0 ? {} : { elements }) };
}
