/** Ethernet addresses: six bytes in hexadecimal with `:` between them. */

import type { ValueType } from '../define.js';
import { shown } from './number.js';

/** The six bytes as iptables-save prints them: `00:11:22:aa:bb:cc`. (iptables: libxtables/xtoptions.c, xtopt_parse_ethermac) */
export const macAddress: ValueType<string> = {
  name: 'MAC address',
  read: (text) => {
    const bytes = text.split(':').map((part) => (part.length <= 2 ? /^[ +]?([0-9a-fA-F]{1,2})$/.exec(part)?.[1] : undefined));
    if (bytes.length === 6 && !bytes.includes(undefined))
      return { kind: 'read', value: bytes.map((byte) => (byte ?? '').toLowerCase().padStart(2, '0')).join(':') };
    const colons = text.replaceAll('-', ':');
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no MAC address: six bytes in hexadecimal with \`:\` between them`,
      says: 'Invalid MAC address specified.',
      ...(/^([0-9a-fA-F]{2}-){5}[0-9a-fA-F]{2}$/.test(text) ? { repair: { text: colons, title: `write ${colons}`, applicability: 'safe' } } : {}),
    };
  },
  print: (value) => value,
};
