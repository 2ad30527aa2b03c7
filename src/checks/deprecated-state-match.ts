/** Rules use `-m state`, the older name of `-m conntrack --ctstate`. */

import type { Edit } from '../diagnostics/diagnostic.js';
import state from '../extensions/matches/state.js';
import { ruleOf, type Command, type Use } from '../iptables/command.js';
import { fixOf, replaceWord } from '../iptables/edit.js';
import { wordsSpan, wordText } from '../text/word.js';
import { defineCheck } from './define.js';

/** How many of the other places are marked. */
const SHOWN = 3;

export default defineCheck({
  name: 'deprecated-state-match',
  summary: 'Rules use -m state, the older name of -m conntrack --ctstate',
  why:
    'The manual page calls `state` "a subset of the conntrack module": it knows fewer states and nothing else. It still works with either backend, but ' +
    'documentation and tools speak of `conntrack` only.',
  advice: 'Write `-m conntrack --ctstate`. The rules do the same; iptables-save prints them with the new name.',
  severity: 'hint',
  category: 'deprecated',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -m state --state ESTABLISHED,RELATED -j ACCEPT',
    good: 'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
  },
  source: 'iptables-extensions(8), state; both backends of iptables 1.8.9 keep it as `-m state`',
  since: '0.1.0',
  find: (input) => {
    const uses: { readonly command: Command; readonly use: Use }[] = [];
    const places = new Set<number>();
    for (const command of input.commands)
      for (const use of ruleOf(command)?.matches ?? []) {
        if (use.extension !== state) continue;
        uses.push({ command, use });
        places.add(wordsSpan(command.words, use.first, use.last).start);
      }
    const [first] = uses;
    if (first === undefined) return [];
    const spans = uses.map(({ command, use }) => wordsSpan(command.words, use.first, use.last));
    const [at = first.command.at] = spans;
    const others = spans.filter((span, index) => span.start !== at.start && spans.findIndex(({ start }) => start === span.start) === index);
    const edits = uses.map(({ command, use }) => renameUse(command, use));
    return [
      {
        check: 'deprecated-state-match',
        at,
        message:
          places.size === 1
            ? '`-m state` is the older name of `-m conntrack --ctstate`'
            : `${String(places.size)} rules use \`-m state\`, the older name of \`-m conntrack --ctstate\``,
        labels: others.slice(0, SHOWN).map((span) => ({ span, text: '' })),
        notes: [{ kind: 'do', text: 'write `-m conntrack --ctstate`; the rules do the same' }],
        fixes: fixOf('write `-m conntrack --ctstate`', 'unsafe', edits.filter((edit) => edit !== undefined).flat()),
      },
    ];
  },
});

/** The two words that change; undefined where they are not written plainly in the command. */
function renameUse(command: Command, use: Use): readonly Edit[] | undefined {
  const option = use.given['state'];
  const module = use.first + 1;
  if (option === undefined || wordText(command.words, module) !== 'state') return undefined;
  const text = wordText(command.words, option.word);
  const renamed = text.replace(/^--state\b/, '--ctstate');
  const edits = [replaceWord(command, module, 'conntrack'), replaceWord(command, option.word, renamed)];
  return renamed === text || edits.includes(undefined) ? undefined : edits.filter((edit) => edit !== undefined);
}
