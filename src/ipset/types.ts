/** The types of sets of ipset 7: what is stored in each, and which options it is created with. */

/** What one part of an element is. */
export type Dimension = 'ip' | 'net' | 'mac' | 'port' | 'mark' | 'iface' | 'set';

export interface SetType {
  readonly name: string;
  readonly method: 'bitmap' | 'hash' | 'list';
  readonly dimensions: readonly Dimension[];
  /** inet: IPv4 only; either: said by `family`; none: no addresses in it. */
  readonly family: 'inet' | 'either' | 'none';
  /** Options of `create` besides those every type has. */
  readonly options: ReadonlySet<string>;
  /** Options of old versions that are taken, and ignored with a warning. */
  readonly ignored: ReadonlySet<string>;
}

/** Options of `create` that every type has. */
export const COMMON_OPTIONS: ReadonlySet<string> = new Set(['timeout', 'counters', 'comment', 'skbinfo']);

const HASH = ['hashsize', 'maxelem', 'forceadd', 'bucketsize', 'initval'];
const RANGE_OLD = ['from', 'to', 'network'];

function hash(name: string, dimensions: readonly Dimension[], options: readonly string[] = [], ignored: readonly string[] = []): SetType {
  const either = dimensions.some((dimension) => dimension === 'ip' || dimension === 'net');
  return {
    name,
    method: 'hash',
    dimensions,
    family: either ? 'either' : 'none',
    options: new Set([...HASH, ...(either ? ['family'] : []), ...options]),
    ignored: new Set(ignored),
  };
}

/** (ipset 7.17: lib/ipset_*.c; the options measured with `ipset create`) */
const TYPES: readonly SetType[] = [
  {
    name: 'bitmap:ip',
    method: 'bitmap',
    dimensions: ['ip'],
    family: 'inet',
    options: new Set(['range', 'netmask', ...RANGE_OLD]),
    ignored: new Set(),
  },
  {
    name: 'bitmap:ip,mac',
    method: 'bitmap',
    dimensions: ['ip', 'mac'],
    family: 'inet',
    options: new Set(['range', ...RANGE_OLD]),
    ignored: new Set(),
  },
  { name: 'bitmap:port', method: 'bitmap', dimensions: ['port'], family: 'none', options: new Set(['range', 'from', 'to']), ignored: new Set() },
  hash('hash:ip', ['ip'], ['netmask', 'bitmask'], ['probes', 'resize', 'gc']),
  hash('hash:mac', ['mac']),
  hash('hash:ip,mac', ['ip', 'mac']),
  hash('hash:net', ['net'], [], ['probes', 'resize']),
  hash('hash:net,net', ['net', 'net'], ['netmask', 'bitmask']),
  hash('hash:ip,port', ['ip', 'port'], ['netmask', 'bitmask'], ['probes', 'resize', ...RANGE_OLD]),
  hash('hash:net,port', ['net', 'port']),
  hash('hash:ip,port,ip', ['ip', 'port', 'ip'], [], ['probes', 'resize', ...RANGE_OLD]),
  hash('hash:ip,port,net', ['ip', 'port', 'net'], [], ['probes', 'resize', ...RANGE_OLD]),
  hash('hash:ip,mark', ['ip', 'mark'], ['markmask']),
  hash('hash:net,port,net', ['net', 'port', 'net']),
  hash('hash:net,iface', ['net', 'iface']),
  { name: 'list:set', method: 'list', dimensions: ['set'], family: 'none', options: new Set(['size']), ignored: new Set() },
];

/** Names of old versions that still work. */
const ALIASES: readonly (readonly [string, string])[] = [
  ['iphash', 'hash:ip'],
  ['nethash', 'hash:net'],
  ['ipporthash', 'hash:ip,port'],
  ['ipportiphash', 'hash:ip,port,ip'],
  ['ipportnethash', 'hash:ip,port,net'],
  ['ipmap', 'bitmap:ip'],
  ['macipmap', 'bitmap:ip,mac'],
  ['portmap', 'bitmap:port'],
  ['setlist', 'list:set'],
];

const BY_NAME = new Map(TYPES.map((type) => [type.name, type]));
for (const [alias, name] of ALIASES) {
  const type = BY_NAME.get(name);
  if (type !== undefined) BY_NAME.set(alias, type);
}

/** The type of a name, old names included. */
export function setType(name: string): SetType | undefined {
  return BY_NAME.get(name);
}
