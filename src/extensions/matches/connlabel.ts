/** `-m connlabel`: a label of the connection, of 128 there can be. */

import { ct, match, number } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineMatch, exact, flag, value, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber } from '../values/number.js';

/** (kernel: include/net/netfilter/nf_conntrack_labels.h, XT_CONNLABEL_MAXBIT) */
const LAST_LABEL = 127;

/** A number, or a name from connlabel.conf. (iptables: extensions/libxt_connlabel.c, connlabel_mt_parse) */
const label: ValueType<number> = {
  name: 'label of a connection',
  free: true,
  saveQuotes: 'always',
  read: (text): ValueResult<number> => {
    if (text === '')
      return { kind: 'refused', by: 'iptables', message: 'the label is empty', says: 'Argument must have a minimum length of 1 characters' };
    const found = leadingNumber(text, 0, 0xffff);
    if (found?.rest !== '') return { kind: 'unresolved', what: `connection label \`${text}\`` };
    if (found.value <= LAST_LABEL) return { kind: 'read', value: found.value };
    return { kind: 'refused', by: 'kernel', message: `labels go up to ${String(LAST_LABEL)}, not ${text}`, says: 'Numerical result out of range' };
  },
  print: String,
};

export default defineMatch({
  name: 'connlabel',
  summary: 'label of the connection',
  families: ['ip', 'ip6'],
  options: { label: value(label, { invertible: true }), set: flag() },
  constraints: [{ kind: 'atLeastOne', of: ['label'], says: 'connlabel: option "--label" must be specified' }],
  // Packets without a connection have no label, and pass with `!`. (kernel: net/netfilter/xt_connlabel.c, connlabel_mt)
  toNft: (given) => {
    if (given.label === undefined) return exact([]);
    const labelExpr = number(given.label.value);
    const statements: Statement[] = [match(ct('label'), labelExpr)];
    if (given.set !== undefined) statements.unshift({ kind: 'assign', to: ct('label'), value: labelExpr });
    return exact(given.label.negated ? [{ kind: 'unless', alternatives: [statements] }] : statements);
  },
});
