/** There is no blank between ! and the option it negates. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'bang-without-space',
  summary: 'There is no blank between `!` and the option it negates',
  why:
    "`!` is a word of its own for iptables; `!-s` is refused with ``Bad argument `!-s'``. Typed into an interactive bash " +
    'it does not even get there: `!-` is history expansion, and bash says `!-: event not found`.',
  advice: 'Write `! -s`.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT !-s 10.0.0.0/8 -j DROP',
    good: 'iptables -A INPUT ! -s 10.0.0.0/8 -j DROP',
  },
  source: 'measured with bash and iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
