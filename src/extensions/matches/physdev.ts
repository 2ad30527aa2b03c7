/** `-m physdev`: the ports of a bridge that a bridged packet came in or leaves by. */

import { defineMatch, flag, value, type GivenOf, type PortTest, type RuleContext, type ValueType } from '../define.js';
import { interfaceName, type InterfaceName } from '../values/interface.js';

/** As `-i` takes it, except that an empty name goes, and stands for any port. */
const port: ValueType<InterfaceName> = {
  ...interfaceName,
  name: 'name of a bridge port',
  read: (text, context) =>
    text === ''
      ? {
          kind: 'read',
          value: { name: '', wildcard: false },
          changed: { check: 'interface-wildcard', message: 'an empty name stands for any port of the bridge', becomes: '' },
        }
      : interfaceName.read(text, context),
};

const options = {
  'physdev-is-in': flag({ invertible: true }),
  'physdev-in': value(port, { invertible: true }),
  'physdev-is-out': flag({ invertible: true }),
  'physdev-out': value(port, { invertible: true }),
  'physdev-is-bridged': flag({ invertible: true }),
};

const ALL = ['physdev-in', 'physdev-out', 'physdev-is-in', 'physdev-is-out', 'physdev-is-bridged'] as const;

/** Packets this host sends have no outgoing port yet; only `--physdev-is-bridged` makes sure they never get that far. (kernel: xt_physdev.c, physdev_mt_check) */
function asksForOutgoingPort(given: GivenOf<typeof options>, { chain }: RuleContext): boolean {
  const bridged = given['physdev-is-bridged'];
  const asks = given['physdev-out'] !== undefined || given['physdev-is-out'] !== undefined;
  return chain === 'OUTPUT' && asks && (bridged === undefined || bridged.negated);
}

/** Any port of a bridge. */
export const ANY_PORT: InterfaceName = { name: '', wildcard: true };

/**
 * The tests that are this match: a packet passes all of one of the lists, of which at most one can hold. What has no outgoing port came in by none,
 * or is not bridged. (kernel: net/netfilter/xt_physdev.c, physdev_mt; measured in every hook)
 */
export function portTests(given: GivenOf<typeof options>): readonly (readonly PortTest[])[] {
  const tests: PortTest[] = [];
  const add = (end: PortTest['end'], port: InterfaceName | undefined, negated: boolean | undefined): void => {
    if (port !== undefined && negated !== undefined) tests.push({ end, port: port.name === '' ? ANY_PORT : port, negated });
  };
  add('in', ANY_PORT, given['physdev-is-in']?.negated);
  add('in', given['physdev-in']?.value, given['physdev-in']?.negated);
  add('out', ANY_PORT, given['physdev-is-out']?.negated);
  add('out', ANY_PORT, given['physdev-is-bridged']?.negated);
  const out = given['physdev-out'];
  if (out?.negated !== true) {
    add('out', out?.value, out?.negated);
    return [tests];
  }
  // A packet that came in by a port and is not bridged passes neither the test nor its opposite.
  const never: PortTest = { end: 'in', port: ANY_PORT, negated: true };
  const bridged: PortTest = { end: 'out', port: ANY_PORT, negated: false };
  return [
    [...tests, never],
    [...tests, bridged, { end: 'out', port: out.value.name === '' ? ANY_PORT : out.value, negated: true }],
  ];
}

export default defineMatch({
  name: 'physdev',
  summary: 'the bridge ports that a bridged packet comes in and leaves by',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ALL, says: 'PHYSDEV: no physdev option specified' },
    {
      kind: 'refuses',
      by: 'kernel',
      when: asksForOutgoingPort,
      check: 'match-not-in-hook',
      message: 'in OUTPUT the port a packet leaves by is not known yet: `--physdev-out` and `--physdev-is-out` cannot be used there',
      says: 'xt_physdev: --physdev-out and --physdev-is-out only supported in the FORWARD and POSTROUTING chains with bridged traffic',
    },
  ],
  toNft: (given, context) => context.bridgePorts?.ask(portTests(given), context) ?? { kind: 'ruleset' },
});
