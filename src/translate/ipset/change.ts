/** `-j SET --add-set` and `--del-set`: elements that rules add to nft sets and delete from them. */

import type { Family, LoweredItem, NftContext, SetChange, SetUse, Target } from '../../extensions/define.js';
import { USUAL_HZ } from '../../extensions/values/rate.js';
import { addressMask } from '../../ipset/create.js';
import { bitsOf } from '../../ipset/element.js';
import type { Ipset } from '../../ipset/model.js';
import { match, payload, range, symbol } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { timeoutOf } from './boxes.js';
import { formatAddress, holds, protocolGuard, type SetForm } from './classes.js';
import type { Declared } from './declared.js';

/** One rule that changes a set. `timeout` in seconds; `protocol`: number of its `-p`. */
export interface RuleChange {
  readonly kind: 'add' | 'delete';
  readonly exist: boolean;
  readonly timeout?: number;
  readonly protocol?: number;
}

type Form = { readonly kind: 'form'; readonly form: SetForm } | { readonly kind: 'unsupported'; readonly reason: string; readonly instead?: string };

/** How a set is kept that rules change, or why nft cannot keep it. */
export function changeableForm(set: Ipset, changes: readonly RuleChange[], names: SetForm['names']): Form {
  const { type, options } = set;
  const family = options.family ?? 'inet';
  const bits = bitsOf(family);
  if (['list:set', 'hash:net,iface', 'hash:net,net', 'hash:net,port,net', 'hash:ip,port,net'].includes(type.name))
    return { kind: 'unsupported', reason: `rules change \`${set.name}\`, a ${type.name}, and nft cannot add to a set of networks with other things` };
  if (type.name === 'hash:net' || type.name === 'hash:net,port') return netForm(set, changes, names, bits);
  const mask = addressMask(options);
  return { kind: 'form', form: mask === undefined ? { ports: 'any', names } : { ports: 'any', names, mask } };
}

/**
 * A rule adds a network of the longest prefix there is in the set, or the address itself while the set is empty.
 * (kernel: ip_set_hash_gen.h, INIT_CIDR; ip_set_hash_net.c, hash_net4_kadt)
 */
function netForm(set: Ipset, changes: readonly RuleChange[], names: SetForm['names'], bits: number): Form {
  const lengths = new Set<number>();
  let nomatch = false;
  for (const element of set.elements.values()) {
    const [part] = element.parts;
    if (part?.kind === 'address') lengths.add(part.length);
    nomatch ||= element.nomatch;
  }
  const [length = bits] = lengths;
  const emptied = set.options.timeout !== undefined || changes.some((change) => change.kind === 'delete');
  if (lengths.size > 1 || nomatch || (length !== bits && emptied))
    return {
      kind: 'unsupported',
      reason: `rules change \`${set.name}\`, a ${set.type.name} with networks of ${lengths.size > 1 ? 'several lengths' : `length ${String(length)}`}: which network they add depends on what is in it then`,
      instead: 'use a hash:ip for what rules add, and a second rule',
    };
  return {
    kind: 'form',
    form: length === bits ? { ports: 'any', names } : { ports: 'any', names, mask: ((1n << BigInt(length)) - 1n) << BigInt(bits - length) },
  };
}

/** What one `--add-set` or `--del-set` is about. */
export interface ChangeRequest {
  readonly kind: 'add' | 'delete';
  readonly use: SetUse;
  readonly asked: SetChange;
  readonly family: Family;
  readonly target: Target;
  /** All rules that change the set. */
  readonly changes: readonly RuleChange[];
}

type Changed =
  | { readonly kind: 'items'; readonly items: readonly LoweredItem[]; readonly differs: string | undefined }
  | { readonly kind: 'unsupported'; readonly reason: string; readonly instead?: string };

