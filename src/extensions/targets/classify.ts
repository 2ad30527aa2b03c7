/** `-j CLASSIFY`: puts the packet into a class of a queueing discipline. */

import { meta, symbol } from '../../nft/build.js';
import { defineTarget, exact, value, type ValueResult, type ValueType } from '../define.js';
import { shown } from '../values/number.js';

/** The two halves of a class id, 0 to 0xffff each. */
interface ClassId {
  readonly major: number;
  readonly minor: number;
}

const digits = (half: number): string => half.toString(16).padStart(4, '0');

/** `MAJOR:MINOR`, both hexadecimal; what does not fit is cut off. (iptables: extensions/libxt_CLASSIFY.c, CLASSIFY_string_to_priority) */
const classId: ValueType<ClassId> = {
  name: 'class id',
  read: (text): ValueResult<ClassId> => {
    const found = /^\s*([+-]?)(?:0[xX])?([0-9a-fA-F]+):\s*([+-]?)(?:0[xX])?([0-9a-fA-F]+)/.exec(text);
    if (found === null)
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is no class id`,
        says: `Bad class value "${text}"`,
        do: 'give two hexadecimal numbers with `:` between, such as 1:10',
      };
    const half = (sign: string, number: string): number => Number(BigInt.asUintN(16, sign === '-' ? -BigInt(`0x${number}`) : BigInt(`0x${number}`)));
    const id = { major: half(found[1] ?? '', found[2] ?? '0'), minor: half(found[3] ?? '', found[4] ?? '0') };
    const plain = found[1] === '' && found[3] === '' && [found[2], found[4]].every((number) => (number ?? '').replace(/^0+/, '').length <= 4);
    if (plain && found[0].length === text.length) return { kind: 'read', value: id };
    const becomes = `${digits(id.major)}:${digits(id.minor)}`;
    return {
      kind: 'read',
      value: id,
      changed: {
        check: 'invalid-value',
        message: `\`${text}\` is no class id, but iptables takes it for ${becomes}`,
        becomes,
        repair: { text: becomes, title: `write ${becomes}`, applicability: 'safe' },
      },
    };
  },
  print: (id) => `${digits(id.major)}:${digits(id.minor)}`,
};

export default defineTarget({
  name: 'CLASSIFY',
  summary: 'puts the packet into a class of a queueing discipline',
  families: ['ip', 'ip6'],
  flow: 'continues',
  hooks: ['FORWARD', 'OUTPUT', 'POSTROUTING'],
  options: { 'set-class': value(classId) },
  constraints: [{ kind: 'atLeastOne', of: ['set-class'], says: 'CLASSIFY: option "--set-class" must be specified' }],
  toNft: (given) => {
    const id = given['set-class']?.value;
    return exact(
      id === undefined ? [] : [{ kind: 'assign', to: meta('priority'), value: symbol(`${id.major.toString(16)}:${id.minor.toString(16)}`) }],
    );
  },
});
