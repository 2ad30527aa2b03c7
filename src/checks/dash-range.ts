/** A range of ports or addresses is written with a dash where it does not belong. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'dash-range',
  summary: 'A range of ports or addresses is written with a dash where it does not belong',
  why:
    "Ranges of ports to match have a colon: ``invalid port/service `6000-6007' specified``. `-s` takes no range at all " +
    "(``host/network `…' not found``); `-m iprange` does.",
  advice: 'Write `6000:6007` for ports, `-m iprange --src-range A-B` for addresses.',
  severity: 'error',
  category: 'syntax',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 6000-6007 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 6000:6007 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
