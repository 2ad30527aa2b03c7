/** An option stands before the -p, -m or -j that brings it. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'option-before-module',
  summary: 'An option stands before the -p, -m or -j that brings it',
  why:
    'iptables reads from left to right and loads modules as it goes: `--dport` does not exist before `-p tcp` has been ' +
    'read. It says `unknown option "--dport"` although the option is there.',
  advice: 'Move the option behind what it belongs to.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT --dport 22 -p tcp -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'iptables 1.8.9: iptables/xshared.c, command_default; measured',
  since: '0.1.0',
});
