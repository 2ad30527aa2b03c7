/** TCPMSS in a rule that does not ask for SYN packets. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { BaseGiven } from '../extensions/base.js';
import { ruleOf } from '../iptables/command.js';
import { fixOf, insertBefore, optionWord } from '../iptables/edit.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { wordSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'tcpmss-without-syn',
  summary: 'TCPMSS in a rule that does not ask for SYN packets',
  why:
    'The segment size is announced in SYN packets only. iptables-legacy refuses the rule ("Invalid argument"; dmesg says `xt_TCPMSS: Only works on TCP SYN ' +
    'packets`), iptables-nft takes it: what loads on one host fails on the next.',
  advice: 'Put `--tcp-flags SYN,RST SYN` into the rule.',
  severity: 'error',
  category: 'validity',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A FORWARD -p tcp -j TCPMSS --clamp-mss-to-pmtu',
    good: 'iptables -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
  },
  source: 'kernel: net/netfilter/xt_TCPMSS.c, tcpmss_tg4_check (nft_compat returns before the test); measured with both back ends',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const command of input.commands) {
      const rule = ruleOf(command);
      const { action } = rule ?? {};
      if (rule === undefined || command.refused || action?.kind !== 'target' || action.use.extension.name !== 'TCPMSS') continue;
      if (asksForSyn(conditionsOf(rule, command.family).all.flatMap((one) => (one.kind === 'other' ? [one.text] : [])))) continue;
      if (rule.matches.some(({ unsettled }) => unsettled.length > 0)) continue;
      const { protocol }: BaseGiven = rule.base.given;
      const isTcp = protocol?.value === 6 && !protocol.negated;
      const asksForFlags = rule.matches.some(({ given }) => Object.hasOwn(given, 'syn') || Object.hasOwn(given, 'tcp-flags'));
      problems.push({
        check: 'tcpmss-without-syn',
        at: wordSpan(command.words, action.name.word),
        message: 'iptables-legacy refuses this rule: TCPMSS works on SYN packets, and the rule does not ask for them',
        notes: [
          { kind: 'why', text: 'the kernel says: xt_TCPMSS: Only works on TCP SYN packets' },
          { kind: 'do', text: 'put `--tcp-flags SYN,RST SYN` into the rule' },
        ],
        fixes:
          isTcp && !asksForFlags
            ? fixOf('ask for SYN packets', 'unsafe', [insertBefore(command, optionWord(command, action.name), '--tcp-flags SYN,RST SYN')])
            : [],
      });
    }
    return problems;
  },
});

/** (kernel: xt_TCPMSS.c, find_syn_match: the flags that must be set hold SYN, and the test is not turned round) */
function asksForSyn(tests: readonly string[]): boolean {
  return tests.some((text) => /^tcp --tcp-flags \S+ (?:\S+,)?SYN(?:,\S+)?$/.test(text));
}
