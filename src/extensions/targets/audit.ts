/** `-j AUDIT`: writes a record to the audit log. */

import { defineTarget, exact, value, type ValueResult, type ValueType } from '../define.js';
import { shown } from '../values/number.js';

const KINDS = ['accept', 'drop', 'reject'];

/** Whatever its capitals. The kernel has written the kind into no record since 4.12. */
const recordKind: ValueType<string> = {
  name: 'kind of record',
  read: (text): ValueResult<string> => {
    const kind = text.toLowerCase();
    if (KINDS.includes(kind)) return { kind: 'read', value: kind };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no kind of audit record`,
      says: `Bad action type value "${text}"`,
      do: `give one of ${KINDS.join(', ')}`,
    };
  },
  print: (kind) => kind,
};

export default defineTarget({
  name: 'AUDIT',
  summary: 'writes a record to the audit log',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options: { type: value(recordKind) },
  constraints: [{ kind: 'atLeastOne', of: ['type'], says: 'AUDIT: option "--type" must be specified' }],
  toNft: () => exact([{ kind: 'log', level: 'audit' }]),
});
