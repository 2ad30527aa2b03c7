/** `-m ecn`: congestion notification in the IP header and the TCP flags. */

import { binary, compare, match, number, payload, symbol } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineMatch, exact, flag, value, type Constraint } from '../define.js';
import { wholeNumber } from '../values/number.js';

const options = {
  'ecn-tcp-ece': flag({ invertible: true }),
  'ecn-tcp-cwr': flag({ invertible: true }),
  'ecn-ip-ect': value(wholeNumber('codepoint', 0, 3, { extension: 'ecn', option: 'ecn-ip-ect' }), { invertible: true }),
};

/** (kernel: net/netfilter/xt_ecn.c, ecn_mt_check4 and ecn_mt_check6) */
const flagsNeedTcp: Constraint<typeof options> = {
  kind: 'refuses',
  by: 'kernel',
  when: (given, { protocol, protocolNegated }) =>
    (given['ecn-tcp-ece'] !== undefined || given['ecn-tcp-cwr'] !== undefined) && (protocol !== 6 || protocolNegated === true),
  message: '`--ecn-tcp-ece` and `--ecn-tcp-cwr` look at the TCP header: the rule needs `-p tcp`',
  check: 'protocol-mismatch',
  do: 'write `-p tcp`',
};

/** The flag alone; the others may be as they like. nft calls ECE `ecn`. */
function flagTest(name: 'ecn' | 'cwr', negated: boolean): Statement {
  return compare(binary(payload('tcp', 'flags'), '&', symbol(name)), negated ? '!=' : '==', symbol(name));
}

export default defineMatch({
  name: 'ecn',
  summary: 'congestion notification: codepoint of the IP header, ECE and CWR of TCP',
  families: ['ip', 'ip6'],
  options,
  constraints: [{ kind: 'atLeastOne', of: ['ecn-tcp-ece', 'ecn-tcp-cwr', 'ecn-ip-ect'], says: 'ECN match: some option required' }, flagsNeedTcp],
  toNft: (given, { family }) => {
    const items: Statement[] = [];
    const { 'ecn-tcp-ece': ece, 'ecn-tcp-cwr': cwr, 'ecn-ip-ect': codepoint } = given;
    if (codepoint !== undefined) items.push(match(payload(family, 'ecn'), number(codepoint.value), codepoint.negated));
    if (ece !== undefined) items.push(flagTest('ecn', ece.negated));
    if (cwr !== undefined) items.push(flagTest('cwr', cwr.negated));
    return exact(items);
  },
});
