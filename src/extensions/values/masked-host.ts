/** An address with a mask, as `-m conntrack --ctorigsrc` takes it: by the resolver's rules, which are not those of `-s`. */

import { ALL_ONES_4, ALL_ONES_6, formatIp4, formatIp6, maskOf4, maskOf6, parseIp4, parseIp6, prefixLength, type Network } from '../../net/address.js';
import type { Changed, Family, Refused, ValueResult, ValueType } from '../define.js';
import { octalAddress } from './network.js';
import { leadingNumber, shown, type OptionPlace } from './number.js';

/**
 * One to four numbers, the last of which fills what is left: `10.1` is 10.0.0.1. Octal with 0, hexadecimal with 0x.
 * (inet_aton(3); with `-s` the numbers missing are 0)
 */
function readAddress4(text: string): { readonly address: number; readonly octal: boolean } | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  let address = 0;
  let octal = false;
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const number = /^[0-9]/.test(part) ? leadingNumber(part, 0, last ? 2 ** (8 * (4 - index)) - 1 : 255) : undefined;
    if (number?.rest !== '') return undefined;
    octal ||= /^0[0-7]*[1-7]/.test(part) && (part.length > 2 || number.value > 7);
    address += last ? number.value : number.value * 2 ** (8 * (3 - index));
  }
  return { address, octal };
}

function refuse(check: string, message: string, says: string, more: Partial<Refused> = {}): Refused {
  return { kind: 'refused', by: 'iptables', check, message, says, ...more };
}

function printHost(network: Network): string {
  const length = prefixLength(network.mask);
  if (network.kind === 'ip')
    return `${formatIp4(network.address)}${length === 32 ? '' : `/${length === undefined ? formatIp4(network.mask) : String(length)}`}`;
  return `${formatIp6(network.address)}${length === 128 ? '' : `/${length === undefined ? formatIp6(network.mask) : String(length)}`}`;
}

function readHost(text: string, family: Family, place: OptionPlace): ValueResult<Network> {
  const slash = text.indexOf('/');
  const host = slash === -1 ? text : text.slice(0, slash);
  const maskText = slash === -1 ? undefined : text.slice(slash + 1);
  if (host.includes(','))
    return refuse(
      'invalid-address-or-mask',
      `\`${text}\` is a list; the option takes one address: write one rule for each`,
      'getaddrinfo: Name or service not known',
    );
  const address = family === 'ip' ? readAddress4(host) : undefined;
  const wide = family === 'ip6' ? parseIp6(host) : undefined;
  if (address === undefined && wide === undefined) return refuseHost(host, family);
  const most = family === 'ip' ? 32 : 128;
  const badMask = (): ValueResult<never> =>
    refuse(
      'invalid-address-or-mask',
      `${shown(maskText ?? '')} is no mask and no prefix length of 0 to ${String(most)}`,
      `${place.extension}: bad value for option "--${place.option}", neither a valid network mask nor valid CIDR (0-${String(most)}).`,
    );
  let changed: Changed | undefined;
  let network: Network;
  if (address !== undefined) {
    const mask = maskText === undefined ? ALL_ONES_4 : readMask4(maskText);
    if (mask === undefined) return badMask();
    network = { kind: 'ip', address: address.address, mask: prefixLength(mask) === undefined ? ALL_ONES_4 : mask };
    changed = change(text, host, family, mask, network, address.octal);
  } else {
    const mask = maskText === undefined ? ALL_ONES_6 : readMask6(maskText);
    if (mask === undefined) return badMask();
    network = { kind: 'ip6', address: wide ?? 0n, mask: prefixLength(mask) === undefined ? ALL_ONES_6 : mask };
    changed = change(text, host, family, mask, network, false);
  }
  return changed === undefined ? { kind: 'read', value: network } : { kind: 'read', value: network, changed };
}

/** A prefix length, or anything inet_aton takes: `33` is 0.0.0.33. */
function readMask4(text: string): number | undefined {
  const length = leadingNumber(text, 0, 32);
  return length?.rest === '' ? maskOf4(length.value) : readAddress4(text)?.address;
}

