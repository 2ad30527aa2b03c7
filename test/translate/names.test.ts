/** Values that only another host, or whoever fills in a template, knows: they keep their names in nft. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSource, printNft, read, translateScripts, type Translation } from '../../src/api.js';
import { describeKernel } from '../support/kernel.js';
import { installedNftVersions } from '../support/versions.js';

const dump = (...rules: readonly string[]): string => `*filter\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n${rules.join('\n')}\nCOMMIT\n`;

function translated(text: string, defines: Readonly<Record<string, string>> = {}): Translation {
  const input = read(createSource('rules.v4', text), { kind: 'save', defines: new Map(Object.entries(defines)) });
  return translateScripts([input], { target: {}, rates: 'meter', replace: 'none', counters: 'keep', partial: true, names: true });
}

/** The rules of all chains as text. */
function rulesOf(translation: Translation): readonly string[] {
  return printNft(translation.file)
    .split('\n')
    .filter((line) => line.startsWith('\t\t') && !/^\t\t(?:type|flags|elements|#)/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/ ?counter /, ' ')
        .trim(),
    );
}

/** The sets and maps of a translation, one line each. */
function setsOf(translation: Translation): readonly string[] {
  return [...printNft(translation.file).matchAll(/^\t(?:set|map) (?:.|\n\t\t)*\n\t\}/gm)].map(([text]) => text.replace(/\s+/g, ' ').trim());
}

