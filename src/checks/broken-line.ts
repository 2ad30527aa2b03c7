/** A line begins with an option: the command above it was broken in two. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'broken-line',
  summary: 'A line begins with an option: the command above it was broken in two',
  why:
    'The first half is a command of its own, and often a valid one that does something else: a rule cut before ' +
    '`--reject-with` rejects in the default way, one cut before `-j` only counts. The second half fails with ' +
    '`--reject-with: command not found`.',
  advice: 'Join the lines, or end the first one with a backslash.',
  severity: 'error',
  category: 'lexical',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 22\n  -j REJECT --reject-with tcp-reset',
    good: 'iptables -A INPUT -p tcp --dport 22 \\\n  -j REJECT --reject-with tcp-reset',
  },
  source: 'measured with bash and iptables 1.8.9',
  since: '0.1.0',
});
