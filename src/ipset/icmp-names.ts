/** Names of ICMP types and codes as ipset knows them; iptables has others. (ipset 7.17: lib/icmp.c, lib/icmpv6.c) */

/** `name type/code`; the first name of a value is the one ipset prints. */
const ICMP =
  'echo-reply 0/0,pong 0/0,network-unreachable 3/0,host-unreachable 3/1,protocol-unreachable 3/2,port-unreachable 3/3,' +
  'fragmentation-needed 3/4,source-route-failed 3/5,network-unknown 3/6,host-unknown 3/7,network-prohibited 3/9,host-prohibited 3/10,' +
  'TOS-network-unreachable 3/11,TOS-host-unreachable 3/12,communication-prohibited 3/13,host-precedence-violation 3/14,' +
  'precedence-cutoff 3/15,source-quench 4/0,network-redirect 5/0,host-redirect 5/1,TOS-network-redirect 5/2,TOS-host-redirect 5/3,' +
  'echo-request 8/0,ping 8/0,router-advertisement 9/0,router-solicitation 10/0,ttl-zero-during-transit 11/0,' +
  'ttl-zero-during-reassembly 11/1,ip-header-bad 12/0,required-option-missing 12/1,timestamp-request 13/0,timestamp-reply 14/0,' +
  'address-mask-request 17/0,address-mask-reply 18/0';
const ICMPV6 =
  'no-route 1/0,communication-prohibited 1/1,address-unreachable 1/3,port-unreachable 1/4,packet-too-big 2/0,ttl-zero-during-transit 3/0,' +
  'ttl-zero-during-reassembly 3/1,bad-header 4/0,unknown-header-type 4/1,unknown-option 4/2,echo-request 128/0,ping 128/0,echo-reply 129/0,' +
  'pong 129/0,router-solicitation 133/0,router-advertisement 134/0,neighbour-solicitation 135/0,neigbour-solicitation 135/0,' +
  'neighbour-advertisement 136/0,neigbour-advertisement 136/0,redirect 137/0';

interface Names {
  /** By name in lower case; type in the upper eight bits, code in the lower. */
  readonly values: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<number, string>;
}

function index(list: string): Names {
  const values = new Map<string, number>();
  const names = new Map<number, string>();
  for (const item of list.split(',')) {
    const [name = '', place = ''] = item.split(' ');
    const [type, code] = place.split('/').map(Number);
    const value = (type ?? 0) * 256 + (code ?? 0);
    values.set(name.toLowerCase(), value);
    if (!names.has(value)) names.set(value, name);
  }
  return { values, names };
}

const icmp = index(ICMP);
const icmpv6 = index(ICMPV6);

/** Type times 256 plus code of a name, in any letter case. */
export function icmpValue(name: string, version6: boolean): number | undefined {
  return (version6 ? icmpv6 : icmp).values.get(name.toLowerCase());
}

/** The name of a type and code, or `type/code`. */
export function icmpName(value: number, version6: boolean): string {
  return (version6 ? icmpv6 : icmp).names.get(value) ?? `${String(value >> 8)}/${String(value & 255)}`;
}
