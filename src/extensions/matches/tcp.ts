/** `-p tcp`: ports, flags and options of the TCP header. */

import { match, symbol } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineMatch, exact, flag, value, type ValueType } from '../define.js';
import { leadingNumber } from '../values/number.js';
import { portRange } from '../values/port-range.js';
import { lowerFlags, SYN, tcpFlags } from '../values/tcp-flags.js';
import { lowerPorts, printPorts } from '../values/transport-ports.js';

/** The kind of a TCP option, 1 to 255. (iptables: extensions/libxt_tcp.c, parse_tcp_option) */
const optionKind: ValueType<number> = {
  name: 'kind of TCP option',
  read: (text) => {
    const kind = leadingNumber(text, 1, 255);
    if (kind?.rest === '') return { kind: 'read', value: kind.value };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${text}\` is no kind of TCP option, a number of 1 to 255`,
      says: `Bad TCP option "${text}"`,
    };
  },
  print: String,
};

/** (IANA, TCP parameters; nft: src/tcpopt.c) */
const OPTION_NAMES: Readonly<Record<number, string>> = { 1: 'nop', 2: 'maxseg', 3: 'window', 4: 'sack-perm', 5: 'sack', 8: 'timestamp' };

const ONE_OF = "Only one of `--syn' or `--tcp-flags'  allowed";

export default defineMatch({
  name: 'tcp',
  summary: 'TCP ports, flags and options',
  families: ['ip', 'ip6'],
  protocols: [6],
  options: {
    'source-port': value(portRange, { aliases: ['sport'], invertible: true, twice: "Only one `--source-port' allowed" }),
    'destination-port': value(portRange, { aliases: ['dport'], invertible: true, twice: "Only one `--destination-port' allowed" }),
    'tcp-option': value(optionKind, { invertible: true, twice: "Only one `--tcp-option' allowed" }),
    'tcp-flags': value(tcpFlags, { words: 2, invertible: true, twice: ONE_OF }),
    syn: flag({ invertible: true, twice: ONE_OF }),
  },
  constraints: [{ kind: 'excludes', option: 'syn', others: ['tcp-flags'], says: ONE_OF }],
  print: (given) => {
    const words = [...printPorts(given)];
    const kind = given['tcp-option'];
    if (kind !== undefined) words.push(...(kind.negated ? ['!'] : []), '--tcp-option', String(kind.value));
    const flags = given['tcp-flags'];
    const asked = given.syn === undefined ? flags : { value: SYN, negated: given.syn.negated };
    // A test that every packet passes is not kept; one that none passes is, although iptables-save loses it.
    if (asked !== undefined && (asked.value.mask !== 0 || asked.value.set !== 0 || asked.negated))
      words.push(...(asked.negated ? ['!'] : []), '--tcp-flags', ...tcpFlags.print(asked.value, 'ip').split(' '));
    return words;
  },
  toNft: (given) => {
    const ports = lowerPorts(given, 'tcp');
    if ('never' in ports) return { kind: 'never', why: ports.never };
    const items: Statement[] = [...ports];
    const flags = given.syn === undefined ? given['tcp-flags'] : { value: SYN, negated: given.syn.negated };
    if (flags !== undefined) {
      const test = lowerFlags(flags.value, flags.negated);
      if (test === 'never') return { kind: 'never', why: 'no packet has its flags like that' };
      if (test !== 'always') items.push(test);
    }
    const kind = given['tcp-option'];
    if (kind === undefined) return exact(items);
    // "missing" is also true of packets without a TCP header; the test of `-p tcp` stands before it.
    const name = OPTION_NAMES[kind.value] ?? String(kind.value);
    items.push(match({ kind: 'tcpOption', name }, symbol(kind.negated ? 'missing' : 'exists')));
    if (kind.value !== 1) return exact(items);
    return {
      kind: 'approximate',
      items,
      // kernel: net/netfilter/nft_exthdr.c, nft_exthdr_tcp_eval stops one byte before the end of the header
      differs: 'nft does not see a NOP that is the very last byte of the TCP header',
    };
  },
});
