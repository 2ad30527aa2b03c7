/** `-m ipv6header`: which headers an IPv6 packet has, all of them or among others. */

import { match, meta, number, payload, setOf, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { defineMatch, exact, flag, unsupported, value, type Lowering } from '../define.js';
import { headerList, type HeaderName } from '../values/extension-headers.js';

/** Headers that nft can ask for by themselves, by its names for them. */
const ASKED_BY_NAME = [
  ['hop-by-hop', 'hbh'],
  ['ipv6-opts', 'dst'],
  ['ipv6-route', 'rt'],
  ['ipv6-frag', 'frag'],
] as const satisfies readonly (readonly [HeaderName, string])[];

/** What a packet can end in: exactly one of these. */
const ENDS = ['esp', 'ipv6-nonxt', 'protocol'] as const satisfies readonly HeaderName[];
type End = (typeof ENDS)[number];

const protocolOfPacket = meta('l4proto');
const esp = symbol('esp');
const ah = symbol('ah');
const noNextHeader = number(59);

const has = (header: string, present: boolean): Statement => match({ kind: 'exthdr', header }, symbol(present ? 'exists' : 'missing'));

/** That a packet without authentication header ends so, or not so. */
function endTest(end: End, wanted: boolean): Statement {
  const ends: Readonly<Record<End, Expr>> = { esp, 'ipv6-nonxt': noNextHeader, protocol: setOf([esp, noNextHeader]) };
  return match(protocolOfPacket, ends[end], (end === 'protocol') === wanted);
}

interface Tests {
  readonly tests: readonly Statement[];
  /** What nft does not see, if anything. */
  readonly differs?: string;
}

type Judged = Tests | { readonly never: string } | { readonly unsupported: string };

const BEHIND_AUTHENTICATION = 'nft does not see what stands behind an authentication header';

/** The end of packets that have an authentication header: nft takes that for their protocol, and knows the header behind it. */
function endBehindAuthentication(end: End | undefined): Judged {
  const authenticated = match(protocolOfPacket, ah);
  if (end === undefined) return { tests: [authenticated] };
  // nft up to 1.0.6 aborts when it lists a rule that asks for one header behind this one. (nft: src/payload.c, payload_expr_pctx_update)
  if (end !== 'protocol') return { unsupported: 'nft cannot ask for ESP, or for no header, behind an authentication header' };
  return {
    tests: [authenticated, match(payload('ah', 'nexthdr'), setOf([esp, noNextHeader]), true)],
    differs: `${BEHIND_AUTHENTICATION} and another extension header`,
  };
}

/** Packets that have these headers and no others. */
function judgeAll(names: readonly HeaderName[]): Judged {
  const ends = ENDS.filter((end) => names.includes(end));
  const [end] = ends;
  if (end === undefined || ends.length > 1) return { never: 'every packet ends in exactly one of esp, ipv6-nonxt and protocol' };
  const headers = ASKED_BY_NAME.map(([name, header]) => has(header, names.includes(name)));
  if (!names.includes('ah'))
    return { tests: [...headers, ...(end === 'protocol' ? [match(protocolOfPacket, setOf([ah, esp, noNextHeader]), true)] : [endTest(end, true)])] };
  const behind = endBehindAuthentication(end);
  return 'tests' in behind ? { ...behind, tests: [...headers, ...behind.tests] } : behind;
}

/** Packets that have these headers among others. */
function judgeSome(names: readonly HeaderName[]): Judged {
  const ends = ENDS.filter((end) => names.includes(end));
  if (ends.length > 1) return { never: 'every packet ends in exactly one of esp, ipv6-nonxt and protocol' };
  const [end] = ends;
  const headers = ASKED_BY_NAME.filter(([name]) => names.includes(name)).map(([, header]) => has(header, true));
  if (names.includes('ah')) {
    const behind = endBehindAuthentication(end);
    return 'tests' in behind ? { ...behind, tests: [...headers, ...behind.tests] } : behind;
  }
  if (end === undefined) return { tests: headers };
  return { tests: [...headers, endTest(end, true)], differs: BEHIND_AUTHENTICATION };
}

/** Packets that have none of these headers. */
function judgeNone(names: readonly HeaderName[]): Judged {
  const ends = ENDS.filter((end) => names.includes(end));
  if (ends.length === ENDS.length) return { never: 'every packet ends in one of esp, ipv6-nonxt and protocol' };
  const headers = ASKED_BY_NAME.filter(([name]) => names.includes(name)).map(([, header]) => has(header, false));
  const tests = [...headers, ...(names.includes('ah') ? [match(protocolOfPacket, ah, true)] : []), ...ends.map((end) => endTest(end, false))];
  return { tests, ...(ends.length > 0 && !names.includes('ah') ? { differs: BEHIND_AUTHENTICATION } : {}) };
}

function finish(judged: Judged, negated: boolean): Lowering {
  if ('unsupported' in judged) return unsupported(judged.unsupported);
  if ('never' in judged) return negated ? exact([]) : { kind: 'never', why: judged.never };
  const items = negated ? [{ kind: 'unless' as const, alternatives: [judged.tests] }] : judged.tests;
  return judged.differs === undefined ? exact(items) : { kind: 'approximate', items, differs: judged.differs };
}

export default defineMatch({
  name: 'ipv6header',
  summary: 'which headers an IPv6 packet has',
  families: ['ip6'],
  options: { header: value(headerList, { invertible: true }), soft: flag() },
  constraints: [{ kind: 'atLeastOne', of: ['header'], says: 'ipv6header: option "--header" must be specified' }],
  // (kernel: net/ipv6/netfilter/ip6t_ipv6header.c, ipv6header_mt6)
  toNft: ({ header, soft }, { protocol, protocolNegated }) => {
    if (header === undefined) return exact([]);
    const { value: names, negated } = header;
    if (names.includes('ah') && (protocol !== undefined || protocolNegated === true))
      return unsupported('nft sees no other protocol than ah in packets with an authentication header', 'leave out `-p`');
    if (soft === undefined) return finish(judgeAll(names), negated);
    return negated ? finish(judgeNone(names), false) : finish(judgeSome(names), false);
  },
});
