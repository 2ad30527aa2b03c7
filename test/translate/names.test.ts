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
    .filter((line) => line.startsWith('\t\t') && !/^\t\t(?:type|#)/.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/ ?counter /, ' ')
        .trim(),
    );
}

test('a variable that is a whole argument of a dump has to be set in nft', () => {
  const translation = translated(
    dump(
      '[3:180] -A OUTPUT -p udp -m owner --uid-owner $CHRONY -j ACCEPT',
      '-A INPUT -s ${LAN} -i $WAN -p tcp --dport $SSH -j ACCEPT',
      '-A OUTPUT -p tcp -m multiport --dports $PORTS -j DROP',
    ),
  );
  expect(printNft(translation.file)).toContain('meta l4proto udp meta skuid $CHRONY counter packets 3 bytes 180 accept');
  expect(rulesOf(translation)).toEqual([
    'iifname $WAN ip saddr $LAN tcp dport $SSH accept',
    'meta l4proto udp meta skuid $CHRONY packets 3 bytes 180 accept',
    'tcp dport $PORTS drop',
  ]);
  expect(translation.file.comments.join('\n')).toMatch(/define CHRONY = …\s+rules\.v4:4/);
  expect(translation.report).toMatchObject({ total: 3, exact: 3, unsupported: 0 });
});

test('its value may be given; then it stands there itself', () => {
  const translation = translated(dump('-A INPUT -s $LAN -p $P $TYPE 8 -j ACCEPT', '-A INPUT -m comment --comment "costs $LAN" -j ACCEPT'), {
    LAN: '192.0.2.0/24',
    P: 'icmp',
    TYPE: '--icmp-type',
  });
  expect(rulesOf(translation)).toEqual(['ip saddr 192.0.2.0/24 icmp type echo-request accept', 'accept comment "costs $LAN"']);
});

test('a variable that is a part of an argument, or more than one, is named in the report', () => {
  const { report } = translated(dump('-A INPUT -s 192.168.$N.1 -j DROP', '-A INPUT -p $P $TYPE 8 -j DROP', '-A INPUT -j ACCEPT'));
  expect(report).toMatchObject({ total: 3, exact: 1, unsupported: 2 });
  expect(report.items.map(({ rule }) => rule)).toEqual(['-A INPUT -s 192.168.$N.1 -j DROP', '-A INPUT -p $P $TYPE 8 -j DROP']);
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
  expect(report).toMatchObject({ total: hidden.length + 1, exact: 1, unsupported: hidden.length });
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
  const said = (binary: string, text: string, defines: readonly string[] = []): string => {
    const known = [
      append('services', 'fwl-service 7777/tcp\nfwl-service 7777/udp\nother.fwl 7778/tcp\n'),
      append('hosts', '192.0.2.7 one.fwl.example\n192.0.2.8 two.fwl.example\n192.0.2.9 two.fwl.example\n'),
      append('passwd', 'fwlalice:x:4711:4711::/:/bin/false\n'),
    ];
    const mounts = known.map((path) => `mount --bind ${path} /etc/${path.slice(folder.length + 1)}`).join(' && ');
    const file = join(folder, 'rules.nft');
    // nft 0.9.8 refuses `-D`.
    writeFileSync(file, defines.map((define) => `define ${define}\n`).join('') + text);
    const command = `${mounts} && exec ${binary} -c -f ${file}`;
    const { status, stderr } = spawnSync('unshare', ['-nm', 'sh', '-c', command], { encoding: 'utf8' });
    return status === 0 ? '' : stderr;
  };

  test.each(installedNftVersions())('$version finds them where they are known', ({ binary }) => {
    expect(said(binary, printNft(translated(NAMES).file))).toBe('');
    expect(said(binary, printNft(translated(dump('-A INPUT -s two.fwl.example -j DROP')).file))).toContain('multiple addresses');
    const template = printNft(translated(dump('-A OUTPUT -m owner --uid-owner $ID -j DROP', '-A INPUT -p tcp --dport $PORT -j DROP')).file);
    expect(said(binary, template)).not.toBe('');
    expect(said(binary, template, ['ID = fwlalice', 'PORT = 22'])).toBe('');
  });

  test('tidies up', () => {
    rmSync(folder, { recursive: true });
  });
});
