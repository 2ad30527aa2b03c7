/** Which names of chains, sets, maps, tables and objects nft can read, and what to call those it cannot. */

import { parseVersion } from './version.js';

/** What bears the name. Maps are named like sets. */
export type NameKind = 'table' | 'chain' | 'set' | 'object';

/**
 * Words that nft's scanner takes for its own everywhere, so that `chain drop {` or `jump mark` is a syntax error.
 * Quoting does not help: nft takes no quoted string as a name. Found by giving every word of the scanner and every
 * string of libnftables to nft 0.9.8, 1.0.6, 1.1.3 and 1.1.7 as the name of each kind, in a declaration and after
 * thirty kinds of statements; the seven words that 1.0.6 does not
 * have yet (`gre`, `tunnel`, `vxlan` …) are among them, so that a file outlives an upgrade. So are `never` and `used`, which 1.1.3 refuses once
 * a chain `last` is named before them (its scanner does not leave the state that word puts it into).
 */
const KEYWORDS: ReadonlySet<string> = words(`
  accept add ah all and arp auto-merge bridge cgroup chain comment comp constant continue counter cpu create ct day dccp define delete
  describe destroy device devices dnat drop dst dup dynamic ecn element elements eq esp ether exists expires export exthdr fib flags flow
  flowtable flush frag fwd gc-interval ge geneve get goto gre gretap gt handle hbh hook hour ibriport ibrname icmp icmpv6 igmp iif iifgroup
  iifname iiftype import include index inet insert interval ip ip6 ipsec jhash jump le limit list log lshift lt map mark masquerade meta meter
  mh missing monitor ne netdev never nftrace not notrack numgen obriport obrname offload oif oifgroup oifname oiftype or osf pkttype policy position
  priority queue quota random redefine redirect reject rename replace reset return rshift rt rt0 rt2 rtclassid rule ruleset sctp secmark set
  size skgid skuid snat socket srh symhash synproxy table tcp th time timeout tproxy tunnel type typeof udp udplite undefine update used vlan vmap
  vni vxlan xor xt
`);

/** Words that are free since nft only knows them inside of an expression (1.0.6 does, 0.9.8 does not); older nft takes them for its own everywhere. */
const OLDER_KEYWORDS: ReadonlySet<string> = words(`
  ackseq addr avgpkt burst bypass bytes cfi chains checksum classid code count counters cpi daddr direction doff dport dscp echo eol event
  expectation expiration fanout flowlabel flowtables frag-off fully-random gateway group hdrlength helper helpers hlen hoplimit htype icmpx id
  in inc json kind l3proto label last-entry left length level limits ll lsrr maps max-delay maxseg memory meters microsecond millisecond
  minute mod mode more-fragments mrt mss mtu name nanosecond nexthdr nexthop nh nop num offset operation option options original out over
  packets param-problem pcp performance persistent plen port prefix proto-dst proto-src protocol ptr ptype queue-threshold quotas ra rate
  reply reqid reserved reserved2 right rr rules sack sack-permitted sack0 sack1 sack2 sack3 saddr secmarks second seed seg-left sets sid
  snaplen spi spnum sport ssrr state status synproxys tables tag timestamp to trace transparent transport tsecr tsval ttl until urgptr
  value version vm vtag week wildcard window with wscale xml zone
`);

/** Taken in `@NAME`, where they begin a raw payload expression. */
const SET_KEYWORDS: ReadonlySet<string> = words('ll nh');

/** Taken after `ct`, where the name of a ct helper, timeout or expectation stands. */
const OBJECT_KEYWORDS: ReadonlySet<string> = words(`
  avgpkt bytes count daddr direction dport event expectation expiration helper helpers id l3proto label name original over packets proto-dst
  proto-src protocol reply saddr state status until zone
`);

/**
 * What the scanner reads as one name (scanner.l, `string`). It also takes for a name what begins with a digit and is a time
 * (`5s`), a MAC address or `8021q`, but not on every version.
 */
const NAME = /^[A-Za-z_.][A-Za-z0-9_./-]*$/;

/** The most bytes of a name: NFT_NAME_MAXLEN is 256 with the closing NUL, for tables, chains and sets alike (measured). */
const LONGEST_NAME = 255;

/** The version of nft whose scanner knows words by their place. */
const SCANS_BY_PLACE = parseVersion('1.0.6');

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Whether nft takes a name. `nft`: its version, 1.0.6 or newer if not given. */
export function isUsableName(kind: NameKind, name: string, nft?: string): boolean {
  return NAME.test(name) && name !== '.' && name.length <= LONGEST_NAME && !isKeyword(kind, name, nft);
}

function isKeyword(kind: NameKind, name: string, nft: string | undefined): boolean {
  if (KEYWORDS.has(name)) return true;
  if (nft !== undefined && parseVersion(nft) < SCANS_BY_PLACE && OLDER_KEYWORDS.has(name)) return true;
  switch (kind) {
    case 'set':
      return SET_KEYWORDS.has(name);
    case 'object':
      return OBJECT_KEYWORDS.has(name);
    case 'table':
    case 'chain':
      return false;
    default:
      return never(kind);
  }
}

/**
 * A name nft takes, as near to the given one as can be: itself if it is usable and not taken; else other characters
 * become `_`, a word of nft's gets its kind behind it (`reject_chain`), and a number keeps it apart from what is taken.
 * The same arguments always give the same name. `taken` holds the names that are in use in the same table, including
 * the original names of what comes later, or a later thing would have to give way. `nft`: see isUsableName.
 */
export function usableName(kind: NameKind, name: string, taken: ReadonlySet<string>, nft?: string): string {
  let base = name.replace(/[^A-Za-z0-9_./-]/g, '_');
  if (!/^[A-Za-z_.]/.test(base)) base = '_' + base;
  if (base === '.') base = '_';
  base = base.slice(0, LONGEST_NAME);
  if (isKeyword(kind, base, nft)) base += '_' + kind;
  let candidate = base;
  for (let number = 2; taken.has(candidate) || !isUsableName(kind, candidate, nft); number++) {
    const suffix = '_' + String(number);
    candidate = base.slice(0, LONGEST_NAME - suffix.length) + suffix;
  }
  return candidate;
}

function never(value: never): boolean {
  return Boolean(value);
}
