/** An option of a rule with its argument: read, or refused with what was meant. */

import type { OptionNode } from '../../grammar/iptables/ast.js';
import type { Edit, Fix } from '../diagnostics/diagnostic.js';
import { base } from '../extensions/base.js';
import { compareVersions, type Extension, type Given } from '../extensions/define.js';
import { optionNames } from '../extensions/registry.js';
import { spanOf } from '../text/source.js';
import { isUnknown, isWrittenHere, placeInWord, wordAt, wordSpan, wordsSpan } from '../text/word.js';
import { areOneList, type Entry } from './classify.js';
import { addProblem, isWritten, optionSpelling, type Draft, type ProblemOptions, type UseDraft } from './draft.js';

/** (netfilter bug 1677: iptables 1.8.8 and 1.8.9 take the whole word for the argument. Measured with 1.8.7, 1.8.9, 1.8.11, 1.8.13.) */
export function reportGluedArgument(draft: Draft, node: OptionNode<Entry>, short: string): void {
  const { inline } = node.entry;
  if (inline === undefined || inline.text === '') return;
  // Behind a blank between quotes, all but addresses are refused by every iptables.
  if (inline.text.startsWith(' ') && short !== '-s' && short !== '-d') return;
  const { iptables } = draft.context.target;
  const affected = iptables === undefined ? undefined : compareVersions(iptables, '1.8.8') >= 0 && compareVersions(iptables, '1.8.10') < 0;
  if (affected === false) return;
  const word = wordAt(draft.words, node.word);
  const whole = draft.texts[node.word] ?? '';
  const written = whole.slice(0, inline.from).replace(/=$/, '');
  const joint = word !== undefined && isWrittenHere(word) ? placeInWord(word, written.length, written.length + 1) : undefined;
  addProblem(
    draft,
    'glued-argument',
    node.word,
    node.word,
    `iptables ${affected === true ? `${iptables ?? ''} does` : '1.8.8 and 1.8.9 do'} not see that \`${inline.text}\` is the argument in \`${whole}\``,
    {
      why:
        short === '-i' || short === '-o'
          ? `it matches an interface of the name \`${whole}\`, so never`
          : `it takes the whole word for the argument and refuses the command`,
      do: `write \`${written} ${inline.text.startsWith('#') ? `'${inline.text}'` : inline.text.trimStart()}\``,
      fatal: false,
      severity: affected === true ? 'error' : 'warning',
      fixes:
        // `-j,` of a sentence has no argument, `#` begins a comment behind a blank, and a blank between quotes parts nothing.
        joint === undefined ||
        !/[\w*]/.test(inline.text) ||
        inline.text.startsWith('#') ||
        (word !== undefined && word.span.end - word.span.start > word.text.length)
          ? []
          : [
              {
                title: `write \`${written} ${inline.text}\``,
                applicability: 'safe',
                edits: [{ span: inline.from > written.length ? joint : spanOf(joint.source, joint.start, joint.start), text: ' ' }],
              },
            ],
    },
  );
}

