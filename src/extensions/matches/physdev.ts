/** `-m physdev`: the ports of a bridge that a bridged packet came in or leaves by. */

import { defineMatch, flag, unsupported, value, type GivenOf, type RuleContext, type ValueType } from '../define.js';
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
  toNft: () =>
    unsupported(
      'rules for IP do not see the ports of a bridge in nft',
      'filter bridged packets in a chain of `table bridge`, where `iifname` and `oifname` are the ports; `sysctl net.bridge.bridge-nf-call-iptables=0` then keeps them out of the other tables',
    ),
});
