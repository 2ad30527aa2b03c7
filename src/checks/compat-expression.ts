/** A listing of nft shows rules of iptables in a form that nft cannot load. */

import { spanOf } from '../text/source.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { defineCheck } from './define.js';

/** `xt match recent counter packets 0 bytes 0 accept`, with quotes since nft 1.0.8. */
const COMPAT = /^[ \t]*(?:[^#\n]*?[ \t])?(xt (?:match|target) "?[\w-]+"?).*$/gm;

export default defineCheck({
  name: 'compat-expression',
  summary: 'A listing of nft shows rules of iptables in a form that nft cannot load',
  why:
    '`nft list ruleset` writes `xt match …` and `xt target …` where a rule of iptables-nft uses a match or target that nft has no words for. Their options ' +
    'are not shown, and `nft -f` refuses the file: "unsupported xtables compat expression, use iptables-nft with this ruleset". Saved this way, the ' +
    'firewall is gone after the next start.',
  advice: 'Save with `iptables-save`, and compile that with `fwlint translate`.',
  severity: 'error',
  category: 'migration',
  fix: 'none',
  examples: {
    bad: 'table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n\t\txt match recent counter packets 0 bytes 0 accept\n\t}\n}',
    good: 'table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n\t\ttcp dport 22 accept\n\t}\n}',
  },
  source: 'measured with nft 1.0.6: the listing, and the error when it is loaded',
  since: '0.1.0',
  find: ({ source }) => {
    if (!source.text.includes('xt ') || !/^[ \t]*table (?:ip6?|inet|arp|bridge) /m.test(source.text)) return [];
    const places = [...source.text.matchAll(COMPAT)].map((found) => {
      const start = found.index + found[0].indexOf(found[1] ?? '');
      return { text: found[1] ?? '', span: spanOf(source, start, start + (found[1] ?? '').length) };
    });
    const [first, ...others] = places;
    if (first === undefined) return [];
    const problem: Problem = {
      check: 'compat-expression',
      at: first.span,
      message:
        others.length === 0
          ? `nft cannot load this rule of iptables-nft: \`${first.text}\` stands for options that the listing does not show`
          : `nft cannot load these ${String(others.length + 1)} rules of iptables-nft: \`${first.text}\` stands for options that the listing does not show`,
      also: others.map(({ span }) => span),
      notes: [{ kind: 'do', text: 'save with `iptables-save` instead, and compile that' }],
    };
    return [problem];
  },
});
