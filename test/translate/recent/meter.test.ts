/** What `--rates meter` writes, and the bounds it states. */

import { describe, expect, test } from 'vitest';
import { translated } from './translated.js';

const web = '-p tcp --dport 80 -i eth0 -m state --state NEW -m recent';
const ssh = '-p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh';

test('update, then set: a bucket, and a set of those that went over', () => {
  const { text, reasons } = translated(`
    iptables -I INPUT ${web} --set
    iptables -I INPUT ${web} --update --seconds 5 --hitcount 26 -j DROP`);
  expect(text).toBe(`table ip filter {
	# list DEFAULT: 26 new connections per 5 s and source
	set recent_DEFAULT {
		type ipv4_addr
		flags dynamic,timeout
		timeout 5s
	}

	# over the limit; stays while it keeps trying, leaves after 5 s of silence
	set recent_DEFAULT_blocked {
		type ipv4_addr
		flags dynamic,timeout
		timeout 5s
	}

	chain INPUT {
		type filter hook input priority filter; policy accept;
		iifname "eth0" tcp dport 80 ct state new ip saddr @recent_DEFAULT_blocked update @recent_DEFAULT_blocked { ip saddr } drop
		iifname "eth0" tcp dport 80 ct state new update @recent_DEFAULT { ip saddr limit rate over 312/minute burst 26 packets } add @recent_DEFAULT_blocked { ip saddr } drop
	}
}
`);
  expect(reasons).toContain(
    'a window of 26 per 5 s became a token bucket: at most 52 in any 5 s (26 at once, then 5.2/s), blocked while it keeps trying and 5 s longer; a client that retries slower than 5.2/s but more often than every 5 s stays blocked longer than before',
  );
});