/** Reads an option of a rule into the use it belongs to; what cannot be read is `unsettled` there. */
export function readOption(draft: Draft, node: OptionNode<Entry>, use: UseDraft): void {
  const { entry } = node;
  if (entry.kind === 'builtin' || use.extension === undefined) return;
  const { name, spec } = entry;
  const negated = node.bang !== -1;
  const first = negated && node.bang < node.word ? node.bang : node.word;
  const argument = node.arguments[0] ?? node.word;
  const last = node.arguments.at(-1) ?? node.word;
  use.first = Math.min(use.first, first);
  use.last = Math.max(use.last, last);
  if (entry.kind === 'base') reportGluedArgument(draft, node, optionSpelling(use.extension, name));
  const spelling = optionSpelling(use.extension, name);
  const prefix = use.extension.name === '' ? '' : `${use.extension.name}: `;
  if (negated && spec.invertible !== true) {
    const place = wordSpan(draft.words, node.bang);
    const optionPlace = wordSpan(draft.words, node.word);
    const writable = [node.bang, node.word].every((number) => {
      const word = wordAt(draft.words, number);
      return word !== undefined && isWrittenHere(word);
    });
    const sameWord = node.bang === node.word;
    const fixes: Fix[] = writable
      ? [
          {
            title: 'take the `!` out',
            applicability: 'unsafe',
            edits: [
              {
                span: spanOf(
                  place.source,
                  place.start,
                  sameWord ? place.start + 1 : Math.max(place.start, wordSpan(draft.words, node.bang + 1).start),
                ),
                text: '',
              },
            ],
          },
        ]
      : [];
    // That `!` lacks a blank behind it, or stands behind the option, does not matter any more.
    const aside = draft.problems.findIndex(
      (problem) =>
        (problem.check === 'bang-without-space' && problem.at.start === place.start) ||
        (problem.check === 'intrapositioned-negation' && problem.at.start === optionPlace.start),
    );
    const [instead] = aside === -1 ? [] : draft.problems.splice(aside, 1);
    const said = instead?.notes?.find((note) => note.text.startsWith('iptables says: '))?.text.slice('iptables says: '.length);
    addProblem(draft, 'negation-not-allowed', first, node.word, `\`${spelling}\` cannot be negated`, {
      says: said ?? spec.inverted ?? `${prefix}option "${spelling}" cannot be inverted.`,
      do: notInvertibleAdvice(use.extension.name, name),
      fatal: true,
      fixes,
    });
    use.unsettled.push(name);
    return;
  }
  if (Object.hasOwn(use.given, name) && spec.repeatable !== true) {
    const before = use.given[name];
    addProblem(draft, 'repeated-option', first, last, `\`${spelling}\` is given twice`, {
      says:
        spec.twice ?? (use.extension.name === '' ? `multiple ${spelling} flags not allowed` : `${prefix}option "${spelling}" can only be used once.`),
      do: 'write one rule for each value, or one list where the option takes one',
      fatal: true,
      labels: before === undefined ? [] : [{ span: wordSpan(draft.words, before.word), text: 'the first one' }],
    });
    return;
  }
  if (entry.missing === true) {
    use.unsettled.push(name);
    return;
  }
  if (spec.value === undefined) {
    if (entry.inline !== undefined)
      addProblem(draft, 'invalid-value', node.word, node.word, `\`${spelling}\` takes no argument`, {
        says: `unknown option "${draft.texts[node.word] ?? ''}"`,
        fatal: true,
      });
    give(use, name, { value: true, negated, word: node.word, argument: node.word });
    return;
  }
  const argumentTexts = node.arguments.map((number) => draft.texts[number] ?? '');
  const text = joinArguments(entry.inline === undefined ? argumentTexts : [entry.inline.text, ...argumentTexts], entry.spec.words ?? 1);
  for (const number of entry.inline === undefined ? node.arguments : [node.word, ...node.arguments]) {
    const word = wordAt(draft.words, number);
    if (word !== undefined && draft.words.kind === 'words' && isUnknown(word)) {
      use.unsettled.push(name);
      return;
    }
  }
  readValue(draft, use, node, { name, spelling, text, negated, argument, last });
}

/** Remembers an option; what was given under its name before stays reachable. */
function give(use: UseDraft, name: string, given: Given): void {
  const before = Object.hasOwn(use.given, name) ? use.given[name] : undefined;
  use.given[name] = before === undefined ? given : { ...given, before };
}

/** The words of an argument as one text; a list that a blank cut (reported already) is whole again. */
function joinArguments(texts: readonly string[], wanted: number): string {
  // No more words than arguments: none of them was cut (`--tcp-flags SYN, SYN`).
  if (texts.length <= wanted) return texts.join(' ');
  let joined = '';
  texts.forEach((text, index) => {
    joined += index === 0 || areOneList(texts[index - 1] ?? '', text) ? text : ` ${text}`;
  });
  return joined;
}

function notInvertibleAdvice(extension: string, option: string): string {
  if (extension === 'limit' && option === 'limit')
    return 'without `!` it matches while under the rate; for "above the rate" use `-m hashlimit --hashlimit-above`';
  return 'turn the rule round: match what is meant to pass first, and everything else in the next rule';
}

interface ReadOption {
  readonly name: string;
  readonly spelling: string;
  readonly text: string;
  readonly negated: boolean;
  readonly argument: number;
  readonly last: number;
}

