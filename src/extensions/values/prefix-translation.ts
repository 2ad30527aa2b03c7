/** SNPT and DNPT: stateless translation of IPv6 prefixes that keeps checksums. (RFC 6296) */

import { formatNetwork, prefixLength, type Network } from '../../net/address.js';
import { unsupported, value, type Constraint, type GivenOf, type Lowering, type OptionSpec, type ValueType } from '../define.js';
import { maskedHost } from './masked-host.js';

function prefix(extension: string, option: string): ValueType<Network> {
  return { ...maskedHost({ extension, option }), name: 'IPv6 prefix', print: formatNetwork };
}

type PrefixOption = OptionSpec<Network> & { readonly value: ValueType<Network> };

export interface PrefixOptions {
  readonly 'src-pfx': PrefixOption;
  readonly 'dst-pfx': PrefixOption;
}

/** The options of both targets. */
export function prefixOptions(extension: string): PrefixOptions {
  return { 'src-pfx': value(prefix(extension, 'src-pfx')), 'dst-pfx': value(prefix(extension, 'dst-pfx')) };
}

/** At most 64 bits, and nothing behind them. (kernel: net/ipv6/netfilter/ip6t_NPT.c, ip6t_npt_checkentry) */
function isPrefix(network: Network | undefined): boolean {
  if (network?.kind !== 'ip6') return true;
  return (prefixLength(network.mask) ?? 128) <= 64 && (network.address & ~network.mask) === 0n;
}

/** What iptables and the kernel demand of them. */
export function prefixConstraints(extension: string): readonly Constraint<PrefixOptions>[] {
  return [
    { kind: 'atLeastOne', of: ['src-pfx'], says: `${extension}: option "--src-pfx" must be specified` },
    { kind: 'atLeastOne', of: ['dst-pfx'], says: `${extension}: option "--dst-pfx" must be specified` },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given: GivenOf<PrefixOptions>) => !isPrefix(given['src-pfx']?.value) || !isPrefix(given['dst-pfx']?.value),
      check: 'invalid-address-or-mask',
      message: 'both prefixes have at most 64 bits, and zeros behind them',
    },
  ];
}

/** Why nft cannot do it, and what comes near. */
export function lowerPrefixTranslation(type: 'snat' | 'dnat'): Lowering {
  const address = type === 'snat' ? 'ip6 saddr' : 'ip6 daddr';
  return unsupported(
    'nft cannot translate prefixes without tracking connections and keep their checksums',
    `\`${type} prefix to PREFIX\` maps prefixes with connection tracking, \`${address} set ${address} & ::ffff:ffff:ffff:ffff | PREFIX\` a /64 without; both keep the other bits of addresses as they are`,
  );
}
