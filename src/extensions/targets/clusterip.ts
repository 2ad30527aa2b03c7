/** `-j CLUSTERIP`: several hosts share one address, each answering for its part of the clients; kernels have not had it since 6.3. */

import { defineTarget, flag, unsupported, value, type GivenOf, type ValueType } from '../define.js';
import { macAddress } from '../values/mac-address.js';
import { shown, wholeNumber } from '../values/number.js';
import { refusesRemoved } from '../values/removed.js';

const MODES = ['sourceip', 'sourceip-sourceport', 'sourceip-sourceport-destport'];

const mode: ValueType<string> = {
  name: 'way to hash',
  read: (text) =>
    MODES.includes(text)
      ? { kind: 'read', value: text }
      : { kind: 'refused', by: 'iptables', message: `${shown(text)} is none of ${MODES.join(', ')}`, says: `Unknown hashmode "${text}"` },
  print: (text) => text,
};

const clusterMac: ValueType<string> = {
  ...macAddress,
  read: (text, context) => {
    const address = macAddress.read(text, context);
    if (address.kind !== 'read') return address.kind === 'refused' ? { ...address, says: 'Invalid MAC address specified.' } : address;
    if ((Number.parseInt(address.value.slice(0, 2), 16) & 1) === 1) return address;
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is the address of one host, and the hosts of a cluster need that of a group`,
      says: 'MAC has to be a multicast ethernet address',
    };
  },
};

const place = (option: string) => ({ extension: 'CLUSTERIP', option });
/** (kernel before 6.3: include/uapi/linux/netfilter_ipv4/ipt_CLUSTERIP.h, CLUSTERIP_MAX_NODES) */
const MOST_NODES = 16;

const options = {
  new: flag(),
  hashmode: value(mode),
  clustermac: value(clusterMac),
  'total-nodes': value(wholeNumber('number of hosts', 0, MOST_NODES, place('total-nodes'))),
  'local-node': value(wholeNumber('number of a host', 0, MOST_NODES, place('local-node'))),
  'hash-init': value(wholeNumber('number', 0, 0xffffffff, place('hash-init'))),
};

/** A new cluster is described wholly, a known one not at all. (iptables up to 1.8.9: extensions/libipt_CLUSTERIP.c, CLUSTERIP_check) */
function isHalf(given: GivenOf<typeof options>): boolean {
  const described = (['new', 'hashmode', 'clustermac', 'total-nodes', 'local-node'] as const).filter((name) => given[name] !== undefined).length;
  return described !== 5 && (described !== 0 || given['hash-init'] !== undefined);
}

export default defineTarget({
  name: 'CLUSTERIP',
  summary: 'several hosts share one address; gone since Linux 6.3',
  families: ['ip'],
  flow: 'continues',
  options,
  constraints: [
    {
      kind: 'refuses',
      by: 'iptables',
      when: isHalf,
      check: 'missing-required-option',
      message: 'a new cluster needs `--new`, `--hashmode`, `--clustermac`, `--total-nodes` and `--local-node`; the rules behind name none of them',
      says: 'CLUSTERIP target: Invalid parameter combination',
    },
    refusesRemoved<typeof options>('CLUSTERIP', {
      do: 'let each host take its part with `-m cluster`, and an arptables rule give the shared MAC address',
    }),
  ],
  print: (given) => {
    if (given.new === undefined) return [];
    const words = [
      '--new',
      '--hashmode',
      given.hashmode?.value ?? '',
      '--clustermac',
      given.clustermac?.value.toUpperCase() ?? '',
      '--total-nodes',
      String(given['total-nodes']?.value),
      '--local-node',
      String(given['local-node']?.value),
    ];
    return [...words, '--hash-init', String(given['hash-init']?.value ?? 0)];
  },
  toNft: () =>
    unsupported('nft cannot answer ARP for an address that several hosts share', 'let each host take its part with `-m cluster`, or use keepalived'),
});
