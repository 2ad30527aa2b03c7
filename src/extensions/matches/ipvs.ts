/** `-m ipvs`: what the load balancer of the kernel makes of a packet. */

import { protocolNumber } from '../../net/protocols.js';
import { defineMatch, flag, unsupported, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { maskedHost } from '../values/masked-host.js';
import { leadingNumber, shown } from '../values/number.js';
import { resolvedPortRange } from '../values/resolved-port-range.js';

const protocol: ValueType<number> = {
  name: 'protocol',
  read: (text): ValueResult<number> => {
    const digits = leadingNumber(text, 0, 255);
    const number = digits?.rest === '' ? digits.value : protocolNumber(text.toLowerCase());
    if (number !== undefined) return { kind: 'read', value: number };
    return { kind: 'refused', by: 'iptables', message: `${shown(text)} is no protocol`, says: `unknown protocol "${text}" specified` };
  },
  print: String,
};

/** One port, by number or by the name of a service. */
function port(option: string): ValueType<number> {
  const range = resolvedPortRange({ extension: 'ipvs', option });
  return {
    name: 'port',
    read: (text, context): ValueResult<number> => {
      if (text.includes(':'))
        return { kind: 'refused', by: 'iptables', message: `${shown(text)} is no single port`, says: `Port "${text}" does not resolve to anything.` };
      const result = range.read(text, context);
      return result.kind === 'read' ? { ...result, value: result.value.from } : result;
    },
    print: String,
  };
}

/** One of some words, in letters of either case. */
function word(option: string, words: readonly string[]): ValueType<string> {
  return {
    name: words.join(' or '),
    read: (text): ValueResult<string> => {
      const upper = text.toUpperCase();
      if (words.includes(upper)) return { kind: 'read', value: upper };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is none of ${words.join(', ')}`,
        says: `ipvs: Bad value for "--${option}" option: "${text}"`,
      };
    },
    print: (text) => text,
  };
}

const options = {
  ipvs: flag({ invertible: true }),
  vproto: value(protocol, { invertible: true }),
  vaddr: value(maskedHost({ extension: 'ipvs', option: 'vaddr' }), { invertible: true }),
  vport: value(port('vport'), { invertible: true }),
  vdir: value(word('vdir', ['ORIGINAL', 'REPLY'])),
  vmethod: value(word('vmethod', ['GATE', 'IPIP', 'MASQ']), { invertible: true }),
  vportctl: value(port('vportctl'), { invertible: true }),
};

/** Options that ask for more than `--ipvs`. */
const OTHERS = ['vproto', 'vaddr', 'vport', 'vdir', 'vmethod', 'vportctl'] as const;

const hasOthers = (given: GivenOf<typeof options>): boolean => OTHERS.some((name) => given[name] !== undefined);

export default defineMatch({
  name: 'ipvs',
  summary: 'what the load balancer IPVS makes of the packet',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['ipvs', ...OTHERS], says: 'IPVS: At least one option is required' },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given.ipvs?.negated === true && hasOthers(given),
      at: 'ipvs',
      check: 'excluded-option',
      message: '`! --ipvs` asks for packets of no balanced connection, and the other options for such of one',
      says: '! --ipvs cannot be together with other options',
    },
  ],
  print: (given, family) => {
    // Any other option implies `--ipvs`.
    if (!hasOthers(given)) return given.ipvs?.negated === true ? ['!', '--ipvs'] : ['--ipvs'];
    return OTHERS.flatMap((name) => {
      const use = given[name];
      if (use === undefined) return [];
      const type: ValueType<unknown> = options[name].value;
      return [...(use.negated ? ['!'] : []), `--${name}`, type.print(use.value, family)];
    });
  },
  toNft: () =>
    unsupported(
      'nft does not see what IPVS makes of a packet',
      'match the address and port of the virtual server (`ip daddr`, `tcp dport`), before IPVS changes them',
    ),
});
