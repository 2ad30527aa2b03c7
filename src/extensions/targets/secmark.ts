/** `-j SECMARK`: gives the packet a security context of SELinux. */

import { meta, string } from '../../nft/build.js';
import { defineTarget, exact, value, type ValueType } from '../define.js';

const securityContext: ValueType<string> = { name: 'security context', read: (text) => ({ kind: 'read', value: text }), print: (text) => text };

export default defineTarget({
  name: 'SECMARK',
  summary: 'gives the packet a security context of SELinux',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['mangle', 'security'],
  options: { selctx: value(securityContext) },
  constraints: [{ kind: 'atLeastOne', of: ['selctx'], says: 'SECMARK: option "--selctx" must be specified' }],
  toNft: (given, context) => {
    const text = given.selctx?.value ?? '';
    const key = `secmark ${text}`;
    const before = context.shared?.get(key) as string | undefined;
    const name = before ?? context.freeName(`secmark_${text.split(':')[2]?.replace(/[^A-Za-z0-9_]/g, '_') ?? 'context'}`);
    context.shared?.set(key, name);
    const statement = { kind: 'assign', to: meta('secmark'), value: string(name) } as const;
    return exact([statement], before === undefined ? { objects: [{ kind: 'secmark', name, context: text }] } : {});
  },
});
