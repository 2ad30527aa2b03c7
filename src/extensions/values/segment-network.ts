/** Segments of a segment routing header: an IPv6 address, with or without a mask. */

import { ALL_ONES_6, formatIp6, maskOf6, parseIp6, prefixLength } from '../../net/address.js';
import type { ValueResult, ValueType } from '../define.js';

/** Numbers of 128 bits. Bits outside the mask stay, and do not count. */
export interface SegmentNetwork {
  readonly address: bigint;
  readonly mask: bigint;
}

function readMask(text: string): bigint | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 128 ? maskOf6(Number(text)) : undefined;
  return parseIp6(text);
}

/** (iptables: libxtables/xtoptions.c, xtopt_parse_hostmask) */
export function segmentNetwork(option: string): ValueType<SegmentNetwork> {
  const refused = (check: string, message: string, says?: string): ValueResult<never> => ({
    kind: 'refused',
    by: 'iptables',
    check,
    message,
    ...(says === undefined ? {} : { says }),
  });
  return {
    name: 'IPv6 address or network',
    read: (text) => {
      const slash = text.indexOf('/');
      const host = slash === -1 ? text : text.slice(0, slash);
      const address = parseIp6(host);
      if (address === undefined) {
        if (/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(host) && /[A-Za-z]/.test(host))
          return { kind: 'unresolved', what: `host name \`${host}\``, check: 'hostname-in-rule' };
        return refused('invalid-address-or-mask', host === '' ? 'the address is empty' : `\`${host}\` is no IPv6 address`);
      }
      const mask = slash === -1 ? ALL_ONES_6 : readMask(text.slice(slash + 1));
      if (mask === undefined)
        return refused(
          'invalid-address-or-mask',
          `\`${text.slice(slash + 1)}\` is no mask`,
          `srh: bad value for option "--${option}", neither a valid network mask nor valid CIDR (0-128).`,
        );
      return { kind: 'read', value: { address, mask } };
    },
    print: ({ address, mask }) => `${formatIp6(address)}/${String(prefixLength(mask) ?? formatIp6(mask))}`,
  };
}
