/** Users and groups of sockets: a number, a range of them, or a name. */

import { number, range, string } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import type { ValueResult, ValueType } from '../define.js';
import { leadingNumber, shown } from './number.js';

/** Both ends are included, 0 to 4294967294. A name is looked up on the host that loads the rules. */
export type Owner = { readonly from: number; readonly to: number } | { readonly name: string };

/** The number above stands for nobody. (kernel: include/linux/uidgid.h, uid_valid) */
const LARGEST = 0xfffffffe;

/** (iptables: extensions/libxt_owner.c, owner_parse_range) */
function readNumbers(text: string): { readonly from: number; readonly to: number } | undefined {
  const from = leadingNumber(text, 0, LARGEST);
  if (from === undefined) return undefined;
  if (from.rest === '') return { from: from.value, to: from.value };
  if (!/^[-:]/.test(from.rest)) return undefined;
  const to = leadingNumber(from.rest.slice(1), 0, LARGEST);
  return to?.rest === '' ? { from: from.value, to: to.value } : undefined;
}

/** The argument of `--uid-owner` and `--gid-owner`. A range may end before it begins; the kernel refuses it. */
export function owner(option: 'uid-owner' | 'gid-owner'): ValueType<Owner> {
  const what = option === 'uid-owner' ? 'user' : 'group';
  return {
    name: `${what} or range of ${what}s`,
    read: (text): ValueResult<Owner> => {
      if (text === 'root') return { kind: 'read', value: { from: 0, to: 0 } };
      const numbers = readNumbers(text);
      if (numbers !== undefined) return { kind: 'read', value: numbers };
      if (/^[A-Za-z_][\w.@-]*\$?$/.test(text))
        return {
          kind: 'read',
          value: { name: text },
          changed: {
            check: 'unresolved-name',
            message: `which ${what} \`${text}\` is, is looked up on the host that loads the rules`,
            becomes: text,
          },
        };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is no ${what}: a name, a number of 0 to ${String(LARGEST)}, or a range with \`-\``,
        says: `owner: Bad value for "--${option}" option: "${text}"`,
      };
    },
    print: printOwner,
  };
}

function printOwner(given: Owner): string {
  if ('name' in given) return given.name;
  return given.from === given.to ? String(given.from) : `${String(given.from)}-${String(given.to)}`;
}

/** An owner in nft, which looks names up when it loads the rules. */
export function ownerExpr(given: Owner): Expr {
  if ('name' in given) return string(given.name);
  return given.from === given.to ? number(given.from) : range(number(given.from), number(given.to));
}
