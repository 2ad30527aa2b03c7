/** `# fwlint-ignore` comments that do not do what they should. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ignore-comment',
  summary: 'A comment that silences a check names none, silences nothing, or gives no reason',
  why: 'A silenced finding is a decision. Without a reason nobody can tell later whether it still holds; one that silences nothing hides the next real finding at that place.',
  advice: 'Write `# fwlint-ignore NAME: reason` on the line above or at the end of the line, and take it out when the finding is gone.',
  severity: 'warning',
  category: 'lexical',
  fix: 'none',
  examples: {
    bad: '# fwlint-ignore rule-without-target\niptables -A INPUT -p udp --dport 53 -j ACCEPT\n',
    good: 'iptables -A INPUT -p udp --dport 53 -j ACCEPT\n',
  },
  source: 'docs/architecture.md',
  since: '0.1.0',
});
