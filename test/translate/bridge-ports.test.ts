/** The table that notes ports of bridges for `-m physdev`: no more than the rules ask for, in bits that no rule names. */

import { describe, expect, test } from 'vitest';
import { createSource, joinFamilies, printNft, read, translateAll, type TranslateOptions } from '../../src/api.js';
import { numberPorts, widthOf } from '../../src/translate/bridge-ports/ports.js';
import { freeBits } from '../../src/translate/bridge-ports/mark-bits.js';

const OPTIONS: TranslateOptions = { target: {}, rates: 'meter', replace: 'none', counters: 'drop', partial: false };

function translated(dumps: Readonly<Record<string, string>>, options: Partial<TranslateOptions> = {}) {
  const inputs = Object.entries(dumps).map(([family, text]) => read(createSource(family, text), { kind: 'save', family: family as 'ip' | 'ip6' }));
  return translateAll(inputs, { ...OPTIONS, ...options });
}

const textOf = (rules: string): string => printNft(translated({ ip: rules }).file);

test('packets that are bridged have numbers from before FORWARD to behind it', () => {
  expect(
    textOf(`*filter
:FORWARD DROP [0:0]
-A FORWARD -m physdev --physdev-in tap1 --physdev-is-bridged -j ACCEPT
-A FORWARD -m physdev --physdev-in tap+ --physdev-out eth0 -j ACCEPT
COMMIT
`),
  ).toBe(`table ip filter {
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		meta mark & 0x30000000 == 0x20000000 meta mark & 0xc0000000 != 0x0 accept
		meta mark & 0x30000000 != 0x0 meta mark & 0xc0000000 == 0x80000000 accept
	}
}

# the ports of bridges for -m physdev, in bits 0xf0000000 of the packet mark
table bridge physdev_ip {
	# before FORWARD of IP
	chain forward {
		type filter hook forward priority -2; policy accept;
		meta protocol { arp, ip6 } accept
		meta mark set meta mark & 0xfffffff | 0x40000000
		iifname "tap*" meta mark set meta mark & 0xcfffffff | 0x10000000
		iifname "tap1" meta mark set meta mark & 0xcfffffff | 0x20000000
		oifname "eth0" meta mark set meta mark & 0x3fffffff | 0x80000000
	}

	# behind FORWARD of IP
	chain forward_end {
		type filter hook forward priority 1; policy accept;
		meta protocol { arp, ip6 } accept
		meta mark set meta mark & 0xfffffff
	}
}
`);
});

test('where routed packets are asked for their port, it stays with them until they leave', () => {
  const text = textOf('*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -m physdev --physdev-in tap1 -j DROP\nCOMMIT\n');
  expect(text).toContain(`	chain physdev_prerouting {
		type filter hook prerouting priority -350; policy accept;
		meta mark & 0x80000000 == 0x0 meta mark set meta mark & 0x3fffffff
		meta mark & 0x80000000 == 0x80000000 meta mark set meta mark & 0x7fffffff
	}`);
  expect(text).toContain(
    'chain physdev_input {\n\t\ttype filter hook input priority 150; policy accept;\n\t\tmeta mark set meta mark & 0x3fffffff\n',
  );
  expect(text).toContain('chain physdev_postrouting {');
  expect(text).toContain('meta protocol { arp, ip6 } accept\n\t\tmeta mark & 0x80000000 == 0x80000000 meta mark set meta mark & 0x3fffffff\n');
  expect(text).not.toContain('hook forward');
});

describe('bits', () => {
  const marks = (rules: string): string => textOf(`*filter\n:FORWARD ACCEPT [0:0]\n${rules}-A FORWARD -m physdev --physdev-is-bridged\nCOMMIT\n`);

  test('that rules name are left to them', () => {
    expect(marks('-A FORWARD -m mark --mark 0xc0000000/0xf0000000\n-A FORWARD -j MARK --or-mark 0x8000000\n')).toContain(
      'meta mark & 0x4000000 == 0x4000000',
    );
    expect(marks('-A FORWARD -j CONNMARK --set-mark 0x80000000\n')).toContain('meta mark & 0x40000000 == 0x40000000');
  });

  test('are passed over by rules for whole marks, where packets may have them', () => {
    const text = marks(
      '-A FORWARD -m mark --mark 5 -j MARK --set-mark 6\n-A INPUT -m mark --mark 5 -j MARK --set-mark 6\n-A FORWARD -j CONNMARK --save-mark\n',
    );
    expect(text).toContain('meta mark & 0x7fffffff == 0x5 meta mark set meta mark & 0x80000000 | 0x6\n');
    expect(text).toContain('\t\tmeta mark 0x5 meta mark set 0x6\n');
    expect(text).toContain('ct mark set meta mark & 0x7fffffff\n');
  });

  test('may all be taken', () => {
    const dump =
      '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j MARK --set-mark 0xffffffff\n-A FORWARD -m physdev --physdev-is-bridged -j DROP\nCOMMIT\n';
    const { file, report } = translated({ ip: dump });
    expect(report.items.map(({ kind, reason }) => [kind, reason])).toEqual([['unsupported', expect.stringContaining('too few of them free')]]);
    expect(file.tables.map(({ family }) => family)).toEqual(['ip']);
  });

  test('are the highest that lie together', () => {
    expect(freeBits(0, 4)).toBe(28);
    expect(freeBits(0xf0ff0000, 5)).toBe(11);
    expect(freeBits(0xffffffff, 1)).toBeUndefined();
    expect(freeBits(0xfffffffe, 1)).toBe(0);
  });
});

test('names that are part of another follow it', () => {
  const wildcard = (name: string) => ({ name, wildcard: true });
  const exact = (name: string) => ({ name, wildcard: false });
  const ports = numberPorts([exact('tap10'), wildcard('tap1'), exact('eth0'), wildcard(''), wildcard('tap'), exact('tap'), exact('eth0')]);
  expect(ports.names.map(({ name, wildcard: open }) => (open ? `${name}+` : name))).toEqual(['+', 'eth0', 'tap+', 'tap', 'tap1+', 'tap10']);
  expect(ports.numbersOf(wildcard(''))).toEqual([1, 6]);
  expect(ports.numbersOf(wildcard('tap'))).toEqual([3, 6]);
  expect(ports.numbersOf(exact('tap'))).toEqual([4, 4]);
  expect(widthOf(ports)).toBe(3);
});

test('each family has a table, which stays as it is where the others are joined', () => {
  const dump = '*filter\n:FORWARD DROP [0:0]\n-A FORWARD -m physdev --physdev-is-bridged -j ACCEPT\nCOMMIT\n';
  const { file, report } = translated({ ip: dump, ip6: dump }, { tableName: 'own' });
  expect(file.tables.map(({ family, name }) => `${family} ${name}`)).toEqual(['ip own', 'ip6 own', 'bridge own_ip', 'bridge own_ip6']);
  expect(report.remarks.filter((remark) => remark.includes('modprobe br_netfilter'))).toHaveLength(2);
  expect(joinFamilies(file, {}).file.tables.map(({ family, name }) => `${family} ${name}`)).toEqual(['inet own', 'bridge own_ip', 'bridge own_ip6']);
});

test('rules no packet can pass need nothing', () => {
  const { file, report } = translated({
    ip: '*filter\n:INPUT DROP [0:0]\n-A INPUT -m physdev --physdev-in tap1 --physdev-is-bridged -j ACCEPT\nCOMMIT\n',
  });
  expect(file.tables.map(({ family }) => family)).toEqual(['ip']);
  expect(report).toMatchObject({ exact: 1, remarks: [] });
});
