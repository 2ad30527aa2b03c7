/** A port is out of range or no port, or a range is upside down. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'port-range',
  summary: 'A port is out of range or no port, or a range is upside down',
  why: "Ports go from 0 to 65535, and a range goes up: ``invalid port/service `65536' specified``, `invalid portrange (min > max)`.",
  advice: 'Correct the port, or turn the range round.',
  severity: 'error',
  category: 'values',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 6007:6000 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 6000:6007 -j ACCEPT',
  },
  source: 'iptables: libxtables/xtoptions.c, xtopt_parse_mport; measured',
  since: '0.1.0',
});
