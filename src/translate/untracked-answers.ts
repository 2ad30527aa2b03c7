/** What REJECT answers to packets that are not tracked, where rules keep what this host sends from being tracked. */

import { reachingHooks } from '../ruleset/jumps.js';
import type { Rule, Ruleset } from '../ruleset/model.js';
import { extensionsIn } from '../ruleset/used-extensions.js';

/**
 * What to say about a ruleset that rejects packets and has `NOTRACK` in OUTPUT: the answer to an untracked packet leaves it tracked in iptables, untracked in
 * nft. Undefined when there is nothing to say. (kernel: net/netfilter/nf_conntrack_core.c, nf_conntrack_attach, leaves a state without a connection, which
 * xt_CT.c takes for one and nft_ct.c does not; measured on 6.18)
 */
export function untrackedAnswersRemark(ruleset: Ruleset): string | undefined {
  const raw = ruleset.tables.get('raw');
  if (raw === undefined || ![...ruleset.tables.values()].some((table) => extensionsIn(table).has('REJECT'))) return undefined;
  const hooks = reachingHooks(raw);
  for (const chain of raw.chains.values())
    if (hooks.get(chain)?.includes('OUTPUT') === true && chain.rules.some(keepsUntracked))
      return 'what REJECT answers to an untracked packet is tracked in iptables, and untracked in nft where a NOTRACK rule of OUTPUT takes it';
  return undefined;
}

function keepsUntracked({ spec: { action } }: Rule): boolean {
  if (action?.kind !== 'target') return false;
  const { extension, given } = action.use;
  return extension.name === 'NOTRACK' || (extension.name === 'CT' && given['notrack'] !== undefined);
}
