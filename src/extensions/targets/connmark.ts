/** `-j CONNMARK`: changes the mark of the connection, or copies it to or from the mark of the packet. */

import { binary, compare, ct, hex, jump, meta, number } from '../../nft/build.js';
import type { Expr, NftChain, NftRule, Statement } from '../../nft/ir.js';
import { compareVersions, defineTarget, exact, flag, value, type Given, type GivenOf, type Lowering, type NftContext } from '../define.js';
import { ALL_BITS, assignBits, bits, changedBits, hexText, markAndMask, without, type MarkAndMask } from '../values/mark.js';
import { wholeNumber } from '../values/number.js';

const place = (option: string): { extension: string; option: string } => ({ extension: 'CONNMARK', option });

const options = {
  'set-xmark': value(markAndMask(place('set-xmark'))),
  'set-mark': value(markAndMask(place('set-mark'))),
  'and-mark': value(bits(place('and-mark'))),
  'or-mark': value(bits(place('or-mark'))),
  'xor-mark': value(bits(place('xor-mark'))),
  'save-mark': flag(),
  'restore-mark': flag(),
  nfmask: value(bits(place('nfmask'))),
  ctmask: value(bits(place('ctmask'))),
  mask: value(bits(place('mask'))),
  'left-shift-mark': value(wholeNumber('number of bits', 0, 32, place('left-shift-mark'))),
  'right-shift-mark': value(wholeNumber('number of bits', 0, 32, place('right-shift-mark'))),
};

const MODES = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark', 'save-mark', 'restore-mark'] as const;

/** What the kernel keeps of the options. `shift`: bits to the left, negative to the right. */
interface Change {
  readonly mode: 'set' | 'save' | 'restore';
  readonly ctmark: number;
  readonly ctmask: number;
  readonly nfmask: number;
  readonly shift: number;
}

/** The options write into the same fields one after the other. (iptables: extensions/libxt_CONNMARK.c, connmark_tg_parse_v2) */
function change(given: GivenOf<typeof options>): Change {
  let made: Change = { mode: 'set', ctmark: 0, ctmask: ALL_BITS, nfmask: ALL_BITS, shift: 0 };
  const inOrder = Object.entries(given as Readonly<Record<string, Given>>).sort(([, left], [, right]) => left.word - right.word);
  for (const [name, { value: raw }] of inOrder) {
    const mark = raw as MarkAndMask;
    const plain = raw as number;
    if (name === 'set-xmark') made = { ...made, ctmark: mark.value, ctmask: mark.mask };
    else if (name === 'set-mark') made = { ...made, ctmark: mark.value, ctmask: (mark.value | mark.mask) >>> 0 };
    else if (name === 'and-mark') made = { ...made, ctmark: 0, ctmask: without(ALL_BITS, plain) };
    else if (name === 'or-mark') made = { ...made, ctmark: plain, ctmask: plain };
    else if (name === 'xor-mark') made = { ...made, ctmark: plain, ctmask: 0 };
    else if (name === 'save-mark') made = { ...made, mode: 'save' };
    else if (name === 'restore-mark') made = { ...made, mode: 'restore' };
    else if (name === 'nfmask') made = { ...made, nfmask: plain };
    else if (name === 'ctmask') made = { ...made, ctmask: plain };
    else if (name === 'mask') made = { ...made, nfmask: plain, ctmask: plain };
    else if (name === 'left-shift-mark') made = { ...made, shift: plain };
    else if (name === 'right-shift-mark') made = { ...made, shift: plain === 0 ? 0 : -plain };
  }
  return made;
}

const shifted = (expr: Expr, shift: number): Expr => (shift === 0 ? expr : binary(expr, shift > 0 ? '<<' : '>>', number(Math.abs(shift))));

const connectionMark = ct('mark');
const packetMark = meta('mark');

/** new = (target & ~cleared) ^ shift(source & taken) */
interface Copy {
  readonly target: Expr;
  readonly source: Expr;
  readonly cleared: number;
  readonly taken: number;
  readonly shift: number;
}

interface BitPair {
  readonly from: number;
  readonly to: number;
}

function bitPairs({ taken, shift }: Copy): readonly BitPair[] {
  const pairs: BitPair[] = [];
  for (let bit = 0; bit < 32; bit += 1) {
    const to = bit + shift;
    if ((taken & (1 << bit)) !== 0 && to >= 0 && to < 32) pairs.push({ from: (1 << bit) >>> 0, to: (1 << to) >>> 0 });
  }
  return pairs;
}

/**
 * Copies bits between two marks. nft up to 1.1.1, and kernels up to 6.12, cannot combine two values of the packet in one expression:
 * there each bit is a pair of rules, which write only when the bit differs, so that no other packet sees a mark half done.
 */