function readValue(draft: Draft, use: UseDraft, node: OptionNode<Entry>, option: ReadOption): void {
  const { entry } = node;
  if (entry.kind === 'builtin' || entry.spec.value === undefined) return;
  const { name, text, negated, argument, last } = option;
  const protocol = draft.base.given['protocol'];
  const result = entry.spec.value.read(text, {
    family: draft.context.registry.family,
    ...(protocol === undefined || protocol.negated ? {} : { protocol: protocol.value as number }),
  });
  if (result.kind === 'unresolved') {
    use.unsettled.push(name);
    addProblem(draft, result.check ?? 'unresolved-name', argument, last, `${result.what} can only be looked up on the host the rules are for`, {
      why: 'the answer is fixed when the rule is loaded and may differ from one load to the next; without an answer the rule is refused',
      fatal: false,
      ...(result.meant === undefined ? {} : meantName(draft, node, argument, last, result.meant)),
    });
    return;
  }
  if (result.kind === 'refused') {
    use.unsettled.push(name);
    const bangValue = /^!(.+)$/.exec(text);
    if (bangValue?.[1] !== undefined && entry.spec.invertible === true && !negated && node.arguments.length === 1) {
      const inner = entry.spec.value.read(bangValue[1], { family: draft.context.registry.family });
      if (inner.kind === 'read') {
        use.unsettled.pop();
        reportGluedNegation(draft, node, option, bangValue[1]);
        use.given[name] = { value: inner.value, negated: true, word: node.word, argument };
        return;
      }
    }
    const fixes =
      result.repair === undefined ? rewriteOption(draft, node, result.check) : replaceArgument(draft, node, argument, last, result.repair);
    addProblem(draft, result.check ?? 'invalid-value', entry.inline === undefined ? argument : node.word, last, result.message, {
      ...(result.says === undefined ? {} : result.by === 'kernel' ? { why: `the kernel says: ${result.says}` } : { says: result.says }),
      ...(result.do === undefined ? {} : { do: result.do }),
      fatal: true,
      fixes,
    });
    return;
  }
  give(use, name, { value: result.value, negated, word: node.word, argument });
  if (result.changed !== undefined) {
    const { changed } = result;
    addProblem(draft, changed.check, argument, last, changed.message, {
      fatal: false,
      ...(changed.severity === undefined ? {} : { severity: changed.severity }),
      fixes: changed.repair === undefined ? rewriteOption(draft, node, changed.check) : replaceArgument(draft, node, argument, last, changed.repair),
    });
  }
}

/** What an option should have been, where the argument tells. */
const MEANT: readonly { readonly check: string; readonly option: string; readonly words: string; readonly applicability: Fix['applicability'] }[] = [
  { check: 'ports-need-multiport', option: 'destination-port', words: '-m multiport --dports', applicability: 'safe' },
  { check: 'ports-need-multiport', option: 'source-port', words: '-m multiport --sports', applicability: 'safe' },
  { check: 'dash-range', option: 'source', words: '-m iprange --src-range', applicability: 'safe' },
  { check: 'dash-range', option: 'destination', words: '-m iprange --dst-range', applicability: 'safe' },
  { check: 'interface-is-address', option: 'in-interface', words: '-s', applicability: 'unsafe' },
  { check: 'interface-is-address', option: 'out-interface', words: '-d', applicability: 'unsafe' },
];