test('a variable of a dump is a set without elements, and a map where nft takes no set', () => {
  const translation = translated(
    dump(
      '[3:180] -A OUTPUT -p udp -m owner --uid-owner $CHRONY -j ACCEPT',
      '-A INPUT -s ${LAN} -i $WAN -p tcp --dport $SSH -j ACCEPT',
      '-A OUTPUT -p tcp -m multiport --dports $PORTS -j DROP',
    ),
  );
  expect(printNft(translation.file)).toContain('meta l4proto udp meta skuid @CHRONY counter packets 3 bytes 180 accept');
  expect(rulesOf(translation)).toEqual([
    'iifname @WAN ip saddr @LAN tcp dport @SSH accept',
    'meta l4proto udp meta skuid @CHRONY packets 3 bytes 180 accept',
    'tcp dport @PORTS drop',
  ]);
  expect(setsOf(translation)).toEqual([
    'set CHRONY { type uid }',
    'set LAN { type ipv4_addr flags interval }',
    'set WAN { type ifname }',
    'set SSH { type inet_service flags interval }',
    'set PORTS { type inet_service flags interval }',
  ]);
  expect(printNft(translation.file)).toMatch(/# \$CHRONY\s+rules\.v4:4\n\tset CHRONY/);
  expect(translation.report).toMatchObject({ total: 3, exact: 0, approximate: 3, unsupported: 0 });
  expect(translation.report.items[0]?.reason).toBe('`$CHRONY` is no value: the rule matches no packet until the set for it has elements');
});

test('what stands where nft takes no set is a map from the protocol, which every packet of the table has', () => {
  const translation = translated(`*nat
-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination $WEB:8080
-A PREROUTING -p tcp --dport 81 -j DNAT --to-destination 192.0.2.1:$PORT
-A PREROUTING -p tcp --dport 82 -j REDIRECT --to-ports <port>
-A POSTROUTING -o eth0 -j SNAT --to-source x.x.x.x
COMMIT
*mangle
-A PREROUTING -i eth1 -j MARK --set-mark $MARK
COMMIT`);
  expect(rulesOf(translation)).toEqual([
    'tcp dport 80 dnat to meta protocol map @WEB:8080',
    'tcp dport 81 dnat to 192.0.2.1:meta protocol map @PORT',
    'tcp dport 82 redirect to :meta protocol map @ports_1',
    'oifname "eth0" snat to meta protocol map @address_1',
    'iifname "eth1" meta mark set meta protocol map @MARK',
  ]);
  expect(setsOf(translation)).toContain('map WEB { type ether_type : ipv4_addr }');
  expect(translation.report.items.map(({ reason }) => reason)).toContain(
    '`$WEB` is no value: the rule does nothing until the map for it has elements',
  );
});

test('what was made unreadable has a set for each rule, a name is the same value wherever it stands', () => {
  const translation = translated(
    dump(
      '-A INPUT -m mac --mac-source XX:XX:XX:XX:XX:XX -j ACCEPT',
      '-A INPUT -m mac ! --mac-source XX:XX:XX:XX:XX:XX -j DROP',
      '-A INPUT -s {{ admin_ip }} -p tcp --dport 22 -j ACCEPT',
      '-A INPUT -s {{ admin_ip }} -p tcp --dport <port> -j ACCEPT',
      '-A INPUT -p tcp -m multiport --dports 22,$PORT,8000:8010 -j ACCEPT',
      '-A INPUT -p $PROTO -j ACCEPT',
    ),
  );
  expect(rulesOf(translation)).toEqual([
    'ether saddr @hardware_address_1 accept',
    'ether saddr != @hardware_address_2 drop',
    'ip saddr @admin_ip tcp dport 22 accept',
    'ip saddr @admin_ip tcp dport @ports_1 accept',
    'tcp dport @PORT accept',
    'meta l4proto @PROTO accept',
  ]);
  expect(setsOf(translation)).toContain('set PORT { type inet_service flags interval elements = { 22, 8000-8010 } }');
  const reasons = translation.report.items.map(({ reason }) => reason);
  expect(reasons).toContain('`XX:XX:XX:XX:XX:XX` is no value, and `!` excludes nothing until the set for it has elements');
  expect(reasons).toContain('`22,$PORT,8000:8010` is not all known: the rule matches only what is, until the set for it has elements');
  expect(translation.report.remarks.join('\n')).toMatch(/@hardware_address_1 .*each has a set of its own/s);
});

test('an ipset or a list of the same name is another set', () => {
  const translation = translated(dump('-A INPUT -m recent --name LAN --set', '-A INPUT -s $LAN -j ACCEPT'));
  expect(rulesOf(translation)).toContain('ip saddr @LAN_2 accept');
});

test('lines of a template and lines left out are told of once, and the rules around them stand', () => {
  const translation = translated(
    dump('{% if web %}', '-A INPUT -p tcp --dport 80 -j ACCEPT', '{% endif %}', '...', '-A INPUT -p tcp --dport {{ port }} -j DROP'),
  );
  expect(rulesOf(translation)).toEqual(['tcp dport 80 accept', 'tcp dport @port drop']);
  expect(translation.report).toMatchObject({ total: 2, unsupported: 0 });
  expect(translation.report.remarks.slice(0, 2).join('\n')).toMatch(
    /rules\.v4:4: `\{% if web %\}` and 1 more line belong.*\nrules\.v4:7: `\.\.\.` is no rule/,
  );
});

test('the protocol of a rule that asks for ports may be open: its ports are those of every transport protocol', () => {
  const translation = translated(
    dump(
      '-A INPUT -p {{ rule.proto }} -m state --state NEW -m {{ rule.proto }} --dport {{ rule.port }} -j ACCEPT',
      "-A INPUT -p {{ x | default('tcp') }} -m multiport ! --dports 53,80:90 -j DROP",
      '-A INPUT -p $PROTO --dport 53 -j REJECT --reject-with tcp-reset',
      '-A INPUT -p $PROTO --dport 53 -m tcp --syn -j ACCEPT',
    ),
  );
  expect(rulesOf(translation)).toEqual([
    'meta l4proto @rule_proto ct state new th dport @rule_port accept',
    'meta l4proto @x_default_tcp th dport != { 53, 80-90 } drop',
  ]);
  expect(translation.report).toMatchObject({ total: 4, approximate: 2, unsupported: 2 });
});

test('a rule that is not carried over takes no value from the others, and its comment shows the value as it is written', () => {
  const translation = translated(dump('-A INPUT -i ${WAN} -m set --match-set both src,dst -j DROP', '-A INPUT -i ${WAN} -j ACCEPT'));
  expect(rulesOf(translation)).toEqual(['iifname @WAN accept']);
  expect(printNft(translation.file)).toContain('# NOT CARRIED OVER (rules.v4:4): -A INPUT -i ${WAN} -m set --match-set both src,dst -j DROP');
  expect(translation.report).toMatchObject({ total: 2, approximate: 1, unsupported: 1 });
});

test('types of ICMP and policies may be open', () => {
  const translation = translated(
    dump('-A INPUT -p icmp --icmp-type {{ kind }} -j ACCEPT', '-A INPUT -p icmp ! --icmp-type $TYPE -j DROP').replace(
      'INPUT ACCEPT',
      'INPUT {{ policy }}',
    ),
  );
  expect(rulesOf(translation)).toEqual(['icmp type @kind accept', 'icmp type != @TYPE drop']);
  expect(translation.report).toMatchObject({ total: 3, approximate: 3, unsupported: 0 });
  expect(translation.report.items[0]?.reason).toBe('`{{ policy }}` is no value: the policy of INPUT is ACCEPT until it is written');
});

test('a rule that gets options in a branch of a template, or as text, is a line of the template; a list that a loop makes is one value', () => {
  const translation = translated(
    dump(
      '-A INPUT {% if net %}-s {{ net }} {% endif %}-p tcp --dport 22 -j ACCEPT',
      '-A INPUT -p tcp<% if port -%> --dport <%= port %><% end -%> -j ACCEPT',
      '-A INPUT {{ rule }}',
      '-A INPUT -p tcp -m multiport --dports {% for port in ports|sort %}{{ port }}{% if not loop.last %},{% endif %}{% endfor %} -j ACCEPT',
      '-A INPUT -s {REMOTE}/32 -j DROP',
    ),
  );
  expect(rulesOf(translation)).toEqual(['tcp dport @for_port_in_ports_sort_port_if_not_loop_last accept', 'ip saddr @REMOTE_32 drop']);
  expect(translation.report).toMatchObject({ total: 2, unsupported: 0 });
  expect(translation.report.remarks.join('\n')).toMatch(/`-A INPUT \{% if net %\}.*` and 2 more lines belong to a template/);
});

test('what was typed around a dump is told of, and what stands behind the name of a table is passed over as iptables-restore does', () => {
  const translation = translated(
    `[root@www ~]# iptables-save -t filter\n${dump('-A INPUT -i lo -j ACCEPT').replace('*filter', '*filter    <== the table')}[root@www ~]#\n$ `,
  );
  expect(rulesOf(translation)).toEqual(['iifname "lo" accept']);
  expect(translation.report).toMatchObject({ total: 1, unsupported: 0 });
  expect(translation.report.remarks.join('\n')).toContain('typed at a prompt');
});

test.each([
  ['nat', ':PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080\nCOMMIT\n'],
  ['nat', '-P PREROUTING ACCEPT\n-N DOCKER\n-A PREROUTING -j DOCKER\n-A DOCKER -i docker0 -j RETURN\n-P POSTROUTING ACCEPT\n'],
  ['mangle', ':PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A PREROUTING -i eth0 -j DSCP --set-dscp 1\nCOMMIT\n'],
  ['raw', '-A PREROUTING -p tcp --dport 80 -j NOTRACK\n'],
  ['filter', ':INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n'],
])('the table of a dump without its first line is the one that has its chains and targets: %s', (name, text) => {
  const { file, report } = translated(text);
  expect(file.tables.map((table) => table.name)).toEqual([name]);
  expect(report.unsupported).toBe(0);
});

test('rules that were cut out of a dump stand in their chains, and the report says what is missing', () => {
  const { file, report } = translated('-A RH-Firewall-1-INPUT -p tcp -m tcp --dport 8080 -j ACCEPT\n');
  expect(printNft(file)).toContain('chain RH-Firewall-1-INPUT {\n\t\ttcp dport 8080');
  expect(report.remarks.join('\n')).toContain('no line makes the chain `RH-Firewall-1-INPUT`');
});

test('what Android has iptables count where other kernels do not let it is told, and no loss', () => {
  const translation = translated(dump('-A INPUT -m owner --socket-exists', '-A INPUT -m owner --uid-owner 0 -j ACCEPT'));
  expect(translation.report.items.map(({ kind, reason }) => `${kind}: ${reason ?? ''}`)).toEqual([
    expect.stringMatching(/^approximate: left out, as the rule has no target and only counts: iptables refuses it/),
    expect.stringMatching(/^unsupported: iptables refuses it/),
  ]);
});

test('a rule without a target that nft cannot say is no loss, unless it remembers something', () => {
  const translation = translated(
    dump(
      '-A INPUT -m string --algo bm --string counted',
      '-A INPUT -m string --algo bm --string stamped -m recent --name seen --set',
      '-A INPUT -m string --algo bm --string dropped -j DROP',
    ),
  );
  expect(rulesOf(translation)).toEqual([]);
  expect(translation.report.items.map(({ kind }) => kind)).toEqual(['approximate', 'unsupported', 'unsupported']);
});

test('its value may be given; then it stands there itself', () => {
  const translation = translated(dump('-A INPUT -s $LAN -p $P $TYPE 8 -j ACCEPT', '-A INPUT -m comment --comment "costs $LAN" -j ACCEPT'), {
    LAN: '192.0.2.0/24',
    P: 'icmp',
    TYPE: '--icmp-type',
  });
  expect(rulesOf(translation)).toEqual(['ip saddr 192.0.2.0/24 icmp type echo-request accept', 'accept comment "costs $LAN"']);
});

test('a variable that nft takes neither a set nor a map for, or that is more than one argument, is named in the report', () => {
  const { report } = translated(
    dump('-A INPUT -s 192.168.$N.1 -j DROP', '-A INPUT -p $P $TYPE 8 -j DROP', '-A INPUT -m limit --limit $RATE -j LOG', '-A INPUT -j ACCEPT'),
  );
  expect(report).toMatchObject({ total: 4, exact: 1, approximate: 1, unsupported: 2 });
  expect(report.items.filter(({ kind }) => kind === 'unsupported').map(({ rule }) => rule)).toEqual([
    '-A INPUT -p $P $TYPE 8 -j DROP',
    '-A INPUT -m limit --limit $RATE -j LOG',
  ]);
});

const NAMES = dump(
  '-A INPUT -p tcp --dport fwl-service -j ACCEPT',
  '-A INPUT -p tcp -m multiport --dports 80,fwl-service,other.fwl -j ACCEPT',
  '-A INPUT -s one.fwl.example -j DROP',
  '-A OUTPUT ! -d one.fwl.example -p udp --sport fwl-service -j DROP',
  '-A OUTPUT -m owner --uid-owner fwlalice -j DROP',
);

test('services, hosts, users keep their names, and the report says so', () => {
  const translation = translated(NAMES);
  expect(rulesOf(translation)).toEqual([
    'tcp dport "fwl-service" accept',
    'tcp dport { 80, "fwl-service", "other.fwl" } accept',
    'ip saddr "one.fwl.example" drop',
    'ip daddr != "one.fwl.example" udp sport "fwl-service" drop',
    'meta skuid "fwlalice" drop',
  ]);
  expect(translation.report.remarks.join('\n')).toMatch(/nft looks up `fwl-service` \(rules\.v4:4\), `other\.fwl` .*`one\.fwl\.example`/);
});

test('what was made unreadable is no host', () => {
  const hidden = ['xxx.xxx.xxx.xxx', 'x.x.x.x/24', '192.168.xx.0/24', 'a.b.c.d', '10.0.0.X', 'YOUR_SERVER_IP', 'one.example.com/24'];
  const { report } = translated(dump(...hidden.map((address) => `-A INPUT -s ${address} -j DROP`), '-A INPUT -j ACCEPT'));
  expect(report).toMatchObject({ total: hidden.length + 1, exact: 1, approximate: hidden.length - 1, unsupported: 1 });
  expect(report.remarks.join('\n')).not.toContain('looks up');
});

describeKernel('nft with such names', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fwlint-names-'));
  const append = (file: string, lines: string): string => {
    const path = join(folder, file);
    writeFileSync(path, readFileSync(`/etc/${file}`, 'utf8') + lines);
    return path;
  };
  /** What nft says of the file on a host that knows more names. */
  const said = (binary: string, text: string): string => {
    const known = [
      append('services', 'fwl-service 7777/tcp\nfwl-service 7777/udp\nother.fwl 7778/tcp\n'),
      append('hosts', '192.0.2.7 one.fwl.example\n192.0.2.8 two.fwl.example\n192.0.2.9 two.fwl.example\n'),
      append('passwd', 'fwlalice:x:4711:4711::/:/bin/false\n'),
    ];
    const mounts = known.map((path) => `mount --bind ${path} /etc/${path.slice(folder.length + 1)}`).join(' && ');
    const file = join(folder, 'rules.nft');
    writeFileSync(file, text);
    const command = `${mounts} && exec ${binary} -c -f ${file}`;
    const { status, stderr } = spawnSync('unshare', ['-nm', 'sh', '-c', command], { encoding: 'utf8' });
    return status === 0 ? '' : stderr;
  };

  test.each(installedNftVersions())('$version finds them where they are known', ({ binary }) => {
    expect(said(binary, printNft(translated(NAMES).file))).toBe('');
    expect(said(binary, printNft(translated(dump('-A INPUT -s two.fwl.example -j DROP')).file))).toContain('multiple addresses');
    const template = printNft(translated(dump('-A OUTPUT -m owner --uid-owner $ID -j DROP', '-A INPUT -p tcp --dport $PORT -j DROP')).file);
    expect(said(binary, template)).toBe('');
    const elements = { ID: 'fwlalice', PORT: '22' };
    const filled = Object.entries(elements).reduce(
      (text, [name, element]) => text.replace(new RegExp(`(set ${name} \\{[^}]*?)\\n\\t\\}`), `$1\n\t\telements = { ${element} }\n\t}`),
      template,
    );
    expect(filled).toContain('elements = { fwlalice }');
    expect(said(binary, filled)).toBe('');
  });

  test('tidies up', () => {
    rmSync(folder, { recursive: true });
  });
});
