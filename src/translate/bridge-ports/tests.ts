/** What tests of bridge ports come to in some hooks, and what has to be known for them. */

import type { Hook, PortTest } from '../../extensions/define.js';

/** Tests all of which a packet passes; none: every packet does. */
export type PortTests = readonly PortTest[];

/** Hooks in which a packet may have a port that it leaves by. */
export const WHERE_BRIDGED: readonly Hook[] = ['FORWARD', 'POSTROUTING'];

const isAnyPort = ({ port }: PortTest): boolean => port.wildcard && port.name === '';

/** A packet passes one of the lists that are left; none can where there are none. `hooks`: where the rule is reached from; it may be anywhere if that is nowhere. */
export function simplifyTests(alternatives: readonly PortTests[], hooks: readonly Hook[]): readonly PortTests[] {
  const possible = (end: PortTest['end']): boolean =>
    hooks.length === 0 || (end === 'in' ? hooks.some((hook) => hook !== 'OUTPUT') : hooks.some((hook) => WHERE_BRIDGED.includes(hook)));
  return alternatives.flatMap((tests): readonly PortTests[] => {
    if (tests.some(({ end, negated }) => !negated && !possible(end))) return [];
    const without = (end: PortTest['end']): boolean =>
      tests.some((test) => test.negated && isAnyPort(test) && (test.end === end || (end === 'out' && test.end === 'in')));
    const kept = tests.filter((test, index) => {
      const { end, port, negated } = test;
      if (!possible(end)) return false;
      const isSame = (other: PortTest): boolean =>
        other.end === end && other.port.name === port.name && other.port.wildcard === port.wildcard && other.negated === negated;
      if (tests.findIndex(isSame) !== index) return false;
      if (!isAnyPort(test)) return !negated || !without(end);
      if (negated) return end === 'in' || !tests.some((other) => other.end === 'in' && other.negated && isAnyPort(other));
      return !tests.some((other) => other.end === end && !other.negated && !isAnyPort(other));
    });
    return kept.some(({ end, negated }) => !negated && without(end)) ? [] : [kept];
  });
}

/** Whether the port a packet came in by has to be known where it is not bridged. */
export function asksForRouted(tests: PortTests): boolean {
  return tests.some(({ end }) => end === 'in') && !tests.some(({ end, negated }) => end === 'out' && !negated);
}
