/** `-p`: a protocol by name or number. */

import { protocolName, protocolNumber } from '../../net/protocols.js';
import type { ValueType } from '../define.js';
import { leadingNumber } from './number.js';

/** Reads `-p tcp`, `-p 6`, `-p all`. Numbers 0 to 255. (iptables: libxtables/xtables.c, xtables_parse_protocol) */
export const protocol: ValueType<number> = {
  name: 'protocol',
  read: (text) => {
    const given = leadingNumber(text, 0, 255);
    if (given?.rest === '') return { kind: 'read', value: given.value };
    const number = protocolNumber(text.toLowerCase());
    if (number !== undefined) return { kind: 'read', value: number };
    const parts = text.split(/[,/]/);
    if (parts.length > 1 && parts.every((part) => protocolNumber(part.toLowerCase()) !== undefined))
      return {
        kind: 'refused',
        by: 'iptables',
        check: 'protocol-list',
        message: `\`-p\` takes one protocol, not a list: \`${text}\``,
        says: `unknown protocol "${text}" specified`,
        do: `write one rule for each: ${parts.map((part) => `-p ${part}`).join(' … and ')} …`,
      };
    return {
      kind: 'refused',
      by: 'iptables',
      check: 'unknown-protocol',
      message: `\`${text}\` is no protocol`,
      says: `unknown protocol "${text}" specified`,
    };
  },
  print: (value) => protocolName(value) ?? String(value),
};