/** The statements that add the packet's element, or delete it. */
export function changeSet(set: Ipset, declared: Declared, request: ChangeRequest, context: NftContext): Changed {
  const operation = request.kind === 'add' ? additionOf(set, request) : ({ kind: 'operation', operation: 'delete' } as const);
  if (operation.kind === 'unsupported') return operation;
  const blind = set.type.dimensions.includes('mac') ? hidesHardwareAddress(set, context) : undefined;
  if (blind !== undefined) return { kind: 'unsupported', reason: blind };
  const inRange = rangeGuard(set, request);
  const { ends } = request.use;
  const protocol = context.protocolNegated === true ? undefined : context.protocol;
  const classes = declared.classes.filter(({ own }) => holds(own, protocol));
  const alternatives = classes.map(({ own, name }): readonly Statement[] => {
    const guard = protocolGuard(own, request.family, classes.length > 1);
    const { timeout } = operation;
    return [
      ...(guard === undefined ? [] : [guard]),
      ...inRange,
      { kind: 'setUpdate', operation: operation.operation, set: name, key: own.key(ends), ...(timeout === undefined ? {} : { timeout }) },
    ];
  });
  const [only, ...others] = alternatives;
  // A rule that adds here and deletes there would stop at what the first of the two does not take.
  if (request.asked.add !== undefined && request.asked.delete !== undefined && (inRange.length > 0 || others.length > 0))
    return { kind: 'unsupported', reason: 'the rule changes two sets at once', instead: 'write a rule for each' };
  if (only === undefined) return { kind: 'items', items: [], differs: undefined };
  return { kind: 'items', items: others.length === 0 ? only : [{ kind: 'anyOf', alternatives }], differs: operation.differs };
}

/**
 * Why a set of hardware addresses cannot be asked or changed: packets this host makes have none yet, and on the way out those of a forwarded one
 * are still there for iptables and not for nft. (kernel: ip_set_hash_mac.c, hash_mac4_kadt; nf_tables: meta iiftype without an interface)
 */
export function hidesHardwareAddress(set: Ipset, context: NftContext): string | undefined {
  if (!context.hooks.some((hook) => hook === 'OUTPUT' || hook === 'POSTROUTING')) return undefined;
  return `\`${set.name}\` holds hardware addresses, which nft does not see in OUTPUT and POSTROUTING`;
}

interface Operation {
  readonly kind: 'operation';
  readonly operation: 'add' | 'update' | 'delete';
  /** Milliseconds. */
  readonly timeout?: number;
  readonly differs?: string;
}

function additionOf(set: Ipset, { asked, target, changes }: ChangeRequest): Operation | (Changed & { readonly kind: 'unsupported' }) {
  const differs: string[] = [];
  if (set.options.forceadd) differs.push(`when \`${set.name}\` is full, ipset puts an element out at random, and nft adds nothing`);
  const { timeout: usual } = set.options;
  if (usual === undefined) return finish({ kind: 'operation', operation: 'add' }, differs);
  const seconds = asked.timeout ?? usual;
  const adds = changes.filter((change) => change.kind === 'add');
  const someTimeOut =
    adds.some((change) => (change.timeout ?? usual) > 0) || [...set.elements.values()].some((element) => timeoutOf(element, set) !== undefined);
  if (seconds === 0) {
    if (asked.exist && someTimeOut)
      return { kind: 'unsupported', reason: `it makes elements of \`${set.name}\` permanent that were to time out, which nft cannot` };
    return finish({ kind: 'operation', operation: 'add' }, differs);
  }
  if (
    asked.exist &&
    ([...set.elements.values()].some((element) => timeoutOf(element, set) === undefined) || adds.some((change) => (change.timeout ?? usual) === 0))
  )
    differs.push(`elements of \`${set.name}\` that stay for ever do so in nft; in ipset they time out from the next such packet on`);
  // An element lives to the end of its last tick, in nft to the beginning. (kernel: ip_set_timeout.h, ip_set_timeout_expired; nf_tables.h, __nft_set_elem_expired)
  const tick = Math.ceil(1000 / (target.hz ?? USUAL_HZ));
  return finish({ kind: 'operation', operation: asked.exist ? 'update' : 'add', timeout: seconds * 1000 + tick }, differs);
}

function finish(operation: Operation, differs: readonly string[]): Operation {
  return differs.length === 0 ? operation : { ...operation, differs: differs.join('; ') };
}

/** What lies outside of a bitmap's range is not stored. */
function rangeGuard(set: Ipset, { use, family }: ChangeRequest): readonly Statement[] {
  const { range: limits } = set.options;
  if (limits === undefined) return [];
  const side = use.ends[0] === 'src' ? 's' : 'd';
  if (set.type.name === 'bitmap:port')
    return limits.from === 0n && limits.to === 65535n
      ? []
      : [match(payload('th', `${side}port`), range(symbol(String(limits.from)), symbol(String(limits.to))))];
  return [match(payload(family, `${side}addr`), range(symbol(formatAddress(limits.from, family)), symbol(formatAddress(limits.to, family))))];
}
