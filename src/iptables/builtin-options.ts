/** Options of iptables itself that are no part of a rule: operations, `-t`, `-c`, `-4`, `-j` and `-m` as words. */

import type { OptionNode } from '../../grammar/iptables/ast.js';
import { programOfFamily } from '../extensions/define.js';
import { protocolNumber } from '../net/protocols.js';
import { withBlanks } from '../text/source.js';
import { wordSpan, wordsSpan } from '../text/word.js';
import type { OperationName } from './builtin.js';
import type { Entry } from './classify.js';
import { addProblem, isWritten, type Draft } from './draft.js';
import { reportGluedArgument } from './read-option.js';

/** Notes what an option of iptables itself says: the operation, the table, counters. */
export function interpretBuiltin(draft: Draft, node: OptionNode<Entry>, entry: Extract<Entry, { kind: 'builtin' }>): void {
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
      const small = smallLetter(draft, node);
      addProblem(
        draft,
        'multiple-commands',
        node.word,
        node.word,
        `a second operation, \`${spelled}\`, in one command that already has \`${first}\``,
        {
          says: `Cannot use -${builtin.short ?? ''} with -${BUILTIN_SHORT[draft.operation.name]}`,
          do: small === undefined ? 'write one command for each' : `write \`${small}\`, in a small letter`,
          fatal: true,
          fixes:
            small !== undefined && isWritten(draft, node.word)
              ? [{ title: `write \`${small}\``, applicability: 'unsafe', edits: [{ span: wordSpan(draft.words, node.word), text: small }] }]
              : [],
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
    case 'wait':
    case 'wait-interval':
      if (draft.context.table !== undefined) reportWaitInDump(draft, node, builtin.name === 'wait' ? '-w' : '-W');
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
        const program = programOfFamily(draft.context.registry.family);
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

/** (iptables 1.8.9, legacy and nft: `-w` is an option of iptables-restore itself, not of its lines) */
function reportWaitInDump(draft: Draft, node: OptionNode<Entry>, short: string): void {
  const spelled = draft.texts[node.word] ?? '';
  const last = node.arguments[0] ?? node.word;
  const span = wordsSpan(draft.words, node.word, last);
  addProblem(draft, 'restore-structure', node.word, last, `\`${spelled}\` cannot be used in a dump: iptables-restore is called with it`, {
    says: `You cannot use \`${short}' from iptables-restore`,
    do: `take it out, and call \`iptables-restore ${short}\``,
    fatal: true,
    fixes:
      isWritten(draft, node.word) && isWritten(draft, last)
        ? [{ title: `take \`${spelled}\` out`, applicability: 'safe', edits: [{ span: withBlanks(span), text: '' }] }]
        : [],
  });
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

/** Names that interfaces of Linux have and chains have not. */
const INTERFACE = /^(?:(?:eth|en[ops]|wl|wlan|ppp|tun|tap|br|wg|vlan|bond|venet|docker|virbr)[\w.-]*\d[\w.-]*\+?|[a-z]+\+|lo)$/;

/** The option that was meant by a second operation whose argument is no chain: `-A INPUT -I eth1`, `-A INPUT -P udp`. */
function smallLetter(draft: Draft, node: OptionNode<Entry>): string | undefined {
  const argument = draft.texts[node.arguments[0] ?? -1] ?? '';
  const spelled = draft.texts[node.word];
  if (spelled === '-I' && INTERFACE.test(argument)) return '-i';
  return spelled === '-P' && protocolNumber(argument) !== undefined ? '-p' : undefined;
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
