/** The uses that were read, as a rule: its matches in their order, and one target. */

import { base } from '../extensions/base.js';
import type { Extension, MatchDefinition, TargetDefinition } from '../extensions/define.js';
import { foreignOrigin, isForeign, isOfIptables, ofOtherFamily } from '../extensions/known-names.js';
import { nearest } from '../text/distance.js';
import { isUnknown, isWrittenHere, wordAt } from '../text/word.js';
import type { Loaded } from './classify.js';
import type { Action, Name, RuleSpec, Use } from './command.js';
import { addProblem, type Draft, type UseDraft } from './draft.js';

function finishUse<E extends Extension>(use: UseDraft, extension: E): Use<E> {
  return { extension, given: use.given, unsettled: use.unsettled, implicit: use.loaded.implicit, first: use.first, last: use.last };
}

/** The rule of all uses; a match or target that is not known is reported. */
export function finishRule(draft: Draft): RuleSpec {
  const matches: Use<MatchDefinition>[] = [];
  let action: Action | undefined;
  for (const use of draft.uses) {
    const { loaded, extension } = use;
    if (extension !== undefined) reportForeign(draft, loaded, extension);
    if (loaded.kind === 'match' && extension?.kind === 'match') matches.push(finishUse(use, extension));
    else if (loaded.kind === 'unknownMatch') reportUnknownMatch(draft, loaded);
    else {
      if (action !== undefined) {
        addProblem(draft, 'repeated-option', use.first, use.last, 'a rule has one target; this is the second', {
          says: 'multiple -j flags not allowed',
          do: 'write one rule for each target',
          fatal: true,
        });
        continue;
      }
      // The classification may be shared by lines of the same shape that jump to other chains: the name is this line's.
      const own = draft.texts[loaded.word] ?? loaded.name;
      const name: Name = { text: own.startsWith('-') || extension !== undefined ? loaded.name : own, word: loaded.word };
      action =
        extension?.kind === 'target'
          ? { kind: 'target', use: finishUse(use, extension as TargetDefinition), name }
          : { kind: 'chain', name, goto: loaded.goto };
    }
  }
  return {
    base: finishUse(draft.base, base as unknown as MatchDefinition),
    matches,
    ...(action === undefined ? {} : { action }),
    ...(draft.counters === undefined ? {} : { counters: draft.counters }),
  };
}

/** The host a dump was made on has what stands in it. */
function hadInDump(draft: Draft): { readonly severity?: 'info' } {
  return draft.context.table === undefined ? {} : { severity: 'info' };
}

/** A match or target that other kernels have: the rule is read, and iptables itself refuses it. */
function reportForeign(draft: Draft, { word }: Loaded, { kind, name }: Extension): void {
  const origin = foreignOrigin(name);
  if (origin === undefined) return;
  addProblem(draft, kind === 'match' ? 'unknown-match' : 'unknown-target-or-chain', word, word, `iptables has no ${kind} \`${name}\` of its own`, {
    says: `Couldn't load ${kind} \`${name}':No such file or directory`,
    do: `it comes with ${origin}: install it, or do without it`,
    fatal: false,
    ...hadInDump(draft),
  });
}

function reportUnknownMatch(draft: Draft, loaded: Loaded): void {
  const { name, word: number } = loaded;
  const word = wordAt(draft.words, number);
  if (word !== undefined && isUnknown(word)) {
    addProblem(draft, 'unknown-words', number, number, `which match \`${name}\` is, is only known at run time`, { fatal: true });
    return;
  }
  const other = ofOtherFamily('match', name, draft.context.registry.family);
  if (other !== undefined) {
    const says = `Couldn't load match \`${name}':No such file or directory`;
    addProblem(draft, 'family-mismatch', number, number, other.message, { says, do: other.do, fatal: true });
    return;
  }
  if (isOfIptables('match', name)) {
    addProblem(draft, 'unsupported-extension', number, number, `fwlint does not read \`-m ${name}\` yet, and leaves the rule out`, { fatal: true });
    return;
  }
  const foreign = isForeign('match', name);
  const guess = foreign ? undefined : nearest(name, draft.context.registry.matches.keys());
  addProblem(draft, 'unknown-match', number, number, foreign ? `iptables has no match \`${name}\` of its own` : `there is no match \`${name}\``, {
    says: `Couldn't load match \`${name}':No such file or directory`,
    ...(foreign ? hadInDump(draft) : {}),
    ...(foreign
      ? { do: 'it comes with xtables-addons, the firmware of a router or patches to the kernel: install them, or do without it' }
      : guess === undefined
        ? { do: 'look it up in `man iptables-extensions`' }
        : { do: `did you mean \`${guess}\`?` }),
    fatal: true,
    fixes:
      guess === undefined || word === undefined || !isWrittenHere(word) || word.text !== name
        ? []
        : [{ title: `write \`${guess}\``, applicability: 'unsafe', edits: [{ span: word.span, text: guess }] }],
  });
}
