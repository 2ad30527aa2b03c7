/** Words of one iptables command → Command: what it asks for, with every argument read and everything odd about it noticed. */

import type { CommandNode, CommandTree, OptionNode } from '../../grammar/iptables/ast.js';
import { parseCommand } from '../../grammar/iptables/parser.js';
import { base } from '../extensions/base.js';
import { programOfFamily } from '../extensions/define.js';
import type { Span } from '../text/source.js';
import { wordCount, wordText, type Words } from '../text/word.js';
import { interpretBuiltin } from './builtin-options.js';
import { checkRule } from './check-rule.js';
import { classify, type Classified, type Entry, type Loaded } from './classify.js';
import type { Command, Name, ReadProblem } from './command.js';
import { addProblem, type Draft, type ReadContext, type UseDraft } from './draft.js';
import { finishRule } from './finish-rule.js';
import { finishOperation, reportMisplacedOptions, reportUnknownNames } from './operation.js';
import { readOption } from './read-option.js';
import { isOpenNode, reportStrays } from './stray-words.js';

/** Reads the words of one command. Total: what cannot be read is kept and reported. */
export function readCommand(words: Words, at: Span, context: ReadContext): Command {
  const texts: string[] = [];
  for (let index = 0, count = wordCount(words); index < count; index += 1) texts.push(wordText(words, index));
  const { classified, tree } = classifyWords(texts, words, context);
  return interpretCommand(words, texts, at, context, classified, tree);
}

/** The first half of reading: which word is what. It depends on option words and on the names -m, -p and -j load, not on other arguments. */
export function classifyWords(
  texts: readonly string[],
  words: Words,
  context: ReadContext,
): { readonly classified: Classified; readonly tree: CommandTree<Entry> } {
  const classified = classify(texts, words, context.registry, context.start);
  return { classified, tree: parseCommand(classified.tokens) };
}

const BASE_LOADED: Loaded = { kind: 'match', name: '', extension: base, implicit: true, goto: false, word: 0 };

/** The second half: what the words mean. `texts` are the words' texts. */
export function interpretCommand(
  words: Words,
  texts: readonly string[],
  at: Span,
  context: ReadContext,
  classified: Classified,
  tree: CommandTree<Entry>,
): Command {
  const draft: Draft = {
    words,
    texts,
    context,
    problems: [...classified.problems],
    base: createUse(BASE_LOADED, { text: '', word: context.start }),
    uses: classified.loaded.map((loaded) => createUse(loaded, { text: texts[loaded.word] ?? '', word: loaded.word })),
    operation: undefined,
    table: context.table ?? 'filter',
    tableWord: undefined,
    counters: context.counters,
    asksNothing: false,
  };
  const isOpen = tree.nodes.some((node) => isOpenNode(draft, node));
  if (isOpen) draft.problems.splice(0, draft.problems.length, ...draft.problems.filter((problem) => !isMiss(problem)));
  // `-p` decides how other arguments are read, wherever it stands.
  for (const node of tree.nodes) if (isBase(node, 'protocol')) readOption(draft, node, draft.base);
  for (const node of tree.nodes) interpretNode(draft, node);
  reportStrays(draft, tree);
  const rule = finishRule(draft);
  const operation = finishOperation(draft, rule);
  reportUnknownNames(draft, operation, rule);
  reportMisplacedOptions(draft, tree, operation);
  checkRule(draft, operation, rule);
  const found = firstCauses(draft);
  const problems = isOpen ? found.filter((problem) => !isMiss(problem)) : found;
  return {
    program: programOfFamily(context.registry.family),
    family: context.registry.family,
    table: draft.table,
    words,
    at,
    problems,
    refused: problems.some((problem) => problem.fatal),
    ...operation,
  };
}

/** Findings that something is missing: words that only the run knows may bring it. */
const MISSES: ReadonlySet<string> = new Set([
  ...['missing-command', 'missing-match-module', 'missing-required-option', 'option-before-module', 'ports-without-protocol'],
  ...['protocol-mismatch', 'recent-bad-combination', 'unknown-option', 'nat-port-without-protocol', 'limit-defaults', 'misplaced-option'],
]);

/** Of ports without multiport only the option that it brings is such a finding, not the list behind `--dport`. */
function isMiss({ check, at }: ReadProblem): boolean {
  return MISSES.has(check) || (check === 'ports-need-multiport' && at.source.text.charAt(at.start) === '-');
}

/** Leaves out what only follows from something else that is wrong with the command. */
function firstCauses(draft: Draft): readonly ReadProblem[] {
  const { problems } = draft;
  const otherFamily = draft.asksNothing ? problems.find((problem) => problem.check === 'family-mismatch') : undefined;
  if (otherFamily !== undefined) return [otherFamily];
  // What stands behind a second operation belongs to another command, unless it can be repaired: then it was meant as an option.
  const second = problems.find((problem) => problem.check === 'multiple-commands');
  if (second === undefined) return problems;
  if (second.fixes !== undefined) return problems.filter(({ check }) => check !== 'ports-without-protocol');
  return problems.filter((problem) => problem === second || problem.at.start < second.at.start);
}

function createUse(loaded: Loaded, { text, word }: Name): UseDraft {
  const isOneWord = loaded.implicit || loaded.missing === true || text.startsWith('-');
  const first = isOneWord ? word : Math.max(0, word - 1);
  return { loaded, extension: loaded.extension, given: {}, unsettled: [], first, last: word };
}

function isBase(node: CommandNode<Entry>, name: string): node is OptionNode<Entry> {
  return node.kind === 'option' && node.entry.kind === 'base' && node.entry.name === name;
}

function interpretNode(draft: Draft, node: CommandNode<Entry>): void {
  if (node.kind === 'danglingBang') {
    // Of two in a row the first is reported already.
    if (draft.problems.some((problem) => problem.check === 'negation-not-allowed' && problem.fatal)) return;
    addProblem(draft, 'negation-not-allowed', node.word, node.word, '`!` has nothing to negate', { fatal: true });
    return;
  }
  if (node.kind === 'unknown') return;
  const { entry } = node;
  if (entry.kind === 'base') {
    if (entry.name !== 'protocol') readOption(draft, node, draft.base);
    return;
  }
  if (entry.kind === 'extension') {
    const use = draft.uses[entry.owner.use];
    if (use !== undefined) readOption(draft, node, use);
    return;
  }
  interpretBuiltin(draft, node, entry);
}
