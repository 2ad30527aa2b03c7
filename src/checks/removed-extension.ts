/** The kernel no longer has a target. */

import { isRemoved, removedMessage } from '../extensions/values/removed.js';
import { ruleOf } from '../iptables/command.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'removed-extension',
  summary: 'The kernel no longer has a target',
  why:
    '`ULOG` was taken out of Linux 3.17 and `CLUSTERIP` out of 6.3. iptables still reads their options, warns `Extension ULOG revision 0 not ' +
    'supported, missing kernel module?`, and the kernel refuses the rule with `No chain/target/match by that name.`; a dump with such a rule ' +
    'is not loaded at all.',
  advice: 'Write `NFLOG` for `ULOG`, and let ulogd2 read from it. For `CLUSTERIP`, let each host take its part with `-m cluster`.',
  severity: 'error',
  category: 'deprecated',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -j ULOG --ulog-nlgroup 1',
    good: 'iptables -A INPUT -j NFLOG --nflog-group 1',
  },
  source: 'kernel: net/ipv4/netfilter, ipt_ULOG.c and ipt_CLUSTERIP.c of old; measured with iptables 1.8.9 on Linux 6.18',
  since: '0.1.0',
  // A kernel that is known to lack it has refused the rule already.
  find: (input) =>
    input.target.kernel !== undefined
      ? []
      : input.commands.flatMap((command) => {
          const action = ruleOf(command)?.action;
          if (action?.kind !== 'target' || !isRemoved(action.use.extension.name, input.target)) return [];
          const at = wordsSpan(command.words, action.use.first, action.use.last);
          return [{ check: 'removed-extension', at, message: removedMessage(action.use.extension.name) }];
        }),
});
