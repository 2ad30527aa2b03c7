/** Rules that see only the packets that open TCP connections. */

import type { NftContext } from '../extensions/define.js';
import { conditionsOf, together } from './conditions.js';
import { entryConditions, seesOnlyNew, type FlowContext } from './flow.js';
import type { Chain, Rule } from './model.js';
import { extensionsIn } from './used-extensions.js';

const TCP = 6;

/**
 * The context of a rule that counts connections, which also says whether later packets of connections come to it: of a TCP connection the first packet
 * alone is new; of others, all are that the client sends before it is answered. Of any other rule it is the context itself.
 */
export function withFirstPackets(context: NftContext, flow: FlowContext, chain: Chain, index: number, rule: Rule): NftContext {
  if (!extensionsIn(flow.table).has('connlimit') || !rule.spec.matches.some(({ extension }) => extension.name === 'connlimit')) return context;
  const own = conditionsOf(rule.spec, flow.family);
  const asked = together(own, entryConditions(flow, chain) ?? { all: [], uncertain: true });
  const isTcp = asked.all.some((condition) => condition.kind === 'protocol' && condition.number === TCP && !condition.negated);
  return isTcp && seesOnlyNew(flow, chain, index, own) ? { ...context, firstPacketsOnly: true } : context;
}
