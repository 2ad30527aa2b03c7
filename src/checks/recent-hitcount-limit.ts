/** A hitcount that kernels refuse. */

import type { Note, Problem } from '../diagnostics/diagnostic.js';
import { compareVersions, type Target } from '../extensions/define.js';
import { hitcountLimit, hitcountLimits, type HitcountLimit } from '../extensions/matches/recent.js';
import { recentLists, type PlacedRecent } from '../input/recent-lists.js';
import { fixOf, replaceWord } from '../iptables/edit.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

/** The most ip_pkt_list_tot could be set to. (kernel 3.18: net/netfilter/xt_recent.c, XT_RECENT_MAX_NSTAMPS) */
const MOST_PACKETS = 255;
/** A kernel in use today, for the note on --target. */
const TODAY = '6.1';

export default defineCheck({
  name: 'recent-hitcount-limit',
  summary: 'A hitcount that kernels refuse',
  why:
    'Kernels up to 3.18 remember ip_pkt_list_tot packets for each address, 20 unless the module is loaded with another number, and refuse a larger ' +
    '`--hitcount`. Since 3.19 up to 255 are allowed, since 6.11 up to 65535. iptables itself only says "Invalid argument"; the reason is in dmesg.',
  advice:
    'Lower the hitcount; or set `options xt_recent ip_pkt_list_tot=…` in /etc/modprobe.d/ and load the module again (up to 3.18, at most 255); or ' +
    'compile the rules to nftables, which has no such limit. Name the kernel with `--target kernel=…`: then this is an error or no finding.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 80 -m recent --name web --rcheck --seconds 5 --hitcount 26 -j DROP\niptables -A INPUT -p tcp --syn --dport 80 -m recent --name web --set',
    good: 'iptables -A INPUT -p tcp --syn --dport 80 -m recent --name web --rcheck --seconds 5 --hitcount 20 -j DROP\niptables -A INPUT -p tcp --syn --dport 80 -m recent --name web --set',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_mt_check, at 3.6, 5.10 and 6.18; commits abc86d0f9924 (3.19) and f4ebd03496f6 (6.11)',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const list of recentLists(input).lists.values())
      for (const check of list.checks) {
        const limit = exceeded(check.recent.hits, input.target);
        if (limit !== undefined) problems.push(report(check, limit, input.target));
      }
    return problems;
  },
});

/** The limit of the target, or the newest of several kernels' limits, that a hitcount exceeds. What no kernel takes is found while reading. */
function exceeded(hits: number, target: Target): HitcountLimit | undefined {
  const limits = hitcountLimits(target.ipPktListTot);
  if (hits > (limits.at(-1)?.most ?? Infinity)) return undefined;
  if (target.kernel === undefined) return limits.findLast((limit) => hits > limit.most);
  const limit = hitcountLimit(target);
  return limit !== undefined && hits > limit.most ? limit : undefined;
}

function report(check: PlacedRecent, limit: HitcountLimit, target: Target): Problem {
  const { rule, given, recent } = check;
  const { hits } = recent;
  const { command } = rule;
  const counts =
    limit.since === undefined
      ? `remember${target.kernel === undefined ? '' : 's'} ${String(limit.most)} packets`
      : `allow${target.kernel === undefined ? '' : 's'} at most ${String(limit.most)}`;
  const { hitcount } = given;
  const module =
    limit.since === undefined && hits <= MOST_PACKETS ? `, or \`options xt_recent ip_pkt_list_tot=${String(hits)}\` in /etc/modprobe.d/` : '';
  const notes: Note[] = [
    { kind: 'why', text: `iptables only says "Invalid argument"; dmesg says "${limit.says(hits)}"` },
    { kind: 'do', text: `\`--hitcount ${String(limit.most)}\`${module}, or compile to nftables` },
  ];
  if (target.kernel === undefined) notes.push({ kind: 'note', text: targetNote(hits) });
  return {
    check: 'recent-hitcount-limit',
    at: hitcount === undefined ? command.at : wordsSpan(command.words, hitcount.word, hitcount.argument),
    message:
      target.kernel === undefined
        ? `\`--hitcount ${String(hits)}\` is refused by kernels up to ${lastKernelWith(limit)}, which ${counts}`
        : `\`--hitcount ${String(hits)}\` is refused by kernel ${target.kernel}, which ${counts}`,
    here:
      limit.since === undefined
        ? `more than ip_pkt_list_tot (${String(limit.most)}${target.ipPktListTot === undefined ? ' unless set' : ''})`
        : `more than ${String(limit.most)}`,
    severity: target.kernel === undefined ? 'warning' : 'error',
    notes,
    fixes:
      hitcount === undefined || hitcount.argument === hitcount.word
        ? []
        : fixOf(`write \`--hitcount ${String(limit.most)}\`: fewer get through`, target.kernel === undefined ? 'suggestion' : 'unsafe', [
            replaceWord(command, hitcount.argument, String(limit.most)),
          ]),
  };
}

/** The limits that came later, and whether a kernel of today takes the number. */
function targetNote(hits: number): string {
  const later = hitcountLimits()
    .filter(({ since }) => since !== undefined)
    .map(({ since, most }) => `since ${since ?? ''} up to ${String(most)}`);
  const kernel = hits <= (hitcountLimit({ kernel: TODAY })?.most ?? 0) ? TODAY : '6.12';
  return `with \`--target kernel=${kernel}\` this is no finding: ${later.join(' are allowed, ')}`;
}

/** The last release before the limit that follows. */
function lastKernelWith(limit: HitcountLimit): string {
  const next = hitcountLimits().find(({ since }) => since !== undefined && (limit.since === undefined || compareVersions(since, limit.since) > 0));
  const [major = '0', minor = '0'] = (next?.since ?? '').split('.');
  return `${major}.${String(Number(minor) - 1)}`;
}
