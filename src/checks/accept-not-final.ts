/** A script fills tables with iptables and with nft: what one accepts the other can still drop. */

import { wordsSpan } from '../text/word.js';
import { ruleOf } from '../iptables/command.js';
import { defineCheck } from './define.js';

/** What changes rules, as the first word behind the options. */
const CHANGES: ReadonlySet<string> = new Set(['add', 'insert', 'create', 'replace']);

export default defineCheck({
  name: 'accept-not-final',
  summary: 'A script fills tables with iptables and with nft: what one accepts the other can still drop',
  why:
    'In nftables a packet passes the chains of every table at a hook, in the order of their priorities. `accept` ends its way through one of them only; ' +
    'a drop in any is final. A rule of iptables that opens a port opens nothing while a chain of nft drops it, and the other way round.',
  advice: 'Keep the rules of one hook in one table; else accept in each of them.',
  severity: 'info',
  category: 'migration',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\nnft add rule inet filter input tcp dport 80 drop',
    good: 'nft add rule inet filter input tcp dport 22 accept\nnft add rule inet filter input tcp dport 80 drop',
  },
  source: 'nft(8), VERDICT STATEMENTS: "accept"; measured',
  since: '0.1.0',
  find: (input) => {
    const accepting = input.commands.find((command) => {
      const action = ruleOf(command)?.action;
      return command.table === 'filter' && action?.kind === 'target' && action.use.extension.name === 'ACCEPT';
    });
    if (accepting === undefined) return [];
    for (const command of input.shell?.commands ?? []) {
      const words = command.words.map(({ text }) => text);
      const at = words.findIndex((word) => word === 'nft' || word.endsWith('/nft'));
      const operation = words.slice(at + 1).find((word) => !word.startsWith('-'));
      if (at === -1 || at > 1 || operation === undefined || !CHANGES.has(operation.split(' ')[0] ?? '')) continue;
      return [
        {
          check: 'accept-not-final',
          at: wordsSpan({ kind: 'words', words: command.words }, 0, words.length - 1),
          message: 'a packet passes the rules of nft and those of iptables: to be let in it has to be accepted by both',
          labels: [{ span: accepting.at, text: 'accepts for iptables only' }],
        },
      ];
    }
    return [];
  },
});
