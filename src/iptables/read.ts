/** Words of one iptables command → Command: what it asks for, with every argument read and everything odd about it noticed. */

import type { CommandNode, CommandTree, OptionNode } from '../../grammar/iptables/ast.js';
import { parseCommand } from '../../grammar/iptables/parser.js';
import type { Edit, Fix, Note, Severity } from '../diagnostics/diagnostic.js';
import { base } from '../extensions/base.js';
import { compareVersions } from '../extensions/define.js';
import type { Constraint, Extension, Given, MatchDefinition, RuleContext, Target, TargetDefinition } from '../extensions/define.js';
import { foreignOrigin, isForeign, isOfIptables, ofOtherFamily } from '../extensions/known-names.js';
import { optionNames, type Registry } from '../extensions/registry.js';
import { protocolName } from '../net/protocols.js';
import { nearest } from '../text/distance.js';
import { spanOf, type Span } from '../text/source.js';
import { isUnknown, isWrittenHere, placeInWord, wordAt, wordCount, wordSpan, wordsSpan, wordText, type Words } from '../text/word.js';
import { areOneList, classify, type Classified, type Entry, type Loaded } from './classify.js';
import type { Action, Command, Counters, Name, Operation, ReadProblem, RuleSpec, Use } from './command.js';
import { HOOKS, TABLE_CHAINS, type OperationName } from './builtin.js';

/** What reading needs to know besides the words. */
export interface ReadContext {
  readonly registry: Registry;
  readonly target: Target;
  /** The table a dump's `*table` line set; `-t` overrides it in commands. */
  readonly table?: string;
  /** `[packets:bytes]` before the rule of a dump. */
  readonly counters?: Counters;
  /** Number of the first word after the program's name; 0 in dumps. */
  readonly start: number;
}

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

interface UseDraft {
  readonly loaded: Loaded;
  readonly extension: Extension | undefined;
  readonly given: Record<string, Given>;
  readonly unsettled: string[];
  first: number;
  last: number;
}

