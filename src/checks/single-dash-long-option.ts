/** A long option is written with one dash. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'single-dash-long-option',
  summary: 'A long option is written with one dash',
  why:
    "iptables reads `-dport 22` as `-d port` and a stray `22` (``Bad argument `22'``), `-syn` as `-s yn`, and for " +
    '`-append` it complains of an unknown option "iptables". The message seldom names what is wrong.',
  advice: 'Write two dashes.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -p tcp -dport 22 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
