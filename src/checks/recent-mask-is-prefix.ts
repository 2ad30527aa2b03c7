/** A prefix length stands where -m recent wants a mask. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-mask-is-prefix',
  summary: 'A prefix length stands where -m recent wants a mask',
  why:
    '`--mask` takes an address whose set bits count. `--mask 24` is read as 0.0.0.24: two bits of the last byte, so that the whole Internet shares four ' +
    'entries of the list, and a few clients block nearly everybody. iptables says nothing.',
  advice: 'Write `--mask 255.255.255.0`.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set --mask 24',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set --mask 255.255.255.0',
  },
  source: 'iptables: libxtables/xtoptions.c, xtopt_parse_host; measured with iptables 1.8.9: `--mask 24` is saved as 0.0.0.24',
  since: '0.1.0',
});
