/** `--chunk-types`: types of SCTP chunks, with flags. */

import { binary, compare, match, number, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import type { ValueResult, ValueType } from '../define.js';

/** A chunk type that iptables has a name for. */
interface ChunkType {
  readonly name: string;
  /** Its number. (IANA, SCTP parameters) */
  readonly number: number;
  /** The name nft has, where it has one. */
  readonly nft?: string;
  /** The letters of its flags, from bit 7 to bit 0. */
  readonly flags?: string;
  /** iptables-save does not print its flags. */
  readonly losesFlags?: true;
}

const type = (name: string, number: number, nft?: string, flags?: string): ChunkType => ({
  name,
  number,
  ...(nft === undefined ? {} : { nft }),
  ...(flags === undefined ? {} : { flags }),
});

/** By their numbers, as iptables-save prints them. (iptables: extensions/libxt_sctp.c, sctp_chunk_names; nft: src/sctp_chunk.c) */
const TYPES: readonly ChunkType[] = [
  type('DATA', 0, 'data', '----IUBE'),
  type('INIT', 1, 'init'),
  type('INIT_ACK', 2, 'init-ack'),
  type('SACK', 3, 'sack'),
  type('HEARTBEAT', 4, 'heartbeat'),
  type('HEARTBEAT_ACK', 5, 'heartbeat-ack'),
  type('ABORT', 6, 'abort', '-------T'),
  type('SHUTDOWN', 7, 'shutdown'),
  type('SHUTDOWN_ACK', 8, 'shutdown-ack'),
  type('ERROR', 9, 'error'),
  type('COOKIE_ECHO', 10, 'cookie-echo'),
  type('COOKIE_ACK', 11, 'cookie-ack'),
  type('ECN_ECNE', 12, 'ecne'),
  type('ECN_CWR', 13, 'cwr'),
  type('SHUTDOWN_COMPLETE', 14, 'shutdown-complete', '-------T'),
  { ...type('I_DATA', 64, undefined, '----IUBE'), losesFlags: true },
  type('ASCONF_ACK', 128, 'asconf-ack'),
  type('RE_CONFIG', 130),
  type('PAD', 132),
  type('FORWARD_TSN', 192, 'forward-tsn'),
  type('ASCONF', 193, 'asconf'),
  type('I_FORWARD_TSN', 194),
];

/** One type that is asked for: flags in `mask` have to be as in `flags`. */
interface AskedChunk {
  readonly type: ChunkType;
  readonly mask: number;
  readonly flags: number;
}

export type ChunkMode = 'all' | 'any' | 'only';

/** `every` and `none` stand for the words ALL and NONE. */
export interface AskedChunks {
  readonly mode: ChunkMode;
  readonly chunks: readonly AskedChunk[] | 'every' | 'none';
}

const MODES: readonly ChunkMode[] = ['all', 'any', 'only'];

const refused = (message: string, says: string): ValueResult<never> => ({ kind: 'refused', by: 'iptables', message, says });

/** A capital letter asks for a flag that is set, a small one for a flag that is not; a capital wins. */
function readFlags(letters: string, { flags: known = '' }: ChunkType): { readonly mask: number; readonly flags: number } | undefined {
  let mask = 0;
  let flags = 0;
  for (const letter of letters) {
    const place = letter === '-' ? -1 : known.indexOf(letter.toUpperCase());
    if (place === -1) return undefined;
    const bit = 1 << (7 - place);
    mask |= bit;
    if (letter === letter.toUpperCase()) flags |= bit;
  }
  return { mask, flags };
}

function readChunks(text: string): AskedChunks['chunks'] | ValueResult<never> {
  if (text.toUpperCase() === 'ALL') return 'every';
  if (text.toUpperCase() === 'NONE' || text === '') return 'none';
  const asked = new Map<ChunkType, { mask: number; flags: number }>();
  for (const item of text.split(',')) {
    if (item === '') continue;
    const [name = '', letters = ''] = item.split(':', 2);
    const found = TYPES.find((known) => known.name === name.toUpperCase());
    if (found === undefined) return refused(`\`${name}\` is no type of SCTP chunk`, `Unknown sctp chunk \`${name}'`);
    const flags = readFlags(letters, found);
    if (flags === undefined)
      return refused(
        found.flags === undefined
          ? `chunks of type ${found.name} have no flags`
          : `\`${letters}\` has a letter that is no flag of ${found.name}; there are ${found.flags.replaceAll('-', '')}`,
        `Invalid flags for chunk type ${String(found.number)}`,
      );
    const before = asked.get(found) ?? { mask: 0, flags: 0 };
    asked.set(found, { mask: before.mask | flags.mask, flags: before.flags | flags.flags });
  }
  return TYPES.flatMap((known) => {
    const flags = asked.get(known);
    return flags === undefined ? [] : [{ type: known, ...flags }];
  });
}

function printFlags({ type: { flags: known = '', losesFlags }, mask, flags }: AskedChunk): string {
  if (mask === 0 || losesFlags === true) return '';
  let letters = '';
  for (let place = 0; place < known.length; place += 1) {
    const bit = 1 << (7 - place);
    if ((mask & bit) === 0) continue;
    const letter = known.charAt(place);
    letters += (flags & bit) === 0 ? letter.toLowerCase() : letter;
  }
  return `:${letters}`;
}

function printChunks(chunks: AskedChunks['chunks']): string {
  if (chunks === 'every') return 'ALL';
  if (chunks === 'none' || chunks.length === 0) return 'NONE';
  return chunks.map((chunk) => `${chunk.type.name}${printFlags(chunk)}`).join(',');
}

/** `all|any|only TYPE[:FLAGS],…` as two words. (iptables: extensions/libxt_sctp.c, parse_sctp_chunks) */
export const chunkTypes: ValueType<AskedChunks> = {
  name: 'chunk types',
  read: (text) => {
    const blank = text.indexOf(' ');
    const word = text.slice(0, blank === -1 ? text.length : blank);
    const mode = MODES.find((name) => name === word.toLowerCase());
    if (mode === undefined) return refused(`\`${word}\` is none of all, any and only`, 'Match type has to be one of "ALL", "ANY" or "ONLY"');
    const chunks = readChunks(blank === -1 ? '' : text.slice(blank + 1));
    return typeof chunks === 'object' && 'kind' in chunks ? chunks : { kind: 'read', value: { mode, chunks } };
  },
  print: ({ mode, chunks }) => `${mode} ${printChunks(chunks)}`,
};

const chunk = (name: string, field?: string): Expr => ({ kind: 'sctpChunk', name, ...(field === undefined ? {} : { field }) });

/** The tests of one chunk: that it is there as asked, and the ways in which it is not, of which one holds. */
function testsOf({ type: { nft = '' }, mask, flags }: AskedChunk): {
  readonly there: readonly Statement[];
  readonly not: readonly (readonly Statement[])[];
} {
  const missing = [match(chunk(nft), symbol('missing'))];
  if (mask === 0) return { there: [match(chunk(nft), symbol('exists'))], not: [missing] };
  const seen = binary(chunk(nft, 'flags'), '&', number(mask));
  return { there: [compare(seen, '==', number(flags))], not: [missing, [compare(seen, '!=', number(flags))]] };
}

/** What becomes of the chunks that are asked for: lists of tests, at most one of which holds. `negated`: packets pass if none does. */
export type LoweredChunks =
  | { readonly alternatives: readonly (readonly Statement[])[]; readonly negated: boolean; readonly differs?: string }
  | { readonly unsupported: string; readonly instead: string }
  | 'always'
  | 'never';

/** Every way to choose one list of each. */
function combine(lists: readonly (readonly (readonly Statement[])[])[]): readonly (readonly Statement[])[] {
  return lists.reduce<readonly (readonly Statement[])[]>((made, list) => made.flatMap((first) => list.map((second) => [...first, ...second])), [[]]);
}

/** That there are no other chunks, as far as nft has names for them, and none with other flags. */
function lowerOnly(asked: readonly AskedChunk[], negated: boolean): LoweredChunks {
  const others = TYPES.filter((known) => known.nft !== undefined && asked.every((chunk) => chunk.type !== known));
  const missing = others.flatMap((known) => testsOf({ type: known, mask: 0, flags: 0 }).not[0] ?? []);
  const flagged = asked.filter((chunk) => chunk.mask !== 0 && chunk.type.nft !== undefined).map(testsOf);
  const alternatives = combine([[missing], ...flagged.map(({ there, not }) => [not[0] ?? [], there])]);
  const nameless = 'nft does not see chunks of types it has no name for, such as I_DATA or PAD';
  return { alternatives, negated, differs: flagged.length === 0 ? nameless : `${nameless}; ${FIRST_OF_TYPE}` };
}

const FIRST_OF_TYPE = 'of several chunks of a type nft only looks at the flags of the first';

/** (kernel: net/netfilter/xt_sctp.c, match_packet) */
export function lowerChunks({ mode, chunks }: AskedChunks, negated: boolean): LoweredChunks {
  const outcome = (holds: boolean): 'always' | 'never' => (holds === negated ? 'never' : 'always');
  const asked = chunks === 'none' ? [] : chunks;
  if (asked === 'every') return outcome(mode !== 'all');
  if (asked.length === 0) return outcome(mode === 'all');
  if (mode === 'only') return lowerOnly(asked, negated);
  const unknown = asked.find(({ type: known }) => known.nft === undefined);
  if (unknown !== undefined)
    return {
      unsupported: `nft has no name for SCTP chunks of type ${unknown.type.name}`,
      // The common header has 12 bytes. (RFC 9260, section 3.1)
      instead: `\`@th,96,8 ${String(unknown.type.number)}\` asks for the type of the first chunk`,
    };
  const tests = asked.map(testsOf);
  const differs = asked.some(({ mask }) => mask !== 0) ? FIRST_OF_TYPE : undefined;
  const made = (alternatives: readonly (readonly Statement[])[]): LoweredChunks => ({
    alternatives,
    negated: false,
    ...(differs === undefined ? {} : { differs }),
  });
  if (mode === 'all' && !negated) return made([tests.flatMap(({ there }) => there)]);
  if (mode === 'any' && negated) return made(combine(tests.map(({ not }) => not)));
  // The first that is there, or that is not.
  return made(
    tests.flatMap((test, place) => {
      const earlier = tests.slice(0, place);
      return mode === 'any' ? combine([...earlier.map(({ not }) => not), [test.there]]) : combine([...earlier.map(({ there }) => [there]), test.not]);
    }),
  );
}
