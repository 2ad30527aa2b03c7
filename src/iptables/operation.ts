/** What a command asks for: `-A CHAIN`, `-I CHAIN 3`, `-P CHAIN ACCEPT` and the others, and what does not go with it. */

import type { CommandTree } from '../../grammar/iptables/ast.js';
import { spanOf, withBlanks } from '../text/source.js';
import { isUnknown, isWrittenHere, wordAt, wordCount, wordSpan } from '../text/word.js';
import { HOOKS, type OperationName } from './builtin.js';
import type { Entry } from './classify.js';
import type { Name, Operation, ReadProblem, RuleSpec } from './command.js';
import { addProblem, isWritten, type Draft } from './draft.js';

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

/** Whether a command says nothing to do because of a problem: the option that should is refused, or the first word is a stray one. */
function explainsMissingCommand({ words, context }: Draft, { check, at }: ReadProblem): boolean {
  if (check === 'parse-error') return wordCount(words) > context.start && at.start === wordSpan(words, context.start).start;
  return check === 'missing-argument' || check === 'missing-command';
}

/** The operation with its chain, number and rule; `malformed` where a part is missing. */
export function finishOperation(draft: Draft, rule: RuleSpec): Operation {
  if (draft.operation === undefined) {
    if (draft.asksNothing) return { kind: 'nothing' };
    if (!draft.problems.some((problem) => problem.fatal && explainsMissingCommand(draft, problem))) reportMissingCommand(draft);
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
          ...(rule.action === undefined ? {} : { do: 'write the policy right behind the chain, without `-j`: `-P INPUT DROP`' }),
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
export function reportUnknownNames(draft: Draft, operation: Operation, rule: RuleSpec): void {
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
export function reportMisplacedOptions(draft: Draft, tree: CommandTree<Entry>, operation: Operation): void {
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
          ? [{ title: `take \`${option}\` out`, applicability: 'safe', edits: [{ span: withBlanks(span), text: '' }] }]
          : [],
    });
    return;
  }
}

/** A rule without `-A`, `-I` …; the repair puts one before it. */
export function reportMissingCommand(draft: Draft): void {
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
