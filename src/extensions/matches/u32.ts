/** `-m u32`: any 32 bits of a packet, by place. */

import { binary, compare, hex, match, range, setOf } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { compareVersions, defineMatch, unsupported, value, type Family, type NftContext } from '../define.js';
import { u32Program, type U32Operator, type U32Program, type U32Test } from '../values/u32-program.js';

const ALL_BITS = 0xffffffff;
const TCP = 6;

/** A place in a packet, in bytes from the beginning of a header. */
interface Place {
  readonly base: 'nh' | 'th' | 'ih';
  readonly offset: number;
}

/** 32 bits of which those of `mask` are left, moved right by `shift` (left where negative). */
interface Field {
  readonly place: Place;
  readonly mask: number;
  readonly shift: number;
}

const shiftRight = (bits: number, by: number): number => (by >= 32 || by <= -32 ? 0 : by >= 0 ? bits >>> by : (bits << -by) >>> 0);

/** Bits that a number moved right by `shift` can hold, where they stood before. */
const bitsThatStay = (shift: number): number => shiftRight(shiftRight(ALL_BITS, shift), -shift);

function narrow(field: Field, operator: Exclude<U32Operator, '@'>, number: number): Field {
  if (operator === '&') return { ...field, mask: (field.mask & shiftRight(number, -field.shift)) >>> 0 };
  const shift = field.shift + (operator === '>>' ? number : -number);
  return { ...field, shift, mask: (field.mask & bitsThatStay(shift)) >>> 0 };
}

/** Whether a program only passes TCP over IPv4: the lowest byte of what stands at 6 is the protocol. */
function asksForTcp(program: U32Program): boolean {
  return program.some(({ offset, steps, ranges }) => {
    const [mask] = steps;
    const asksForProtocol = offset === 6 && steps.length === 1 && mask?.operator === '&' && mask.number === 0xff;
    return asksForProtocol && ranges.every(({ from, to }) => from === TCP && to === TCP);
  });
}

/**
 * The header that begins behind what a field says, where nft knows it: `0>>22&0x3C` is the length of the IPv4 header, and
 * `12>>26&0x3C` behind that the length of the TCP header. Undefined for any other.
 */
function headerBehind({ place, mask, shift }: Field, family: Family, isTcp: boolean): Place['base'] | undefined {
  if (family === 'ip' && place.base === 'nh' && place.offset === 0 && mask === 0x0f000000 && shift === 22) return 'th';
  if (isTcp && place.base === 'th' && place.offset === 12 && mask === 0xf0000000 && shift === 26) return 'ih';
  return undefined;
}

/** The bits a test looks at; undefined where their place depends on something nft cannot follow. */
function fieldOf(test: U32Test, family: Family, isTcp: boolean): Field | undefined {
  let field: Field = { place: { base: 'nh', offset: test.offset }, mask: ALL_BITS, shift: 0 };
  for (const { operator, number } of test.steps) {
    if (operator !== '@') {
      field = narrow(field, operator, number);
      continue;
    }
    const base = headerBehind(field, family, isTcp);
    if (base === undefined) return undefined;
    field = { place: { base, offset: number }, mask: ALL_BITS, shift: 0 };
  }
  return field;
}

/** Lowest and highest number, both included. */
type Range = readonly [least: number, most: number];

/** The values a field may have where it stands, before it is moved; undefined when none can become one of the range. */
function unshifted({ from, to }: U32Test['ranges'][number], { mask, shift }: Field): Range | undefined {
  const moved = 2 ** Math.abs(shift);
  const least = shift >= 0 ? from * moved : Math.ceil(from / moved);
  const most = Math.min(shift >= 0 ? to * moved + moved - 1 : Math.floor(to / moved), ALL_BITS);
  // What is left of the bits is a multiple of the lowest one.
  const lowest = (mask & -mask) >>> 0;
  const range = [Math.ceil(least / lowest) * lowest, Math.floor(most / lowest) * lowest] as const;
  return range[0] <= range[1] && range[0] <= mask ? range : undefined;
}

/** The test of a field in nft; undefined when no packet passes it. */
function lowerTest(field: Field, test: U32Test): readonly Statement[] | undefined {
  const bits: Expr = { kind: 'rawPayload', base: field.place.base, offset: field.place.offset * 8, length: 32 };
  const hasBits = compare(bits, '>=', hex(0));
  // Nothing is left of the bits: the packet only has to be long enough.
  if (field.mask === 0) return test.ranges.some(({ from }) => from === 0) ? [hasBits] : undefined;
  const ranges = test.ranges.flatMap((one) => {
    const values = unshifted(one, field);
    return values === undefined ? [] : [values];
  });
  if (ranges.some(([least, most]) => least === 0 && most >= field.mask)) return [hasBits];
  const left = field.mask === ALL_BITS ? bits : binary(bits, '&', hex(field.mask));
  const wanted = merged(ranges);
  const [only] = wanted;
  if (only === undefined) return undefined;
  if (wanted.length > 1) return [match(left, setOf(wanted.map(rangeExpr)))];
  if (only[0] === only[1]) return [field.mask === ALL_BITS ? match(left, hex(only[0])) : compare(left, '==', hex(only[0]))];
  return [match(left, rangeExpr(only))];
}