interface Draft {
  readonly words: Words;
  readonly texts: readonly string[];
  readonly context: ReadContext;
  readonly problems: ReadProblem[];
  readonly base: UseDraft;
  readonly uses: readonly UseDraft[];
  operation: { readonly name: OperationName; readonly node: OptionNode<Entry> } | undefined;
  table: string;
  /** The word that named it, if one did. */
  tableWord: number | undefined;
  counters: Counters | undefined;
  asksNothing: boolean;
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
    base: createUse(BASE_LOADED, context.start),
    uses: classified.loaded.map((loaded) => createUse(loaded, loaded.word)),
    operation: undefined,
    table: context.table ?? 'filter',
    tableWord: undefined,
    counters: context.counters,
    asksNothing: false,
  };
  const isOpen = tree.nodes.some((node) => isOpenNode(draft, node));
  if (isOpen) draft.problems.splice(0, draft.problems.length, ...draft.problems.filter(({ check }) => !MISSES.has(check)));
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
  const problems = isOpen ? found.filter(({ check }) => !MISSES.has(check)) : found;
  return {
    program: context.registry.family === 'ip' ? 'iptables' : 'ip6tables',
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

/** Whether a node is a word that may turn out to be any options: `$MATCH`, `-$OPTION`. */
function isOpenNode(draft: Draft, node: CommandNode<Entry>): boolean {
  if (node.kind !== 'unknown' || draft.words.kind !== 'words') return false;
  const word = draft.words.words[node.word];
  if (word === undefined || !isUnknown(word)) return false;
  const equals = node.option ? word.text.indexOf('=') : -1;
  if (equals === -1) return true;
  let offset = 0;
  return word.pieces.some(({ length, unknown }) => {
    const from = offset;
    offset += length;
    return unknown !== undefined && from < equals;
  });
}

/** Leaves out what only follows from something else that is wrong with the command. */
function firstCauses(draft: Draft): readonly ReadProblem[] {
  const { problems } = draft;
  const otherFamily = draft.asksNothing ? problems.find((problem) => problem.check === 'family-mismatch') : undefined;
  if (otherFamily !== undefined) return [otherFamily];
  // What stands behind a second operation belongs to another command.
  const second = problems.find((problem) => problem.check === 'multiple-commands');
  if (second !== undefined) return problems.filter((problem) => problem === second || problem.at.start < second.at.start);
  return problems;
}

function createUse(loaded: Loaded, word: number): UseDraft {
  const first = loaded.implicit || loaded.missing === true ? word : Math.max(0, word - 1);
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

function interpretBuiltin(draft: Draft, node: OptionNode<Entry>, entry: Extract<Entry, { kind: 'builtin' }>): void {
  const { builtin } = entry;
  const spelled = draft.texts[node.word] ?? '';
  if (node.bang !== -1)
    addProblem(draft, 'negation-not-allowed', node.bang, node.word, `\`${spelled}\` cannot be negated`, {
      says: builtin.kind === 'load' && builtin.name === 'match' ? 'unexpected ! flag before --match' : `cannot have ! before ${spelled}`,
      do:
        builtin.kind === 'load' && builtin.name === 'match'
          ? 'put `!` before the option of the match that is to be negated'
          : 'turn the match round instead: `!` goes before the option of a match',
      fatal: true,
    });
  if (builtin.kind === 'operation') {
    if (draft.operation !== undefined && listsAndZeroes(draft.operation.name, builtin.name)) return;
    if (draft.operation !== undefined) {
      const first = draft.texts[draft.operation.node.word] ?? '';
      addProblem(
        draft,
        'multiple-commands',
        node.word,
        node.word,
        `a second operation, \`${spelled}\`, in one command that already has \`${first}\``,
        {
          says: `Cannot use -${builtin.short ?? ''} with -${BUILTIN_SHORT[draft.operation.name]}`,
          do: 'write one command for each',
          fatal: true,
          labels: [{ span: wordSpan(draft.words, draft.operation.node.word), text: 'the first one' }],
        },
      );
      return;
    }
    draft.operation = { name: builtin.name, node };
    return;
  }
  if (builtin.kind === 'load') {
    if (builtin.name === 'jump') reportGluedArgument(draft, node, '-j');
    const use = entry.loads === undefined ? undefined : draft.uses[entry.loads];
    if (use === undefined) return;
    use.first = Math.min(use.first, node.word);
    use.last = Math.max(use.last, node.arguments[0] ?? node.word);
    return;
  }
  const argument = entry.inline?.text ?? (node.arguments[0] === undefined ? undefined : draft.texts[node.arguments[0]]);
  switch (builtin.name) {
    case 'table':
      if (argument !== undefined) {
        if (draft.context.table !== undefined)
          addProblem(
            draft,
            'restore-structure',
            node.word,
            node.arguments[0] ?? node.word,
            `\`${spelled}\` cannot be used in a dump: the \`*${draft.context.table}\` line above sets the table`,
            {
              says: 'The -t option cannot be used in iptables-restore.',
              do: `put the rule below a line \`*${argument}\``,
              fatal: true,
            },
          );
        draft.table = argument;
        draft.tableWord = node.arguments[0] ?? node.word;
      }
      break;
    case 'set-counters':
      readCounters(draft, node, argument);
      break;
    case 'help':
    case 'version':
      draft.asksNothing = true;
      break;
    case 'ipv4':
    case 'ipv6':
      if ((builtin.name === 'ipv4') !== (draft.context.registry.family === 'ip')) {
        draft.asksNothing = true;
        const restoring = draft.context.start === 0;
        const program = draft.context.registry.family === 'ip' ? 'iptables' : 'ip6tables';
        addProblem(
          draft,
          'family-mismatch',
          node.word,
          node.word,
          restoring
            ? `${program}-restore skips this line without a word: \`${spelled}\` keeps it for the other family`
            : `${program} refuses \`${spelled}\`, which is for the other family`,
          { fatal: false, ...(restoring ? { severity: 'info' } : {}) },
        );
      }
      break;
    default:
      break;
  }
}

/** `-L -Z` is the one pair that goes together; it changes no rules. (iptables 1.8.9: iptables/xshared.c, do_parse) */
function listsAndZeroes(left: OperationName, right: OperationName): boolean {
  const lists = (name: OperationName): boolean => name === 'list' || name === 'list-rules';
  return (left === 'zero' && lists(right)) || (lists(left) && right === 'zero');
}

const BUILTIN_SHORT: Readonly<Record<OperationName, string>> = {
  append: 'A',
  delete: 'D',
  check: 'C',
  insert: 'I',
  replace: 'R',
  list: 'L',
  'list-rules': 'S',
  flush: 'F',
  zero: 'Z',
  'new-chain': 'N',
  'delete-chain': 'X',
  'rename-chain': 'E',
  policy: 'P',
};

/** (netfilter bug 1677: iptables 1.8.8 and 1.8.9 take the whole word for the argument. Measured with 1.8.7, 1.8.9, 1.8.11, 1.8.13.) */
function reportGluedArgument(draft: Draft, node: OptionNode<Entry>, short: string): void {
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
      do: `write \`${written} ${inline.text.trimStart()}\``,
      fatal: false,
      severity: affected === true ? 'error' : 'warning',
      fixes:
        // `-j,` of a sentence has no argument, and a blank between quotes parts nothing.
        joint === undefined || !/[\w*]/.test(inline.text) || (word !== undefined && word.span.end - word.span.start > word.text.length)
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

function readCounters(draft: Draft, node: OptionNode<Entry>, first: string | undefined): void {
  const second = node.arguments[1] === undefined ? undefined : draft.texts[node.arguments[1]];
  const parts: readonly (string | undefined)[] = second === undefined ? (first ?? '').split(',') : [first, second];
  const packets = parts[0];
  const bytes = parts[1];
  if (packets !== undefined && bytes !== undefined && /^\d+$/.test(packets) && /^\d+$/.test(bytes)) {
    draft.counters = { packets: Number(packets), bytes: Number(bytes) };
    return;
  }
  addProblem(draft, 'invalid-value', node.word, node.arguments.at(-1) ?? node.word, '`-c` takes two numbers, packets and bytes', {
    says:
      packets === undefined || bytes === undefined
        ? '-c requires packet and byte counter'
        : `-c ${/^\d+$/.test(packets) ? 'byte' : 'packet'} counter not numeric`,
    fatal: true,
  });
}

function optionSpelling(extension: Extension, name: string): string {
  const spec = (extension.options as Readonly<Record<string, { readonly short?: string }>>)[name];
  return spec?.short === undefined ? `--${name}` : `-${spec.short}`;
}

function readOption(draft: Draft, node: OptionNode<Entry>, use: UseDraft): void {
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
  const module = /^-m \S+ /.exec(meant.words)?.[0] ?? '';
  const argument = node.arguments[0] === undefined ? '' : (draft.texts[node.arguments[0]] ?? '');
  if (!takes(draft, meant.words, argument)) return [];
  const option = meant.words.slice(module.length);
  const edits: [Edit, ...Edit[]] = [{ span: wordSpan(draft.words, node.word), text: bang === -1 ? meant.words : option }];
  if (bang !== -1 && module !== '') {
    const place = wordSpan(draft.words, bang);
    edits.unshift({ span: spanOf(place.source, place.start, place.start), text: module });
  }
  return [{ title: `write \`${meant.words}\``, applicability: meant.applicability, edits }];
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

function isWritten(draft: Draft, number: number): boolean {
  const word = wordAt(draft.words, number);
  return word !== undefined && isWrittenHere(word);
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

/** Words nothing asked for: one finding for each run of them, unless an earlier finding explains them. */
function reportStrays(draft: Draft, tree: CommandTree<Entry>): void {
  if (draft.problems.some((problem) => problem.fatal)) return;
  const strays = tree.nodes.filter((node) => node.kind === 'unknown' && (!node.option || isOpenNode(draft, node)));
  const first = strays[0];
  if (first === undefined) return;
  const words = strays.map((node) => draft.texts[node.word] ?? '');
  const last = strays.at(-1)?.word ?? first.word;
  const unknown = strays.some((node) => {
    const word = wordAt(draft.words, node.word);
    return word !== undefined && isUnknown(word);
  });
  if (draft.operation === undefined && first.word === draft.context.start && HOOKS.some((hook) => hook === words[0])) {
    reportMissingCommand(draft);
    return;
  }
  if (unknown) {
    addProblem(draft, 'unknown-words', first.word, last, `what \`${words.join(' ')}\` adds to the command is only known at run time`, {
      fatal: true,
    });
    return;
  }
  if (
    strays.length === 1 &&
    draft.operation?.name === 'append' &&
    /^\d+$/.test(words[0] ?? '') &&
    draft.operation.node.arguments.includes(first.word - 1)
  ) {
    reportAppendNumber(draft, first.word, words[0] ?? '');
    return;
  }
  addProblem(
    draft,
    'parse-error',
    first.word,
    last,
    words.length === 1
      ? `nothing in the command asks for the word \`${words[0] ?? ''}\``
      : `nothing in the command asks for the words \`${words.join(' ')}\``,
    { says: `Bad argument \`${words[0] ?? ''}'`, do: 'take it out, or put the option it belongs to before it', fatal: true },
  );
}

function reportAppendNumber(draft: Draft, number: number, text: string): void {
  const operation = draft.operation?.node.word ?? number;
  const fixes: Fix[] =
    isWritten(draft, operation) && draft.texts[operation] === '-A'
      ? [{ title: 'write `-I`', applicability: 'unsafe', edits: [{ span: wordSpan(draft.words, operation), text: '-I' }] }]
      : [];
  addProblem(draft, 'rule-number', number, number, `\`-A\` takes no rule number: it adds at the end`, {
    says: `Bad argument \`${text}'`,
    do: `use \`-I\` to insert at place ${text}, or take the number out`,
    fatal: true,
    fixes,
  });
}

function finishUse<E extends Extension>(use: UseDraft, extension: E): Use<E> {
  return { extension, given: use.given, unsettled: use.unsettled, implicit: use.loaded.implicit, first: use.first, last: use.last };
}

function finishRule(draft: Draft): RuleSpec {
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

/** `-I 1 INPUT`: the number and the chain changed places. */
function inOrder(draft: Draft, operation: OperationName, names: readonly Name[]): readonly Name[] {
  const [first, second] = names;
  if (first === undefined || second === undefined || !['insert', 'delete', 'replace'].includes(operation)) return names;
  if (!/^[1-9]\d*$/.test(first.text) || !/^[A-Za-z]/.test(second.text)) return names;
  const writable = first.word !== second.word && [first.word, second.word].every((number) => isWritten(draft, number));
  addProblem(draft, 'rule-number', first.word, second.word, `the chain comes first, then the rule number: \`${second.text} ${first.text}\``, {
    says: `Invalid rule number \`${second.text}'`,
    fatal: false,
    fixes: writable
      ? [
          {
            title: `write \`${second.text} ${first.text}\``,
            applicability: 'safe',
            edits: [
              { span: wordSpan(draft.words, first.word), text: second.text },
              { span: wordSpan(draft.words, second.word), text: first.text },
            ],
          },
        ]
      : [],
  });
  return [second, first];
}

/** A match or target that other kernels have: the rule is read, and iptables itself refuses it. */
function reportForeign(draft: Draft, { word }: Loaded, { kind, name }: Extension): void {
  const origin = foreignOrigin(name);
  if (origin === undefined) return;
  addProblem(draft, kind === 'match' ? 'unknown-match' : 'unknown-target-or-chain', word, word, `iptables has no ${kind} \`${name}\` of its own`, {
    says: `Couldn't load ${kind} \`${name}':No such file or directory`,
    do: `it comes with ${origin}: install it, or do without it`,
    fatal: false,
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

/** Short options that go with `-L` and have no argument. */
const LISTING_LETTERS = /^[nvx]{1,3}$/;

/** `-Ln`: what stands behind `L` in its word is the name of a chain. */
function reportGluedLetters(draft: Draft, chain: Name): void {
  const word = wordAt(draft.words, chain.word);
  const written = draft.texts[chain.word] ?? '';
  const meant = `-${chain.text}${written.charAt(1)}`;
  addProblem(draft, 'unknown-target-or-chain', chain.word, chain.word, `\`${written}\` lists a chain of the name \`${chain.text}\``, {
    says: 'No chain/target/match by that name.',
    do: `write \`${meant}\`: a letter with an argument comes last`,
    fatal: true,
    fixes:
      word !== undefined && isWrittenHere(word) && /^-[LS]/.test(written)
        ? [{ title: `write \`${meant}\``, applicability: 'unsafe', edits: [{ span: word.span, text: meant }] }]
        : [],
  });
}

function finishOperation(draft: Draft, rule: RuleSpec): Operation {
  if (draft.operation === undefined) {
    if (draft.asksNothing) return { kind: 'nothing' };
    if (!draft.problems.some((problem) => problem.fatal && (problem.check === 'missing-argument' || problem.check === 'missing-command')))
      reportMissingCommand(draft);
    return { kind: 'malformed', rule };
  }
  if (draft.asksNothing) return { kind: 'nothing' };
  const { name, node } = draft.operation;
  const inline = node.entry.inline === undefined ? [] : [{ text: node.entry.inline.text, word: node.word }];
  const names: readonly Name[] = [...inline, ...node.arguments.map((word) => ({ text: draft.texts[word] ?? '', word }))];
  const [chain, second] = inOrder(draft, name, names);
  const lists = name === 'list' || name === 'list-rules';
  const position = (): number | undefined => {
    if (second === undefined) return undefined;
    const number = /^\d+$/.test(second.text) ? Number(second.text) : 0;
    if (number >= 1) return number;
    const word = wordAt(draft.words, second.word);
    if (word !== undefined && isUnknown(word)) {
      addProblem(draft, 'unknown-words', second.word, second.word, `which rule \`${second.text}\` is the number of is only known at run time`, {
        fatal: true,
      });
      return undefined;
    }
    const flags = lists && LISTING_LETTERS.test(second.text);
    addProblem(draft, 'rule-number', second.word, second.word, `\`${second.text}\` is no rule number; they count from 1`, {
      says: `Invalid rule number \`${second.text}'`,
      ...(flags ? { do: `did you mean \`-${second.text}\`?` } : {}),
      fatal: true,
      fixes:
        flags && word !== undefined && isWrittenHere(word)
          ? [{ title: `write \`-${second.text}\``, applicability: 'unsafe', edits: [{ span: word.span, text: `-${second.text}` }] }]
          : [],
    });
    return undefined;
  };
  switch (name) {
    case 'list':
    case 'list-rules': {
      if (chain !== undefined && chain.word === node.word && LISTING_LETTERS.test(chain.text)) reportGluedLetters(draft, chain);
      const number = position();
      return { kind: 'list', ...(chain === undefined ? {} : { chain }), ...(number === undefined ? {} : { position: number }) };
    }
    case 'zero': {
      const number = position();
      return { kind: 'zero', ...(chain === undefined ? {} : { chain }), ...(number === undefined ? {} : { position: number }) };
    }
    case 'flush':
      return { kind: 'flush', ...(chain === undefined ? {} : { chain }) };
    case 'delete-chain':
      return { kind: 'deleteChain', ...(chain === undefined ? {} : { chain }) };
    default:
      break;
  }
  if (chain === undefined) return { kind: 'malformed', rule };
  switch (name) {
    case 'append':
      return { kind: 'append', chain, rule };
    case 'check':
      return { kind: 'check', chain, rule };
    case 'insert':
      return { kind: 'insert', chain, position: position() ?? 1, rule };
    case 'delete': {
      if (second === undefined) return { kind: 'delete', chain, rule };
      return { kind: 'deleteNumber', chain, position: position() ?? 1 };
    }
    case 'replace': {
      if (second === undefined)
        addProblem(draft, 'rule-number', node.word, chain.word, '`-R` needs the number of the rule it replaces', {
          says: '-R requires a rule number',
          fatal: true,
        });
      return { kind: 'replace', chain, position: position() ?? 1, rule };
    }
    case 'new-chain':
      return { kind: 'newChain', chain };
    case 'rename-chain':
      if (second === undefined) {
        addProblem(draft, 'missing-argument', node.word, chain.word, '`-E` needs the old name and the new one', {
          says: '-E requires old-chain-name and new-chain-name',
          fatal: true,
        });
        return { kind: 'malformed', rule };
      }
      return { kind: 'renameChain', chain, to: second };
    case 'policy':
      if (second === undefined) {
        addProblem(draft, 'missing-argument', node.word, chain.word, '`-P` needs a chain and a policy', {
          says: '-P requires a chain and a policy',
          fatal: true,
        });
        return { kind: 'malformed', rule };
      }
      return { kind: 'policy', chain, policy: second, ...(draft.counters === undefined ? {} : { counters: draft.counters }) };
    default:
      return { kind: 'malformed', rule };
  }
}

/** Chains, tables and targets that a variable names which only the run knows: the command cannot be placed. */
function reportUnknownNames(draft: Draft, operation: Operation, rule: RuleSpec): void {
  const names: Name[] = [];
  if ('chain' in operation) names.push(operation.chain);
  if ('to' in operation) names.push(operation.to);
  if ('policy' in operation) names.push(operation.policy);
  if (draft.tableWord !== undefined) names.push({ text: draft.table, word: draft.tableWord });
  if (rule.action?.kind === 'chain') names.push(rule.action.name);
  for (const name of names) {
    const word = wordAt(draft.words, name.word);
    if (word === undefined || !isUnknown(word)) continue;
    addProblem(draft, 'unknown-words', name.word, name.word, `what \`${word.text}\` stands for here is only known at run time`, { fatal: true });
    return;
  }
}

const RULE_OPERATIONS: ReadonlySet<string> = new Set(['append', 'insert', 'replace', 'delete', 'check', 'malformed']);

/** Options that iptables refuses with this operation. (iptables 1.8.9: iptables/xshared.c, commands_v_options) */
function reportMisplacedOptions(draft: Draft, tree: CommandTree<Entry>, operation: Operation): void {
  if (operation.kind === 'nothing' || draft.operation === undefined) return;
  const takesRule = RULE_OPERATIONS.has(operation.kind);
  const lists = operation.kind === 'list';
  const spelled = draft.texts[draft.operation.node.word] ?? '';
  for (const node of tree.nodes) {
    if (node.kind !== 'option') continue;
    const { entry } = node;
    const listing =
      entry.kind === 'builtin' && (entry.builtin.name === 'numeric' || entry.builtin.name === 'exact' || entry.builtin.name === 'line-numbers');
    const ofRule = entry.kind !== 'builtin' || entry.builtin.kind === 'load';
    if (!(listing && !lists) && !(ofRule && !takesRule)) continue;
    const first = node.bang === -1 ? node.word : Math.min(node.bang, node.word);
    const last = node.arguments.at(-1) ?? node.word;
    const option = draft.texts[node.word] ?? '';
    const short = /^-[nx]$/.test(option) || option === '--numeric' || option === '--exact' || option === '--line-numbers';
    const span = wordSpan(draft.words, node.word);
    addProblem(draft, 'misplaced-option', first, last, `\`${option}\` does not go with \`${spelled}\``, {
      says: `Illegal option \`${entry.kind === 'builtin' && entry.builtin.name === 'line-numbers' ? '-0' : option}' with this command`,
      do: listing
        ? 'it only changes how rules are listed: take it out'
        : `\`${spelled}\` takes no rule: take it out, or write \`-A\` if a rule is to be added`,
      fatal: !(listing && takesRule),
      fixes:
        listing && short && isWritten(draft, node.word)
          ? [{ title: `take \`${option}\` out`, applicability: 'safe', edits: [{ span: withBlankBefore(span), text: '' }] }]
          : [],
    });
    return;
  }
}

/** The span and the blanks in front of it, for deletion. */
function withBlankBefore(span: Span): Span {
  let { start } = span;
  while (start > 0 && /[ \t]/.test(span.source.text.charAt(start - 1))) start -= 1;
  return spanOf(span.source, start, span.end);
}

function reportMissingCommand(draft: Draft): void {
  const { words, context } = draft;
  const first = Math.min(context.start, Math.max(0, wordCount(words) - 1));
  const place = wordSpan(words, first);
  const chain = HOOKS.find((hook) => hook === draft.texts[context.start]);
  const inserted = chain === undefined ? '-A INPUT' : '-A';
  const isRule = chain !== undefined || /^(?:!|--?[A-Za-z])/.test(draft.texts[context.start] ?? '');
  const writable = isRule && wordCount(words) > context.start && isWritten(draft, first);
  addProblem(draft, 'missing-command', Math.max(0, context.start - 1), first, 'the command does not say what to do with the rule: no -A, -I, -D …', {
    says: chain === undefined ? 'no command specified' : `Bad argument \`${chain}'`,
    do: chain === undefined ? 'say which chain it goes to, for instance `-A INPUT`' : `write \`-A ${chain}\``,
    fatal: true,
    fixes: writable
      ? [
          {
            title: `insert \`${inserted}\``,
            applicability: 'unsafe',
            edits: [{ span: spanOf(place.source, place.start, place.start), text: `${inserted} ` }],
          },
        ]
      : [],
  });
}

function checkRule(draft: Draft, operation: Operation, rule: RuleSpec): void {
  if (!('rule' in operation)) return;
  const chain = 'chain' in operation ? operation.chain.text : undefined;
  const protocol = draft.base.given['protocol'];
  const ruleContext: RuleContext = {
    family: draft.context.registry.family,
    table: draft.table,
    target: draft.context.target,
    ...(protocol === undefined ? {} : { protocol: protocol.value as number, protocolNegated: protocol.negated, protocolWord: protocol.word }),
    ...(chain === undefined ? {} : { chain }),
  };
  checkInterfaceDirection(draft, chain);
  checkUse(draft, rule.base, ruleContext);
  for (const use of rule.matches) checkUse(draft, use, ruleContext);
  if (rule.action?.kind === 'target') checkUse(draft, rule.action.use, ruleContext);
}

function checkInterfaceDirection(draft: Draft, chain: string | undefined): void {
  const wrong: readonly (readonly [string, string, readonly string[]])[] = [
    ['out-interface', '-o', ['INPUT', 'PREROUTING']],
    ['in-interface', '-i', ['OUTPUT', 'POSTROUTING']],
  ];
  for (const [name, spelling, chains] of wrong) {
    const given = draft.base.given[name];
    if (given === undefined || chain === undefined || !chains.includes(chain)) continue;
    addProblem(
      draft,
      'interface-direction',
      given.word,
      given.argument,
      `packets in ${chain} have no ${name === 'out-interface' ? 'outgoing' : 'incoming'} interface yet: \`${spelling}\` cannot be used there`,
      {
        says: `Can't use ${spelling} with ${chain}`,
        do: name === 'out-interface' ? 'use -i, or another chain' : 'use -o, or another chain',
        fatal: true,
      },
    );
  }
}

function checkUse(draft: Draft, use: Use, context: RuleContext): void {
  const { extension, given } = use;
  const name = extension.name === '' ? 'the rule' : extension.kind === 'match' ? `-m ${extension.name}` : `-j ${extension.name}`;
  if (
    extension.protocols !== undefined &&
    !draft.base.unsettled.includes('protocol') &&
    (context.protocol === undefined || context.protocolNegated === true || !extension.protocols.includes(context.protocol))
  ) {
    // `-p` twice: which of them the match goes with is not the question.
    if (draft.problems.some((problem) => problem.check === 'repeated-option')) return;
    const wanted = extension.protocols.map((number) => `\`-p ${protocolName(number) ?? String(number)}\``).join(' or ');
    const written = context.protocol === undefined ? '' : `-p ${protocolName(context.protocol) ?? String(context.protocol)}`;
    addProblem(
      draft,
      context.protocol === undefined ? 'ports-without-protocol' : 'protocol-mismatch',
      use.first,
      use.last,
      context.protocol === undefined
        ? `\`${name}\` needs ${wanted}`
        : `\`${name}\` needs ${wanted}, and ${context.protocolNegated === true ? `\`! ${written}\` will not do` : `the rule has \`${written}\``}`,
      {
        why: `the kernel says: ${extension.name} ${extension.kind}: only valid for protocol ${String(extension.protocols[0])}`,
        do: `write ${wanted} before it`,
        fatal: true,
      },
    );
    return;
  }
  if (refusesPlace(draft, use, name, context)) return;
  for (const constraint of (extension.constraints ?? []) as readonly Constraint<Readonly<Record<string, unknown>>>[])
    checkConstraint(draft, use, name, constraint, given, context);
}

/** Whether the kernel refuses the extension in this table or built-in chain. (kernel: net/netfilter/x_tables.c, xt_check_match and xt_check_target) */
function refusesPlace(draft: Draft, use: Use, name: string, context: RuleContext): boolean {
  const { extension } = use;
  // A table or chain that is not there is a finding of its own.
  const chains = Object.hasOwn(TABLE_CHAINS, context.table) ? (TABLE_CHAINS[context.table] ?? []) : [];
  if (chains.length === 0 || (HOOKS.some((hook) => hook === context.chain) && !chains.some((hook) => hook === context.chain))) return false;
  const module = `x_tables: ${context.family === 'ip' ? 'ip' : 'ip6'}_tables: ${extension.name} ${extension.kind}`;
  if (extension.tables !== undefined && !extension.tables.includes(context.table)) {
    const tables = extension.tables.join(' or ');
    addProblem(
      draft,
      extension.kind === 'match' ? 'match-not-in-hook' : 'target-not-in-table',
      use.first,
      use.last,
      `\`${name}\` only works in the ${tables} table`,
      {
        why: `the kernel says: ${module}: only valid in ${extension.tables[0] ?? ''} table, not ${context.table}`,
        do: `put the rule into the ${tables} table`,
        fatal: true,
      },
    );
    return true;
  }
  const { hooks } = extension;
  if (hooks === undefined || !HOOKS.some((hook) => hook === context.chain) || hooks.some((hook) => hook === context.chain)) return false;
  addProblem(draft, `${extension.kind}-not-in-hook`, use.first, use.last, `\`${name}\` does not work in ${context.chain ?? ''}`, {
    why: `the kernel says: ${module}: used from hooks ${context.chain ?? ''}, but only ${extension.kind === 'match' ? 'valid' : 'usable'} from ${hooks.join('/')}`,
    do: `it works in ${hooks.join(', ')}`,
    fatal: true,
  });
  return true;
}

function checkConstraint(
  draft: Draft,
  use: Use,
  name: string,
  constraint: Constraint<Readonly<Record<string, unknown>>>,
  given: Readonly<Record<string, Given>>,
  context: RuleContext,
): void {
  const has = (option: string): boolean => Object.hasOwn(given, option) || use.unsettled.includes(option);
  const spell = (option: string): string => `\`${optionSpelling(use.extension, option)}\``;
  const place = (option: string): readonly [number, number] => {
    const found = given[option];
    return found === undefined ? [use.first, use.last] : [found.word, Math.max(found.word, found.argument)];
  };
  const prefix = use.extension.name === '' ? '' : `${use.extension.name}: `;
  switch (constraint.kind) {
    case 'exactlyOne':
    case 'atLeastOne': {
      const present = constraint.of.filter(has);
      if (present.length === 0)
        addProblem(
          draft,
          constraint.check ?? 'missing-required-option',
          use.first,
          use.last,
          `\`${name}\` needs ${constraint.of.length === 1 ? '' : constraint.kind === 'exactlyOne' ? 'one of ' : 'at least one of '}${constraint.of.map(spell).join(', ')}`,
          {
            ...(constraint.says === undefined ? {} : { says: constraint.says }),
            fatal: true,
          },
        );
      const [first, second] = present;
      if (constraint.kind === 'exactlyOne' && first !== undefined && second !== undefined) {
        const [from, to] = place(second);
        addProblem(draft, constraint.check ?? 'excluded-option', from, to, `${spell(first)} and ${spell(second)} exclude each other`, {
          says: `${prefix}option "${optionSpelling(use.extension, first)}" cannot be used together with "${optionSpelling(use.extension, second)}".`,
          do: 'use two matches (`-m` twice) or two rules',
          fatal: true,
        });
      }
      return;
    }
    case 'needs': {
      if (!has(constraint.option) || has(constraint.other)) return;
      const [from, to] = place(constraint.option);
      addProblem(draft, constraint.check ?? 'missing-required-option', from, to, `${spell(constraint.option)} needs ${spell(constraint.other)}`, {
        says:
          constraint.says ??
          `${prefix}option "${optionSpelling(use.extension, constraint.option)}" also requires "${optionSpelling(use.extension, constraint.other)}".`,
        fatal: true,
      });
      return;
    }
    case 'excludes': {
      const other = constraint.others.find(has);
      if (!has(constraint.option) || other === undefined) return;
      const [from, to] = place(constraint.option);
      addProblem(draft, constraint.check ?? 'excluded-option', from, to, `${spell(constraint.option)} and ${spell(other)} exclude each other`, {
        says:
          constraint.says ??
          `${prefix}option "${optionSpelling(use.extension, constraint.option)}" cannot be used together with "${optionSpelling(use.extension, other)}".`,
        fatal: true,
      });
      return;
    }
    case 'refuses': {
      if (use.unsettled.length > 0 || !possibleContexts(draft, context).every((possible) => constraint.when(given, possible))) return;
      const [from, to] = constraint.at === undefined ? [use.first, use.last] : place(constraint.at);
      addProblem(draft, constraint.check ?? 'excluded-option', from, to, constraint.message, {
        ...(constraint.says === undefined
          ? {}
          : constraint.by === 'kernel'
            ? { why: `the kernel says: ${constraint.says}` }
            : { says: constraint.says }),
        ...(constraint.do === undefined ? {} : { do: constraint.do }),
        fatal: true,
      });
    }
  }
}

/** tcp, udp, icmp, sctp: what an extension demands of the protocol, one of them fulfils. */
const POSSIBLE_PROTOCOLS = [6, 17, 1, 132];

/** What the context may be at run time, where a variable stands for the protocol. */
function possibleContexts(draft: Draft, context: RuleContext): readonly RuleContext[] {
  if (!draft.base.unsettled.includes('protocol')) return [context];
  return POSSIBLE_PROTOCOLS.map((protocol) => ({ ...context, protocol, protocolNegated: false }));
}

interface ProblemOptions {
  readonly severity?: Severity;
  readonly says?: string;
  readonly why?: string;
  readonly do?: string;
  readonly fatal: boolean;
  readonly fixes?: readonly Fix[];
  readonly labels?: readonly { readonly span: Span; readonly text: string }[];
}

/** A name that is nearly a well-known one is likely a slip. */
function meantName(draft: Draft, node: OptionNode<Entry>, argument: number, last: number, meant: string): Partial<ProblemOptions> {
  return {
    severity: 'warning',
    do: `did you mean \`${meant}\`?`,
    fixes: replaceArgument(draft, node, argument, last, { text: meant, title: `write \`${meant}\``, applicability: 'unsafe' }),
  };
}

/** Problems of one command that are kept; nobody reads more, and looking through them must not take longer the longer a command is. */
const MOST_PROBLEMS = 200;

function addProblem(draft: Draft, check: string, first: number, last: number, message: string, options: ProblemOptions): void {
  if (draft.problems.length >= MOST_PROBLEMS) return;
  const notes: Note[] = [];
  const program = draft.context.registry.family === 'ip' ? 'iptables' : 'ip6tables';
  if (options.why !== undefined) notes.push({ kind: 'why', text: options.why });
  if (options.says !== undefined) notes.push({ kind: 'why', text: `${program} says: ${options.says}` });
  if (options.do !== undefined) notes.push({ kind: 'do', text: options.do });
  draft.problems.push({
    check,
    message,
    at: wordsSpan(draft.words, first, last),
    fatal: options.fatal,
    notes,
    ...(options.severity === undefined ? {} : { severity: options.severity }),
    ...(options.fixes === undefined || options.fixes.length === 0 ? {} : { fixes: options.fixes }),
    ...(options.labels === undefined || options.labels.length === 0 ? {} : { labels: options.labels }),
  });
}
