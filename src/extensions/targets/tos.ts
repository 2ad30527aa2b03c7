/** `-j TOS`: changes the type-of-service byte (IPv4) or traffic class (IPv6), all eight bits of it. */

import { defineTarget, value, type GivenOf } from '../define.js';
import { wholeNumber } from '../values/number.js';
import { lowerTos, printTosBits, tosBits, type TosBits } from '../values/type-of-service.js';

const byte = (option: string) => value(wholeNumber('number', 0, 255, { extension: 'TOS', option }));

const options = {
  'set-tos': value(tosBits),
  'and-tos': byte('and-tos'),
  'or-tos': byte('or-tos'),
  'xor-tos': byte('xor-tos'),
};

/** What the kernel keeps: byte = (byte & ~mask) ^ value. (iptables: extensions/libxt_TOS.c, tos_tg_parse) */
function change(given: GivenOf<typeof options>): TosBits {
  if (given['set-tos'] !== undefined) return given['set-tos'].value;
  if (given['and-tos'] !== undefined) return { value: 0, mask: ~given['and-tos'].value & 0xff };
  const or = given['or-tos']?.value;
  return or === undefined ? { value: given['xor-tos']?.value ?? 0, mask: 0 } : { value: or, mask: or };
}

export default defineTarget({
  name: 'TOS',
  summary: 'changes the type of service (IPv4) or traffic class (IPv6)',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['mangle'],
  options,
  constraints: [{ kind: 'exactlyOne', of: ['set-tos', 'and-tos', 'or-tos', 'xor-tos'], says: 'TOS: An action is required' }],
  print: (given) => ['--set-tos', printTosBits(change(given))],
  toNft: (given, context) => lowerTos(change(given), context),
});