const rangeExpr = ([least, most]: Range): Expr => (least === most ? hex(least) : range(hex(least), hex(most)));

/** In order, and joined where they touch: nft refuses a set whose elements overlap. */
function merged(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const [least, most] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && least <= before[1] + 1) result.splice(-1, 1, [before[0], Math.max(before[1], most)]);
    else result.push([least, most]);
  }
  return result;
}

/** Whether a program passes only packets that are no later fragments, which have no transport header in nft. */
function leavesFragmentsOut(program: U32Program, family: Family): boolean {
  return (
    family === 'ip' &&
    program.some(({ offset, steps, ranges }) => {
      const [mask] = steps;
      const asksForOffset = offset === 4 && steps.length === 1 && mask?.operator === '&' && (mask.number & 0x1fff) === 0x1fff;
      return asksForOffset && ranges.every(({ from, to }) => from === to && (from & 0x1fff) === 0);
    })
  );
}

/** The first nft that has `@ih`; its kernel is 5.16. */
const KNOWS_PAYLOAD = '1.0.1';
/** The last place the kernels before 6.2 can look at, in bytes. (kernel: net/netfilter/nft_payload.c) */
const LAST_PLACE_OF_OLD = 255;
/** No 32 bits begin behind it. (RFC 791: a packet has at most 65535 bytes) */
const LAST_PLACE = 65531;

/** Why this nft or kernel cannot look there, or undefined. */
function outOfReach({ base, offset }: Place, { target }: NftContext): string | undefined {
  if (base === 'ih' && target.nft !== undefined && compareVersions(target.nft, KNOWS_PAYLOAD) < 0)
    return `nft before ${KNOWS_PAYLOAD} cannot look behind the TCP header`;
  if (offset > LAST_PLACE_OF_OLD && target.kernel !== undefined && compareVersions(target.kernel, '6.2') < 0)
    return `kernels before 6.2 look at the first ${String(LAST_PLACE_OF_OLD)} bytes only`;
  return undefined;
}

export default defineMatch({
  name: 'u32',
  summary: 'any 32 bits of the packet, by place',
  families: ['ip', 'ip6'],
  options: { u32: value(u32Program, { invertible: true }) },
  constraints: [
    { kind: 'atLeastOne', of: ['u32'], says: 'u32: option "--u32" must be specified' },
    {
      kind: 'refuses',
      by: 'kernel',
      when: ({ u32 }) => u32?.value.some(({ steps }) => steps.some(({ operator, number }) => /<<|>>/.test(operator) && number > 31)) === true,
      at: 'u32',
      check: 'invalid-value',
      message: 'bits are moved by 0 to 31',
    },
  ],
  // (kernel: net/netfilter/xt_u32.c, u32_match_it)
  toNft: ({ u32 }, context) => {
    if (u32 === undefined) return { kind: 'exact', items: [] };
    const isTcp = (context.protocol === TCP && context.protocolNegated !== true) || (context.family === 'ip' && asksForTcp(u32.value));
    const statements: Statement[] = [];
    let behindIp = false;
    for (const test of u32.value) {
      const field = fieldOf(test, context.family, isTcp);
      if (field === undefined)
        return unsupported(
          'nft cannot look at a place that another field of the packet tells',
          'write what the program means with the fields of nft: `tcp dport`, `icmp type`, or `@th,OFFSET,LENGTH` and `@ih,OFFSET,LENGTH` (in bits)',
        );
      const hindrance = outOfReach(field.place, context);
      if (hindrance !== undefined) return unsupported(hindrance);
      const lowered = field.place.offset > LAST_PLACE ? undefined : lowerTest(field, test);
      if (lowered === undefined)
        return u32.negated ? { kind: 'exact', items: [] } : { kind: 'never', why: 'no packet has the bits that the program asks for' };
      statements.push(...lowered);
      behindIp ||= field.place.base !== 'nh';
    }
    const items = u32.negated ? [{ kind: 'unless' as const, alternatives: [statements] }] : statements;
    if (!behindIp || context.firstFragmentsOnly === true || leavesFragmentsOut(u32.value, context.family)) return { kind: 'exact', items };
    return {
      kind: 'approximate',
      items,
      differs: 'nft finds no transport header in fragments but the first; iptables takes what stands there for one',
    };
  },
});
