/** Targets that kernels no longer have. iptables still reads them, and dumps of old hosts have them. */

import { compareVersions, type Constraint, type Target } from '../define.js';

/** The first kernel without the target. (kernel: net/ipv4/netfilter, ipt_ULOG.c and ipt_CLUSTERIP.c until then) */
const REMOVED_SINCE: ReadonlyMap<string, string> = new Map([
  ['ULOG', '3.17'],
  ['CLUSTERIP', '6.3'],
]);

/** What is said about such a target. */
export const removedMessage = (name: string): string => `\`-j ${name}\` is gone since Linux ${REMOVED_SINCE.get(name) ?? ''}`;

/** Whether the kernel may lack the target; one that is not known is thought to be new. */
export function isRemoved(name: string, { kernel }: Target): boolean {
  const since = REMOVED_SINCE.get(name);
  return since !== undefined && (kernel === undefined || compareVersions(kernel, since) >= 0);
}

/** The refusal of a kernel that is known to lack the target. Without one the rule is read, for it may come from a host that had it. */
export function refusesRemoved<O>(name: string, more: { readonly do: string }): Constraint<O> {
  return {
    kind: 'refuses',
    by: 'kernel',
    when: (_given, { target }) => target.kernel !== undefined && isRemoved(name, target),
    check: 'removed-extension',
    message: removedMessage(name),
    ...more,
  };
}
