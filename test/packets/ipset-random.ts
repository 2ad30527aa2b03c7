/** Random sets with elements that overlap, touch and leave holes, and rules that ask them. */

import type { IpsetCase } from './ipset-cases.js';
import { drawFrom } from './ipset-runs.js';

const TYPES = [
  'hash:ip',
  'hash:net',
  'hash:net',
  'hash:ip,port',
  'hash:net,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:net,iface',
  'bitmap:ip',
  'bitmap:port',
] as const;

/** A case that is always the same for a seed. */
export function randomCase(seed: number): IpsetCase {
  const draw = drawFrom(seed * 7919 + 17);
  const pick = <T>(list: readonly [T, ...T[]]): T => list[draw(list.length)] ?? list[0];
  const version6 = draw(5) === 0;
  const address = (): string =>
    version6
      ? `2001:db8:${String(draw(2))}:${String(draw(2))}::${String(1 + draw(3))}`
      : `10.${String(draw(2))}.${pick(['0', '1', '2', '128', '255'])}.${pick(['0', '1', '4', '127', '128', '254', '255'])}`;
  const network = (): string => {
    const length = version6 ? pick([32, 47, 48, 63, 64, 128]) : pick([8, 15, 16, 17, 23, 24, 25, 30, 31, 32]);
    return draw(6) === 0 && !version6 ? `10.${String(draw(2))}.1.3-10.${String(1)}.${String(2 + draw(3))}.9` : `${address()}/${String(length)}`;
  };
  const port = (): string => {
    const number = pick(['80', '81', '53', '80-82', '0', '65535']);
    return pick([number, `udp:${number}`, `tcp:${number}`, `sctp:${number}`, 'gre:0', version6 ? 'icmpv6:ping' : 'icmp:ping', number]);
  };
  const element = (type: string): string => {
    switch (type) {
      case 'hash:ip':
        return address();
      case 'hash:net':
        return network();
      case 'hash:ip,port':
        return `${address()},${port()}`;
      case 'hash:net,port':
        return `${network()},${port()}`;
      case 'hash:ip,port,ip':
        return `${address()},${port()},${address()}`;
      case 'hash:ip,port,net':
        return `${address()},${port()},${network()}`;
      case 'hash:net,iface':
        return `${network()},${pick(['eth0', 'eth1', 'tun', 'lan0'])}`;
      case 'bitmap:ip':
        return `10.0.${String(draw(3))}.${String(draw(8))}`;
      default:
        return String(78 + draw(6));
    }
  };
  const sets: string[] = [];
  const kinds: string[] = [];
  const count = 1 + draw(3);
  for (let index = 0; index < count; index += 1) {
    let type: string = pick(TYPES);
    if (version6 && type === 'bitmap:ip') type = 'hash:ip';
    const range = type === 'bitmap:ip' ? ' range 10.0.0.0/16' : type === 'bitmap:port' ? ' range 0-1024' : '';
    const timed = draw(6) === 0 && !type.includes('net') ? ' timeout 600' : '';
    const family = version6 && !type.startsWith('bitmap') ? ' family inet6' : '';
    sets.push(`create s${String(index)} ${type}${range}${family}${timed}`);
    kinds.push(type);
    for (let number = draw(9); number >= 0; number -= 1) {
      const made = element(type);
      const options = `${type.includes('net') && draw(3) === 0 ? ' nomatch' : ''}${made.endsWith(',tun') ? ' wildcard' : ''}`;
      sets.push(`add s${String(index)} ${made}${options}`);
    }
  }
  sets.push('create all list:set');
  kinds.forEach((_type, index) => sets.push(`add all s${String(index)}`));
  const chain = pick(['INPUT', 'FORWARD'] as const);
  const ends = (): string => Array.from({ length: 1 + draw(3) }, () => pick(['src', 'dst'] as const)).join(',');
  const rules: string[] = [];
  const log = (rule: string): void => void rules.push(`-A ${chain} ${rule} -j NFLOG --nflog-group ${String(10 + rules.length)}`);
  for (let number = 0; number < 5; number += 1) {
    const set = draw(4) === 0 ? 'all' : `s${String(draw(count))}`;
    const dimensions = set === 'all' ? 3 : (kinds[Number(set.slice(1))] ?? '').split(',').length;
    const wanted = Array.from({ length: dimensions }, () => pick(['src', 'dst'] as const)).join(',');
    log(`-m set ${draw(3) === 0 ? '! ' : ''}--match-set ${set} ${draw(5) === 0 ? ends() : wanted}${draw(4) === 0 ? ' --return-nomatch' : ''}`);
  }
  rules.push(`-A ${chain} -m set --match-set all ${ends()} -j DROP`);
  return { title: `seed ${String(seed)}`, sets: `${sets.join('\n')}\n`, rules: rules.join('\n'), family: version6 ? 6 : 4, packets: 200 };
}
