/** A rule asks for a match that does not exist. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unknown-match',
  summary: 'A rule asks for a match that does not exist',
  why:
    "There is no such module in iptables: ``Couldn't load match `geoip':No such file or directory``. Some names come from " +
    'xtables-addons or from patches to old kernels (`geoip`, `psd`, `ipp2p`, `unclean`), others are misspelt.',
  advice: 'Correct the name, or install the package that has the module.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -m conntrak --ctstate NEW -j ACCEPT',
    good: 'iptables -A INPUT -m conntrack --ctstate NEW -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
