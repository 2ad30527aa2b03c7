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