function readMask6(text: string): bigint | undefined {
  const length = leadingNumber(text, 0, 128);
  return length?.rest === '' ? maskOf6(length.value) : parseIp6(text);
}

/** A mask as `--to 192.0.2.0/MASK` takes it: a prefix length or an address; undefined when it is neither. */
export function readMaskLength(text: string, family: Family): number | bigint | undefined {
  return family === 'ip' ? readMask4(text) : readMask6(text);
}

function change(text: string, host: string, family: Family, mask: number | bigint, value: Network, octal: boolean): Changed | undefined {
  const becomes = printHost(value);
  if (prefixLength(mask) === undefined) {
    const written = typeof mask === 'number' ? formatIp4(mask) : formatIp6(mask);
    return {
      check: 'noncontiguous-or-zero-mask',
      message: `iptables up to 1.8.9 ignores the mask ${written}, which has holes, and compares all bits; 1.8.11 and newer compare the bits of the mask`,
      becomes,
    };
  }
  if (octal) return octalAddress(text, becomes);
  if (family === 'ip' && host.split('.').length < 4) {
    const filled = parseIp4(host);
    const usual = filled === undefined ? undefined : printHost({ kind: 'ip', address: filled.address, mask: mask as number });
    return {
      check: 'host-bits-set',
      message: `\`${text}\` means ${becomes}: here the last number fills the rest of the address, unlike in \`-s\` and \`-d\``,
      becomes,
      ...(usual === undefined ? {} : { repair: { text: usual, title: `write ${usual}`, applicability: 'unsafe' } }),
    };
  }
  return undefined;
}

function refuseHost(host: string, family: Family): ValueResult<never> {
  const says = 'getaddrinfo: Name or service not known';
  const other = family === 'ip' ? parseIp6(host) !== undefined : readAddress4(host) !== undefined;
  if (other)
    return refuse(
      'family-mismatch',
      `\`${host}\` is an ${family === 'ip' ? 'IPv6' : 'IPv4'} address, but ${family === 'ip' ? 'iptables handles IPv4' : 'ip6tables handles IPv6'} only`,
      'getaddrinfo: Address family for hostname not supported',
    );
  if (host === '') return refuse('invalid-address-or-mask', 'the address is empty', says);
  if (/^[0-9.]+$/.test(host)) return refuse('invalid-address-or-mask', `\`${host}\` is no IPv4 address`, says);
  if (/^[0-9a-fA-F:.]+$/.test(host) && host.includes(':')) return refuse('invalid-address-or-mask', `\`${host}\` is no IPv6 address`, says);
  return { kind: 'unresolved', what: `host name \`${host}\`` };
}

/**
 * The value type of `--ctorigsrc` and the like. The address keeps its bits outside the mask, as iptables-save prints it.
 * (iptables: libxtables/xtoptions.c, xtopt_parse_hostmask)
 */
export function maskedHost(place: OptionPlace): ValueType<Network> {
  return { name: 'address, with or without mask', read: (text, { family }) => readHost(text, family, place), print: printHost };
}

/**
 * One address without a mask, by the same rules, as `--on-ip` and `--gateway` take it.
 * (iptables: libxtables/xtoptions.c, xtopt_parse_host)
 */
export function hostAddress(place: OptionPlace): ValueType<Network> {
  return {
    name: 'address',
    read: (text, { family }) => {
      if (text.includes('/'))
        return refuse('invalid-address-or-mask', `\`${text}\` has a mask; the option takes one address`, 'getaddrinfo: Name or service not known');
      const bare = /^\[(.*)\]$/.exec(text)?.[1];
      if (bare !== undefined)
        return refuse('invalid-address-or-mask', 'no brackets around the address here', 'getaddrinfo: Name or service not known', {
          repair: { text: bare, title: `write ${bare}`, applicability: 'safe' },
        });
      return readHost(text, family, place);
    },
    print: printHost,
  };
}