function lowerCopy(copy: Copy, context: NftContext): Lowering {
  const { target, source, cleared, taken, shift } = copy;
  const pairs = bitPairs(copy);
  const written = pairs.reduce((all, { to }) => (all | to) >>> 0, 0);
  if (written === 0) return exact(guarded(copy, assignBits(target, { value: 0, mask: cleared })));
  const taking = shifted(taken === ALL_BITS ? source : binary(source, '&', hex(taken)), shift);
  if (cleared === ALL_BITS) return exact([{ kind: 'assign', to: target, value: taking }]);
  const outside = without(written, cleared);
  if (compareVersions(context.target.nft ?? '0', '1.1.3') >= 0 && compareVersions(context.target.kernel ?? '0', '6.13') >= 0) {
    const kept = cleared === 0 ? target : binary(target, '&', hex(without(ALL_BITS, cleared)));
    return exact([{ kind: 'assign', to: target, value: binary(kept, outside === 0 ? '|' : '^', taking) }]);
  }
  const key = `connmark ${JSON.stringify(copy)}`;
  const before = context.shared?.get(key) as string | undefined;
  if (before !== undefined) return exact([jump(before)]);
  const name = context.freeName(target === connectionMark ? 'save_mark' : 'restore_mark');
  context.shared?.set(key, name);
  const chain: NftChain = { name, rules: copyRules(copy, pairs, without(cleared, written)) };
  return exact([jump(name)], { chains: [chain] });
}

function copyRules(copy: Copy, pairs: readonly BitPair[], erased: number): readonly NftRule[] {
  const { target, source, cleared } = copy;
  const rules: NftRule[] = [];
  const add = (...statements: readonly Statement[]): number => rules.push({ statements });
  const tests = (field: Expr, bit: number, set: boolean): Statement => compare(binary(field, '&', hex(bit)), '==', hex(set ? bit : 0));
  if (erased !== 0) add(...guarded(copy, assignBits(target, { value: 0, mask: erased })));
  for (const { from, to } of pairs) {
    const assign = (change: MarkAndMask): Statement => ({ kind: 'assign', to: target, value: changedBits(target, change) });
    if ((cleared & to) === 0) {
      add(tests(source, from, true), assign({ value: to, mask: 0 }));
      continue;
    }
    add(tests(source, from, true), tests(target, to, false), assign({ value: to, mask: to }));
    add(tests(source, from, false), tests(target, to, true), assign({ value: 0, mask: to }));
  }
  return rules;
}

/** Packets without a connection keep their mark: reading `ct mark` ends the rule for them. */
function guarded(copy: Copy, statements: readonly Statement[]): readonly Statement[] {
  if (copy.target === connectionMark || statements.length === 0) return statements;
  return [compare(connectionMark, '>=', number(0)), ...statements];
}

export default defineTarget({
  name: 'CONNMARK',
  summary: 'changes the mark of the connection, or copies it to or from the packet',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options,
  constraints: [
    { kind: 'exactlyOne', of: MODES, says: 'CONNMARK target: No operation specified' },
    { kind: 'excludes', option: 'ctmask', others: ['mask'] },
    { kind: 'excludes', option: 'nfmask', others: ['mask'] },
    {
      kind: 'refuses',
      by: 'kernel',
      // kernel: net/netfilter/xt_connmark.c, connmark_tg_check
      when: (given) => Math.abs(change(given).shift) >= 32,
      check: 'invalid-value',
      message: 'a mark has 32 bits: it can be shifted by 31 at most',
    },
  ],
  print: (given) => {
    const made = change(given);
    const words =
      made.mode === 'set'
        ? ['--set-xmark', `${hexText(made.ctmark)}/${hexText(made.ctmask)}`]
        : [`--${made.mode}-mark`, '--nfmask', hexText(made.nfmask), '--ctmask', hexText(made.ctmask)];
    if (made.shift !== 0) words.push(made.shift > 0 ? '--left-shift-mark' : '--right-shift-mark', String(Math.abs(made.shift)));
    return words;
  },
  toNft: (given, context) => {
    const { mode, ctmark, ctmask: allOfConnection, nfmask: allOfPacket, shift } = change(given);
    const kept = context.keptMark ?? 0;
    const nfmask = without(allOfPacket, kept);
    const ctmask = mode === 'restore' ? without(allOfConnection, kept) : allOfConnection;
    if (mode === 'save') return lowerCopy({ target: connectionMark, source: packetMark, cleared: ctmask, taken: nfmask, shift }, context);
    if (mode === 'restore') return lowerCopy({ target: packetMark, source: connectionMark, cleared: nfmask, taken: ctmask, shift }, context);
    if (shift === 0) return exact(assignBits(connectionMark, { value: ctmark, mask: ctmask }));
    if (ctmask === ALL_BITS)
      return exact([{ kind: 'assign', to: connectionMark, value: hex(shift > 0 ? (ctmark << shift) >>> 0 : ctmark >>> -shift) }]);
    const changed = ctmark === 0 && ctmask === 0 ? connectionMark : changedBits(connectionMark, { value: ctmark, mask: ctmask });
    return exact([{ kind: 'assign', to: connectionMark, value: shifted(changed, shift) }]);
  },
});
