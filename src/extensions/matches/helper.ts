/** `-m helper`: the conntrack helper of the connection that a packet's connection belongs to. */

import { ct, match, setOf, string } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineMatch, exact, value, type ValueType } from '../define.js';

/** The most characters iptables keeps. (kernel: include/uapi/linux/netfilter/xt_helper.h, with room for two zeros) */
const MOST = 29;
/** The most characters a helper's name has. (kernel: include/net/netfilter/nf_conntrack_helper.h, NF_CT_HELPER_NAME_LEN less the zero) */
const LONGEST_NAME = 15;

/** Names of helpers in the kernel and in conntrackd that another name may begin with. */
const KNOWN_NAMES = [
  ...['amanda', 'ftp', 'RAS', 'Q.931', 'H.245', 'irc', 'netbios-ns', 'pptp', 'sane', 'sip', 'snmp', 'tftp'],
  ...['dhcpv6', 'mdns', 'rpc', 'slp', 'ssdp', 'tns'],
];

/** No helper has this name. */
const NOBODY = ' ';

const helperName: ValueType<string> = {
  name: 'name of a helper',
  read: (text) => {
    if (text.length <= MOST) return { kind: 'read', value: text };
    const becomes = text.slice(0, MOST);
    return {
      kind: 'read',
      value: becomes,
      changed: { check: 'truncated-string', message: `iptables cuts the name after ${String(MOST)} characters: \`${becomes}\``, becomes },
    };
  },
  print: (name) => name,
  saveQuotes: 'if needed',
};

/** The helpers whose names the given one begins with, as `ftp-2121` does with `ftp`. (kernel: net/netfilter/xt_helper.c, helper_mt) */
function helpersOf(given: string): readonly string[] {
  const known = KNOWN_NAMES.filter((name) => given.startsWith(name) && name !== given);
  return given.length <= LONGEST_NAME ? [given, ...known] : known;
}

/** That there is a helper of that name; any, if the name is empty. */
function helperTest(given: string): Statement | undefined {
  if (given === '') return match(ct('helper'), string(NOBODY), true);
  const helpers = helpersOf(given);
  return helpers.length === 0 ? undefined : match(ct('helper'), setOf(helpers.map(string)));
}

export default defineMatch({
  name: 'helper',
  summary: 'conntrack helper that expected the connection',
  families: ['ip', 'ip6'],
  options: { helper: value(helperName, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['helper'], says: 'helper: option "--helper" must be specified' }],
  toNft: ({ helper }) => {
    if (helper === undefined) return exact([]);
    const test = helperTest(helper.value);
    if (test === undefined) return helper.negated ? exact([]) : { kind: 'never', why: 'no helper has such a name' };
    // Packets without a helper pass `!`; the comparison of nft fails for them either way.
    return exact(helper.negated ? [{ kind: 'unless', alternatives: [[test]] }] : [test]);
  },
});