describe('other idioms', () => {
  test('rcheck, then set: a bucket; what the set rule does besides stays', () => {
    const { rules, reasons } = translated(`
      iptables -A INPUT ${ssh} --rcheck --seconds 60 --hitcount 4 -j REJECT
      iptables -A INPUT ${ssh} --set -j ACCEPT`);
    expect(rules).toEqual([
      'tcp dport 22 ct state new update @recent_ssh { ip saddr limit rate over 4/minute burst 4 packets } reject',
      'tcp dport 22 ct state new accept',
    ]);
    expect(reasons[0]).toBe(
      'a window of 4 per 60 s became a token bucket: at most 8 in any 60 s (4 at once, then one every 15 s), the next 15 s later instead of when the oldest of 4 is 60 s old',
    );
  });

  test('set first: one fewer', () => {
    for (const check of ['--rcheck', '--update']) {
      const { rules } = translated(`
        iptables -A INPUT ${ssh} --set
        iptables -A INPUT ${ssh} ${check} --seconds 60 --hitcount 4 -j DROP`);
      expect(rules).toEqual([
        'tcp dport 22 ct state new ip saddr @recent_ssh_blocked update @recent_ssh_blocked { ip saddr } drop',
        'tcp dport 22 ct state new update @recent_ssh { ip saddr limit rate over 3/minute burst 3 packets } add @recent_ssh_blocked { ip saddr } drop',
      ]);
    }
  });

  test('accepts below the limit, and nothing above it', () => {
    const { rules } = translated(`
      iptables -P INPUT DROP
      iptables -A INPUT ${ssh} --set
      iptables -A INPUT ${ssh} ! --rcheck --seconds 60 --hitcount 4 -j ACCEPT`);
    expect(rules).toEqual([
      'tcp dport 22 ct state new ip saddr != @recent_ssh_blocked update @recent_ssh { ip saddr limit rate 3/minute burst 3 packets } accept',
      'tcp dport 22 ct state new update @recent_ssh_blocked { ip saddr }',
    ]);
  });

  test('rates nft has no unit for', () => {
    const rate = (seconds: number, hits: number): string | undefined =>
      /@recent_ssh \{ ip saddr limit rate over (\S+ burst \d+)/.exec(
        translated(`
          iptables -A INPUT ${ssh} --rcheck --seconds ${String(seconds)} --hitcount ${String(hits)} -j DROP
          iptables -A INPUT ${ssh} --set`).text,
      )?.[1];
    expect(rate(2, 3)).toBe('90/minute burst 3');
    expect(rate(7, 3)).toBe('259200/week burst 3');
    expect(rate(11, 3)).toBe('164945/week burst 3');
    // Less than one a week: the bucket would refill faster than the rules allow.
    expect(rate(10_000_000, 3)).toBeUndefined();
  });

  test('IPv6, destination, mask', () => {
    const { rules } = translated(`
      ip6tables -A FORWARD -p tcp -m recent --name x --mask ffff:ffff:ffff:ffff:: --rdest --rcheck --seconds 60 --hitcount 6 -j DROP
      ip6tables -A FORWARD -p tcp -m recent --name x --rdest --set`);
    expect(rules).toEqual(['meta l4proto tcp update @recent_x { ip6 daddr & ffff:ffff:ffff:ffff:: limit rate over 6/minute burst 6 packets } drop']);
  });
});

describe('exact in both modes', () => {
  const both = (commands: string): readonly string[] => {
    const results = (['meter', 'exact'] as const).map((rates) => translated(commands, { rates }));
    expect(results.map(({ reasons }) => reasons)).toEqual([[], []]);
    return results[0]?.rules ?? [];
  };

  test('seconds without hitcount', () => {
    expect(
      both(`
        iptables -A INPUT ${ssh} --update --seconds 60 -j DROP
        iptables -A INPUT ${ssh} --set`),
    ).toEqual([
      'tcp dport 22 ct state new ip saddr @recent_ssh update @recent_ssh { ip saddr } drop',
      'tcp dport 22 ct state new update @recent_ssh { ip saddr }',
    ]);
  });

  test('hitcount 2 behind the set is as simple', () => {
    expect(
      both(`
        iptables -A INPUT ${ssh} --set
        iptables -A INPUT ${ssh} --update --seconds 60 --hitcount 2 -j DROP`),
    ).toEqual([
      'tcp dport 22 ct state new ip saddr @recent_ssh update @recent_ssh { ip saddr } drop',
      'tcp dport 22 ct state new update @recent_ssh { ip saddr }',
    ]);
  });

  test('a list that is asked and filled by hand', () => {
    expect(both('iptables -A INPUT -m recent --name blacklist --rcheck -j DROP')).toEqual(['ip saddr @recent_blacklist drop']);
  });

  test('a check in front of the set of its own rule: the list stays empty', () => {
    expect(both(`iptables -A INPUT ${ssh} --rcheck --seconds 60 --hitcount 4 -m recent --name ssh --set -j DROP`)).toEqual([]);
  });

  test('hitcount without seconds', () => {
    expect(
      both(`
        iptables -A INPUT ${ssh} --rcheck --hitcount 2 -j DROP
        iptables -A INPUT ${ssh} --set`),
    ).toEqual(['tcp dport 22 ct state new ip saddr @recent_ssh_2 drop', 'tcp dport 22 ct state new jump recent_ssh_stamp']);
  });

  test('port knocking', () => {
    expect(
      both(`
        iptables -A INPUT -p tcp --dport 22 -m recent --name knock --rcheck --seconds 30 -j ACCEPT
        iptables -A INPUT -p tcp --dport 7000 -m recent --name knock --set -j DROP
        iptables -A INPUT -p tcp --dport 7001 -m recent --name knock --remove`),
    ).toEqual([
      'tcp dport 22 ip saddr @recent_knock accept',
      'tcp dport 7000 jump recent_knock_stamp',
      'tcp dport 7000 drop',
      'tcp dport 7001 delete @recent_knock { ip saddr }',
    ]);
  });

  test('a check without the name of the list that is filled asks an empty set', () => {
    expect(
      both(`
        iptables -A INPUT -p tcp --syn -m recent --set --name synflood
        iptables -A INPUT -p tcp --syn -m recent --rcheck --seconds 60 -j DROP`),
    ).toEqual([
      'tcp flags & (fin | syn | rst | ack) == syn add @recent_synflood { ip saddr }',
      'tcp flags & (fin | syn | rst | ack) == syn ip saddr @recent_DEFAULT drop',
    ]);
  });
});

describe('what is not carried over, or not quite', () => {
  test('a list in two tables makes them one', () => {
    const { unsupported, text } = translated(`
      iptables -t mangle -A PREROUTING -p tcp --dport 22 -m recent --set --name ssh
      iptables -A INPUT -p tcp --dport 22 -m recent --rcheck --seconds 60 --hitcount 3 --name ssh -j DROP`);
    expect(unsupported).toEqual([]);
    expect(text.match(/^table ip \w+ \{$/gm)).toEqual(['table ip filter {']);
    expect(text).toContain('chain mangle_PREROUTING {\n\t\ttype filter hook prerouting priority');
  });

  test('an nft that cannot take elements out of a set', () => {
    const pair = `
      iptables -A INPUT -p tcp --dport 22 -m recent --rcheck --seconds 60 --hitcount 3 --name a -j DROP
      iptables -A INPUT -p tcp --dport 22 -m recent --set --name a`;
    const old = translated(pair, { rates: 'exact', nft: '0.9.2' });
    expect(old.reasons[0]).toContain('became a token bucket');
    expect(old.text).not.toContain('delete @');
    expect(translated(pair, { rates: 'exact', nft: '0.9.3' }).reasons).toEqual([]);
    const { unsupported } = translated(`${pair}\n      iptables -A INPUT -p tcp --dport 23 -m recent --remove --name a -j DROP`, { nft: '0.9.2' });
    expect(unsupported[0]).toContain('nft 0.9.2 cannot take elements out of a set in a rule');
    expect(
      translated('iptables -A INPUT -m recent --update --seconds 9 --name a -j DROP\niptables -A INPUT -p udp -m recent --set --name a', {
        rates: 'exact',
        nft: '0.9.1',
      }).unsupported,
    ).toEqual([]);
  });

  test('--reap that takes off what another rule asks for', () => {
    const both = (first: number, second: number): readonly string[] =>
      translated(`
        iptables -A INPUT -p tcp --dport 23 -m recent --rcheck --seconds ${String(first)} --reap --name a -j DROP
        iptables -A INPUT -p tcp --dport 22 -m recent --rcheck --seconds ${String(second)} --name a -j DROP
        iptables -A INPUT -p tcp -m recent --set --name a`).reasons;
    expect(both(60, 60)).toEqual([]);
    expect(both(60, 30)).toEqual([]);
    expect(both(30, 60)[0]).toContain('once that is 30 s ago');
  });

  test('TTLs', () => {
    const { reasons } = translated(`
      iptables -A INPUT ${ssh} --rcheck --seconds 60 --hitcount 4 --rttl -j DROP
      iptables -A INPUT ${ssh} --set`);
    expect(reasons[0]).toContain('`--rttl` is left out');
  });

  test('--reap does nothing here', () => {
    const { rules, reasons } = translated(`
      iptables -A INPUT ${ssh} --rcheck --seconds 60 --reap -j DROP
      iptables -A INPUT ${ssh} --set`);
    expect(reasons).toEqual([]);
    expect(rules[0]).toBe('tcp dport 22 ct state new ip saddr @recent_ssh drop');
  });

  test('more seconds than 32 bits of ticks hold', () => {
    const { reasons, text } = translated('iptables -A INPUT -m recent --rcheck --seconds 17179870 -j DROP', { hz: 250 });
    expect(reasons[0]).toContain('do not fit into the 32 bits');
    // 17179870 * 250 = 2^32 + 204 ticks
    expect(text).toContain('timeout 820ms');
  });
});
