/** A match or target that nft can only say nearly. */

import { carriedUses } from '../policy/carried-uses.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'approximate-translation',
  summary: 'A match or target that nft can only say nearly',
  why:
    'What iptables-translate writes in its place looks the same and differs at the edges: sizes of bursts, packets without a header, options that nft does not ' +
    'know. `fwlint translate` says for each such rule what differs. As long as iptables loads the rule there is nothing wrong with it.',
  advice: 'Read what differs before moving to nftables.',
  severity: 'hint',
  category: 'migration',
  fix: 'none',
  examples: {
    bad: 'iptables -t mangle -A FORWARD -p tcp --syn -j TCPMSS --set-mss 1400',
    good: 'iptables -t mangle -A FORWARD -p tcp --syn -j DROP',
  },
  source: 'measured with packets through iptables 1.8.9 and nft 1.0.6',
  since: '0.1.0',
  find: (input) =>
    carriedUses(input)
      .filter(({ kind }) => kind === 'approximate')
      .map(({ name, reason, places: [at, ...also] }) => ({
        check: 'approximate-translation',
        at,
        message: `nft does nearly the same as \`${name}\`, not quite${also.length === 0 ? '' : ` (${String(also.length + 1)} rules)`}`,
        also,
        notes: [{ kind: 'why', text: reason }],
      })),
});
