/** `-p sctp`: ports and chunks of SCTP. */

import { compare, number, payload } from '../../nft/build.js';
import { compareVersions, defineMatch, exact, unsupported, value, type LoweredItem } from '../define.js';
import { portRange } from '../values/port-range.js';
import { chunkTypes, lowerChunks } from '../values/sctp-chunks.js';
import { lowerPorts, printPortsAsGiven } from '../values/transport-ports.js';

/** The smallest nft that knows chunks. (measured: 0.9.8 does not, 1.0.6 does; nft: Changelog of 0.9.9) */
const KNOWS_CHUNKS = '0.9.9';

export default defineMatch({
  name: 'sctp',
  summary: 'SCTP ports and chunk types',
  families: ['ip', 'ip6'],
  protocols: [132],
  options: {
    'source-port': value(portRange, { aliases: ['sport'], invertible: true, twice: "Only one `--source-port' allowed" }),
    'destination-port': value(portRange, { aliases: ['dport'], invertible: true, twice: "Only one `--destination-port' allowed" }),
    'chunk-types': value(chunkTypes, { words: 2, invertible: true, twice: "Only one `--chunk-types' allowed" }),
  },
  print: (given, family) => {
    const chunks = given['chunk-types'];
    return [
      ...printPortsAsGiven(given),
      ...(chunks === undefined ? [] : [...(chunks.negated ? ['!'] : []), '--chunk-types', ...chunkTypes.print(chunks.value, family).split(' ')]),
    ];
  },
  toNft: (given, { target }) => {
    const ports = lowerPorts(given, 'sctp');
    if ('never' in ports) return { kind: 'never', why: ports.never };
    // Later fragments have no header; nft looks at none of their bytes as a port, but at any as a chunk.
    const items: LoweredItem[] = ports.length === 0 ? [compare(payload('sctp', 'sport'), '>=', number(0))] : [...ports];
    const asked = given['chunk-types'];
    if (asked === undefined) return exact(items);
    const chunks = lowerChunks(asked.value, asked.negated);
    if (chunks === 'never') return { kind: 'never', why: 'no packet has its chunks like that' };
    if (chunks === 'always') return exact(items);
    if ('unsupported' in chunks) return unsupported(chunks.unsupported, chunks.instead);
    if (target.nft !== undefined && compareVersions(target.nft, KNOWS_CHUNKS) < 0)
      return unsupported(`nft looks at SCTP chunks from ${KNOWS_CHUNKS} on`);
    const { alternatives, negated, differs } = chunks;
    const [only] = alternatives;
    if (negated) items.push({ kind: 'unless', alternatives });
    else items.push(...(alternatives.length === 1 && only !== undefined ? only : [{ kind: 'anyOf' as const, alternatives }]));
    return differs === undefined ? exact(items) : { kind: 'approximate', items, differs };
  },
});
