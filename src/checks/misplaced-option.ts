/** An option does not go with the operation of the command. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'misplaced-option',
  summary: 'An option does not go with the operation of the command',
  why:
    'Options for listing, such as `-n` and `--line-numbers`, do not go with `-A`, and matches do not go with `-P`, `-N` or ' +
    "`-F`: ``Illegal option `-n' with this command``. The command has no effect.",
  advice: 'Take the option out, or use the operation that was meant.',
  severity: 'error',
  category: 'syntax',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -P INPUT DROP -p tcp',
    good: 'iptables -P INPUT DROP',
  },
  source: 'iptables 1.8.9: iptables/xshared.c, commands_v_options; measured',
  since: '0.1.0',
});
