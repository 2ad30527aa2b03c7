// Makes iptables-save dumps of any size, the same for the same seed.

/** A small random generator (mulberry32), so that runs can be compared. */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A dump of `rules` rules of ten kinds that real dumps are made of. */
export function generateDump(rules, seed = 1) {
  const random = createRandom(seed);
  const below = (limit) => Math.floor(random() * limit);
  const address = () => `10.${below(256)}.${below(256)}.${below(256)}`;
  const network = () => `172.${16 + below(16)}.${below(256)}.0/24`;
  const port = () => 1 + below(65535);
  const kinds = [
    () => `-s ${address()}/32 -j DROP`,
    () => `-s ${address()}/32 -p tcp -m tcp --dport ${port()} -j ACCEPT`,
    () => `-s ${network()} -d ${address()}/32 -p udp -m udp --sport ${port()} -j ACCEPT`,
    () => `-i eth${below(4)} -p tcp -m tcp --dport ${port()} -m conntrack --ctstate NEW -j ACCEPT`,
    () => `-d ${network()} -p tcp -m multiport --dports ${port()},${port()} -j ACCEPT`,
    () => `-p icmp -m icmp --icmp-type 8 -s ${address()}/32 -j DROP`.replace(/^(-p icmp -m icmp --icmp-type 8) (-s \S+)/, '$2 $1'),
    () => `-s ${address()}/32 -m comment --comment "customer ${below(100000)}" -j RETURN`,
    () => `! -s ${network()} -o eth${below(4)} -j DROP`,
    () => `-m mark --mark 0x${below(65536).toString(16)} -j ACCEPT`,
    () => `-s ${address()}/32 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j LOG --log-prefix "syn: "`,
  ];
  const lines = ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD ACCEPT [0:0]', ':OUTPUT ACCEPT [0:0]'];
  for (let index = 0; index < rules; index += 1) lines.push(`-A FORWARD ${kinds[index % kinds.length]()}`);
  lines.push('COMMIT', '');
  return lines.join('\n');
}

/** The parts of the name of a chain that kube-proxy makes from a hash. */
const HASH_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Some `rules` rules as kube-proxy writes them in its iptables mode: services with three endpoints each, one in twenty with client affinity. */
export function generateServicesDump(rules, seed = 1) {
  const random = createRandom(seed);
  const below = (limit) => Math.floor(random() * limit);
  const hash = () => Array.from({ length: 16 }, () => HASH_LETTERS[below(32)]).join('');
  const chains = ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ'];
  const services = ['-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'];
  services.push('-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES');
  services.push('-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING');
  const own = [
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
  ];
  for (let service = 0; services.length + own.length < rules; service += 1) {
    const name = `shop-${service % 50}/backend-${service}:http`;
    const address = `10.96.${(service >> 8) & 255}.${service & 255}`;
    const port = 1 + below(9000);
    const chain = `KUBE-SVC-${hash()}`;
    const to = `-d ${address}/32 -p tcp -m comment --comment "${name} cluster IP" -m tcp --dport ${port}`;
    chains.push(chain);
    services.push(`-A KUBE-SERVICES ${to} -j ${chain}`);
    own.push(`-A ${chain} ! -s 10.244.0.0/16 ${to} -j KUBE-MARK-MASQ`);
    const keepsClients = service % 20 === 0;
    const remembered = [];
    const chosen = [];
    for (let left = 3; left > 0; left -= 1) {
      const pod = `10.244.${below(256)}.${1 + below(254)}`;
      const endpoint = `KUBE-SEP-${hash()}`;
      const list = `--name ${endpoint} --mask 255.255.255.255 --rsource`;
      const says = `-m comment --comment "${name} -> ${pod}:8080"`;
      chains.push(endpoint);
      if (keepsClients) remembered.push(`-A ${chain} ${says} -m recent --rcheck --seconds 10800 --reap ${list} -j ${endpoint}`);
      chosen.push(`-A ${chain} ${says} ${left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(11)} `}-j ${endpoint}`);
      own.push(`-A ${endpoint} -s ${pod}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`);
      const set = keepsClients ? `-m recent --set ${list} ` : '';
      own.push(`-A ${endpoint} -p tcp -m comment --comment "${name}" ${set}-m tcp -j DNAT --to-destination ${pod}:8080`);
    }
    own.push(...remembered, ...chosen);
  }
  const heads = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((chain) => `:${chain} ACCEPT [0:0]`);
  return ['*nat', ...heads, ...chains.map((chain) => `:${chain} - [0:0]`), ...services, ...own, 'COMMIT', ''].join('\n');
}
