/** Later fragments, where nothing puts them together: iptables finds no transport header in them. */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';

function nftRules(family: 'ip' | 'ip6', ...rules: readonly string[]): readonly string[] {
  const tool = family === 'ip' ? 'iptables' : 'ip6tables';
  const input = read(createSource('rules.sh', rules.map((rule) => `${tool} ${rule}\n`).join('')));
  const { file } = translate(input, { rates: 'meter', counters: 'drop', target: {}, replace: 'table', partial: false });
  return printNft(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => / (drop|accept|return|unless)$/.test(line));
}

test('a rule for what most bytes look like asks for no later fragment', () => {
  expect(
    nftRules(
      'ip',
      '-A FORWARD -p tcp ! --dport 80 -j DROP',
      '-A FORWARD -p tcp --syn -j DROP',
      '-A FORWARD -p udp --sport 1024: -j DROP',
      '-A FORWARD -p udp -m multiport --dports 53,1000:2000 -j DROP',
      '-A FORWARD -p icmp ! --icmp-type 8 -s 192.0.2.0/24 -j DROP',
    ),
  ).toEqual([
    'ip frag-off & 0x1fff == 0 tcp dport != 80 drop',
    'ip frag-off & 0x1fff == 0 tcp flags & (fin | syn | rst | ack) == syn drop',
    'ip frag-off & 0x1fff == 0 udp sport 1024-65535 drop',
    'ip frag-off & 0x1fff == 0 udp dport { 53, 1000-2000 } drop',
    'ip saddr 192.0.2.0/24 ip frag-off & 0x1fff == 0 icmp type != echo-request drop',
  ]);
  expect(nftRules('ip6', '-A INPUT -p tcp ! --dport 80 -j DROP')).toEqual(['frag frag-off != 0 return', 'tcp dport != 80 drop', 'jump unless']);
});

test('it stays as it is where fragments are put together, or the bytes of one hardly look like it', () => {
  const plain = '-A FORWARD -p tcp ! --dport 80 -j DROP';
  const asWritten = 'tcp dport != 80 drop';
  expect(nftRules('ip', '-A FORWARD -p tcp --syn --dport 80 -j DROP')).toEqual(['tcp dport 80 tcp flags & (fin | syn | rst | ack) == syn drop']);
  expect(nftRules('ip', '-A FORWARD ! -f -p tcp ! --dport 80 -j DROP')).toEqual([`ip frag-off & 0x1fff == 0 ${asWritten}`]);
  expect(nftRules('ip', '-A INPUT -p tcp ! --dport 80 -j DROP')).toEqual([asWritten]);
  expect(nftRules('ip', '-A INPUT -m conntrack --ctstate ESTABLISHED -j LOG', plain)).toEqual([asWritten]);
  expect(nftRules('ip', '-t nat -A POSTROUTING -j MASQUERADE', plain)).toEqual([asWritten]);
});
