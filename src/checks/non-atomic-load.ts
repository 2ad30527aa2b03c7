/** A script empties the firewall and fills it again rule by rule. */

import { emptiesTable, wholeScript } from '../input/whole-script.js';
import { defineCheck } from './define.js';

/** Rules from which on the time between the first and the last counts: each command takes some milliseconds. */
const MANY = 20;

export default defineCheck({
  name: 'non-atomic-load',
  summary: 'A script empties the firewall and fills it again rule by rule',
  why:
    'Between `-F` and the last `-A` only a part of the rules is there: packets are let through that should not be, or running connections are cut. ' +
    'Each iptables command reads the whole table from the kernel and writes it back, so the time grows with the square of the number of rules.',
  advice: 'Load them at once: `iptables-restore < rules` replaces a table in one step, and so does `nft -f` with what `fwlint translate` writes.',
  severity: 'info',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\niptables -F\nfor port in $(seq 8000 8020); do\n  iptables -A INPUT -p tcp --dport $port -j ACCEPT\ndone',
    good: '#!/bin/sh\niptables -F\niptables -A INPUT -p tcp --dport 8000:8020 -j ACCEPT',
  },
  source: 'iptables-restore(8); kernel: net/ipv4/netfilter/ip_tables.c, do_replace',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    const reset = script?.commands.find((command) => emptiesTable(command, 'filter', command.family) && !input.notRun.has(command));
    if (script === undefined || reset === undefined) return [];
    const later = script.additions.filter(
      ({ family, words, at }) => family === reset.family && words.kind === 'words' && at.source === reset.at.source && at.start > reset.at.start,
    );
    if (later.length < MANY) return [];
    return [
      {
        check: 'non-atomic-load',
        at: reset.at,
        message: `from here on ${String(later.length)} commands fill the firewall one by one; until the last one it is neither the old nor the new`,
        here: 'emptied here',
        notes: [{ kind: 'do', text: 'load the rules at once, with `iptables-restore` or `nft -f`' }],
      },
    ];
  },
});