/** Writes the option that goes with the argument; a `!` before it comes to stand behind the `-m`. */
function rewriteOption(draft: Draft, node: OptionNode<Entry>, check: string | undefined): readonly Fix[] {
  const { entry, bang } = node;
  if (entry.kind === 'builtin' || entry.inline !== undefined || bang === node.word || bang > node.word) return [];
  const meant = MEANT.find((candidate) => candidate.check === check && candidate.option === entry.name);
  const numbers = bang === -1 ? [node.word] : [bang, node.word];
  if (meant === undefined || !numbers.every((number) => isWritten(draft, number))) return [];
  const name = /^-m (\S+) /.exec(meant.words)?.[1];
  const isLoaded = draft.uses.some(({ extension, first, given }) => extension?.name === name && first < node.word && Object.keys(given).length === 0);
  const module = name === undefined ? '' : `-m ${name} `;
  const argument = node.arguments[0] === undefined ? '' : (draft.texts[node.arguments[0]] ?? '');
  if (!takes(draft, meant.words, argument)) return [];
  const option = meant.words.slice(module.length);
  // A match that has no option yet waits for this one.
  const written = bang !== -1 || isLoaded ? option : meant.words;
  const edits: [Edit, ...Edit[]] = [{ span: wordSpan(draft.words, node.word), text: written }];
  if (bang !== -1 && module !== '' && !isLoaded) {
    const place = wordSpan(draft.words, bang);
    edits.unshift({ span: spanOf(place.source, place.start, place.start), text: module });
  }
  return [{ title: `write \`${isLoaded ? option : meant.words}\``, applicability: meant.applicability, edits }];
}

/** Whether the option that was meant takes the argument: `-m multiport --dports`, or `-s`. */
function takes(draft: Draft, words: string, argument: string): boolean {
  const { registry } = draft.context;
  const [, module, long, short] = /^(?:-m (\S+) )?(?:--(\S+)|-(\w))$/.exec(words) ?? [];
  const extension: Extension | undefined = module === undefined ? base : registry.matches.get(module);
  if (extension === undefined) return false;
  for (const [name, entry] of optionNames(extension)) {
    if (name !== long && (short === undefined || entry.spec.short !== short)) continue;
    const protocol = draft.base.given['protocol'];
    const result = entry.spec.value?.read(argument, {
      family: registry.family,
      ...(protocol === undefined ? {} : { protocol: protocol.value as number }),
    });
    return result?.kind === 'read' && result.changed === undefined;
  }
  return false;
}

function reportGluedNegation(draft: Draft, node: OptionNode<Entry>, option: ReadOption, rest: string): void {
  const word = wordAt(draft.words, option.argument);
  const optionWord = wordAt(draft.words, node.word);
  const fixes: Fix[] = [];
  if (word !== undefined && optionWord !== undefined && isWrittenHere(word) && isWrittenHere(optionWord)) {
    const bang = placeInWord(word, 0, 1);
    fixes.push({
      title: `write \`! ${option.spelling} ${rest}\``,
      applicability: 'safe',
      edits: [
        { span: spanOf(optionWord.span.source, optionWord.span.start, optionWord.span.start), text: '! ' },
        { span: bang, text: '' },
      ],
    });
  }
  addProblem(
    draft,
    'intrapositioned-negation',
    node.word,
    option.last,
    `\`!\` stands in the argument of \`${option.spelling}\`; it belongs before the option`,
    {
      do: `write \`! ${option.spelling} ${rest}\``,
      fatal: false,
      fixes,
    },
  );
}

function replaceArgument(
  draft: Draft,
  node: OptionNode<Entry>,
  argument: number,
  last: number,
  repair: { readonly text: string; readonly title: string; readonly applicability: Fix['applicability'] } | undefined,
): readonly Fix[] {
  if (repair === undefined || node.entry.inline !== undefined) return [];
  for (let number = argument; number <= last; number += 1) {
    const word = wordAt(draft.words, number);
    if (word === undefined || !isWrittenHere(word)) return [];
  }
  const span = wordsSpan(draft.words, argument, last);
  // Prose that is glued to an argument has been cut off; a longer argument would run into it.
  const isGlued = /[\p{L}\p{N}\p{S}]/u.test(span.source.text.charAt(span.end));
  if (isGlued || repair.text === span.source.text.slice(span.start, span.end)) return [];
  return [{ title: repair.title, applicability: repair.applicability, edits: [{ span, text: repair.text }] }];
}

/** A name that is nearly a well-known one is likely a slip. */
function meantName(draft: Draft, node: OptionNode<Entry>, argument: number, last: number, meant: string): Partial<ProblemOptions> {
  return {
    severity: 'warning',
    do: `did you mean \`${meant}\`?`,
    fixes: replaceArgument(draft, node, argument, last, { text: meant, title: `write \`${meant}\``, applicability: 'unsafe' }),
  };
}
