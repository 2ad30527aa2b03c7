/** `-i` and `-o`: an interface name, or the beginning of one with a `+` behind it. */

import { byteLength } from '../../text/bytes.js';
import type { ValueResult, ValueType } from '../define.js';

export interface InterfaceName {
  readonly name: string;
  /** Matches every interface that begins with `name` (which may be empty: all). */
  readonly wildcard: boolean;
}

function isAddress(text: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+(?:\/[\d.]+)?$/.test(text) || /^[\da-fA-F]*:[\da-fA-F]*:[\da-fA-F:.]*(?:\/\d+)?$/.test(text);
}

/** At most 15 bytes. (iptables: libxtables/xtables.c, xtables_parse_interface) */
export const interfaceName: ValueType<InterfaceName> = {
  name: 'interface name',
  read: (text): ValueResult<InterfaceName> => {
    if (text === '')
      return {
        kind: 'refused',
        by: 'iptables',
        check: 'interface-wildcard',
        message: 'the interface name is empty',
        says: 'Empty interface is likely to be undesired',
      };
    const address = isAddress(text);
    if (byteLength(text) > 15)
      return {
        kind: 'refused',
        by: 'iptables',
        check: address ? 'interface-is-address' : 'interface-wildcard',
        message: address
          ? `\`${text}\` is an address, and here stands the name of an interface`
          : `an interface name has at most 15 characters: \`${text}\``,
        says: `interface name \`${text}' must be shorter than IFNAMSIZ (15)`,
      };
    const wildcard = text.endsWith('+');
    const value: InterfaceName = wildcard ? { name: text.slice(0, -1), wildcard } : { name: text, wildcard };
    if (text.startsWith('!'))
      return {
        kind: 'read',
        value,
        changed: {
          check: 'intrapositioned-negation',
          message: `\`${text}\` is taken for the name of an interface, so the rule never matches; \`!\` stands before the option, as a word of its own`,
          becomes: text,
        },
      };
    if (text.includes('*'))
      return {
        kind: 'read',
        value,
        changed: {
          check: 'interface-wildcard',
          message: `\`*\` is no wildcard here: \`${text}\` matches no interface; \`+\` at the end stands for any rest`,
          becomes: text,
          ...(text.endsWith('*')
            ? { repair: { text: text.replace(/\*+$/, '+'), title: `write ${text.replace(/\*+$/, '+')}`, applicability: 'unsafe' } as const }
            : {}),
        },
      };
    if (address)
      return {
        kind: 'read',
        value,
        changed: {
          check: 'interface-is-address',
          message: `\`${text}\` is an address; no interface has that name, so the rule never matches`,
          becomes: text,
        },
      };
    if (/^[a-z]+\d+:\w+$/.test(text))
      return {
        kind: 'read',
        value,
        changed: {
          check: 'interface-alias',
          message: `\`${text}\` is an alias label, not an interface: packets arrive on \`${text.slice(0, text.indexOf(':'))}\`, so the rule never matches`,
          becomes: text,
        },
      };
    return { kind: 'read', value };
  },
  print: (value) => (value.wildcard ? `${value.name}+` : value.name),
};
