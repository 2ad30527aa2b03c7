/** Words of a command that nothing asks for. */

import type { CommandNode, CommandTree } from '../../grammar/iptables/ast.js';
import type { Fix } from '../diagnostics/diagnostic.js';
import { isUnknown, wordAt, wordSpan } from '../text/word.js';
import { HOOKS } from './builtin.js';
import type { Entry } from './classify.js';
import { addProblem, isWritten, type Draft } from './draft.js';
import { reportMissingCommand } from './operation.js';

/** Whether a node is a word that may turn out to be any options: `$MATCH`, `-$OPTION`. */
export function isOpenNode(draft: Draft, node: CommandNode<Entry>): boolean {
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

/** Words nothing asked for: one finding for each run of them, unless an earlier finding explains them. */
export function reportStrays(draft: Draft, tree: CommandTree<Entry>): void {
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
  const operation = lostDash(draft, first.word);
  if (operation !== undefined) {
    reportLostDash(draft, first.word, operation);
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

/** The operation that is meant by the first word of a command: `iptables A INPUT …`. */
function lostDash(draft: Draft, number: number): string | undefined {
  const text = draft.texts[number] ?? '';
  if (draft.operation !== undefined || number !== draft.context.start || !HOOKS.some((hook) => hook === draft.texts[number + 1])) return undefined;
  if (/^[ADIRCNPFLSZ]$/.test(text)) return `-${text}`;
  return /^(?:append|delete|insert|policy|flush|list)$/.test(text) ? `--${text}` : undefined;
}

function reportLostDash(draft: Draft, number: number, operation: string): void {
  const text = draft.texts[number] ?? '';
  addProblem(draft, 'missing-command', number, number, `\`${text}\` has no dash before it`, {
    says: `Bad argument \`${text}'`,
    do: `write \`${operation}\``,
    fatal: true,
    fixes: isWritten(draft, number)
      ? [{ title: `write \`${operation}\``, applicability: 'unsafe', edits: [{ span: wordSpan(draft.words, number), text: operation }] }]
      : [],
  });
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
