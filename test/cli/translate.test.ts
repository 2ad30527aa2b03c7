// `fwlint translate`: what goes to which stream, exit statuses, forms, and calls that cannot be meant.
import { describe, expect, test } from 'vitest';

import { BROKEN, CLEAN, DASH, DASH_REPAIRED, useProgram } from './program.js';

const program = useProgram();

/** A match no nft expression exists for. */
const UNSUPPORTED = 'iptables -A INPUT -p tcp -m string --algo bm --string evil -j DROP\n';
const SAVE = '*filter\n:INPUT DROP [7:420]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[5:300] -A INPUT -i lo -j ACCEPT\nCOMMIT\n';
const SAVE6 = '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -s 2001:db8::/32 -j DROP\nCOMMIT\n';
const TWO_TABLES = `${CLEAN}iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080\n`;

interface Report {
  readonly rules: { readonly total: number; readonly exact: number; readonly approximate: number; readonly unsupported: number };
  readonly items: readonly { readonly file: string; readonly line: number; readonly rule: string; readonly kind: string; readonly reason: string }[];
  readonly remarks: readonly string[];
}

describe('streams and status', () => {
  test('everything carried over: the ruleset on standard output, the count on standard error, 0', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': CLEAN }).run(['translate', 'a.sh']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^table ip filter\ndelete table ip filter\ntable ip filter \{\n/);
    expect(stdout).toContain('iifname "lo" accept');
    expect(stderr).toBe('1 rule: 1 exact, 0 approximate, 0 unsupported\n');
  });

  test('a dump whose last line is missing: all of it is carried over, and a note says what iptables-restore does', () => {
    const { status, stdout, stderr } = program.folder({ v4: SAVE.replace('COMMIT\n', '') }).run(['translate', 'v4']);
    expect({ status, rules: stderr.split('\n')[0] }).toEqual({ status: 0, rules: '1 rule: 1 exact, 0 approximate, 0 unsupported' });
    expect(stdout).toContain('iifname "lo" accept');
    expect(stderr.replace(/\s+/g, ' ')).toContain(
      'note: v4: table filter has no COMMIT: iptables-restore loads nothing of it; its rules are carried over all the same',
    );
  });

  test('something is unsupported: nothing on standard output, the reason on standard error, 1', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': CLEAN + UNSUPPORTED }).run(['translate', 'a.sh']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^2 rules: 1 exact, 0 approximate, 1 unsupported\na\.sh:2 {2}unsupported {2}/);
    expect(stderr).toMatch(/nothing was written[^\n]*--partial[^\n]*\n$/);
    for (const line of stderr.split('\n')) expect(line.length).toBeLessThanOrEqual(82);
  });

  test('--partial: the rest is written, and still 1', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': CLEAN + UNSUPPORTED }).run(['translate', '--partial', 'a.sh']);
    expect(status).toBe(1);
    expect(stdout).toContain('iifname "lo" accept');
    expect(stderr).not.toContain('nothing was written');
  });

  test('a command iptables refuses is one that is not carried over', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': CLEAN + BROKEN }).run(['translate', 'a.sh']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.replace(/\s+/g, ' ')).toContain('a.sh:2 unsupported iptables refuses it');
  });

  test('--report json: one document on standard error, whatever happens', () => {
    const folder = program.folder({ 'a.sh': CLEAN + UNSUPPORTED, 'b.sh': CLEAN });
    for (const to of ['nft', 'nft-json', 'iptables', 'iptables-save']) {
      const { rules } = JSON.parse(folder.run(['translate', '--to', to, '--report', 'json', 'b.sh']).stderr) as Report;
      expect(rules).toEqual({ total: 1, exact: 1, approximate: 0, unsupported: 0 });
    }
    const lost = folder.run(['translate', '--report=json', 'b.sh', 'a.sh']);
    const report = JSON.parse(lost.stderr) as Report;
    expect({ status: lost.status, stdout: lost.stdout }).toEqual({ status: 1, stdout: '' });
    expect(report.rules).toEqual({ total: 3, exact: 2, approximate: 0, unsupported: 1 });
    expect(report.items).toHaveLength(1);
    expect(report.items[0]).toMatchObject({ file: 'a.sh', line: 2, kind: 'unsupported', reason: expect.stringMatching(/cannot search/) as string });
    expect(report.items[0]?.rule).toContain('evil');
  });

  test('an unreadable file: another ruleset would come out, so none does', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': CLEAN }).run(['translate', 'a.sh', 'nope']);
    expect({ status, stdout, stderr }).toEqual({ status: 2, stdout: '', stderr: 'fwlint: nope: no such file\n' });
  });

  test('standard input', () => {
    expect(program.folder().run(['translate'], { input: CLEAN }).stdout).toContain('iifname "lo" accept');
    expect(program.folder().run(['translate', '-'], { input: SAVE }).stdout).toContain('policy drop;');
  });

  test('no rules', () => {
    expect(program.folder().run(['translate'], { input: 'echo hello\n' })).toMatchObject({
      status: 0,
      stderr: '0 rules: 0 exact, 0 approximate, 0 unsupported\n',
    });
  });

  test('a reader that stops early', () => {
    const folder = program.folder({ 'a.sh': CLEAN.repeat(3000) });
    const { stdout, stderr } = folder.shell('fwlint translate a.sh | head -1; echo "${PIPESTATUS[0]}"');
    expect(stdout).toBe('table ip filter\n0\n');
    expect(stderr).toMatch(/^(3000 rules: [^\n]+\n)?$/);
  });
});

describe('forms', () => {
  test('--to nft-json is one JSON document', () => {
    const { status, stdout } = program.folder({ 'a.sh': CLEAN }).run(['translate', '--to', 'nft-json', 'a.sh']);
    expect(status).toBe(0);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual(['nftables']);
  });

  test('--to iptables: the script with its repairs', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': `#!/bin/sh\n# hello\n${DASH}` }).run(['translate', '--to', 'iptables', 'a.sh']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: `#!/bin/sh\n# hello\n${DASH_REPAIRED}` });
    expect(stderr).toBe('1 rule: 1 exact, 0 approximate, 0 unsupported\n');
  });

  test('--to iptables: what only nft lacks is no loss, what iptables refuses is', () => {
    const folder = program.folder({
      'a.sh': UNSUPPORTED,
      a: `Type this, they said:\n\n  ${UNSUPPORTED}\nand all will be well.\n`,
      'b.sh': CLEAN + BROKEN,
    });
    expect(folder.run(['translate', '--to', 'iptables', 'a'])).toMatchObject({ status: 0, stdout: UNSUPPORTED });
    expect(folder.run(['translate', '--to', 'iptables-save', 'a'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('--string "evil"') as string,
    });
    expect(folder.run(['translate', '--to', 'iptables', 'a.sh'])).toMatchObject({ status: 0, stdout: UNSUPPORTED });
    expect(folder.run(['translate', '--to', 'iptables', 'b.sh'])).toMatchObject({ status: 1, stdout: '' });
    expect(folder.run(['translate', '--to', 'iptables', '--partial', 'b.sh'])).toMatchObject({ status: 1, stdout: CLEAN + BROKEN });
  });

  test('--to iptables: a repair makes a refused command one that counts', () => {
    // No command at all: only an unsafe repair can guess it.
    const { status, stdout } = program
      .folder({ 'a.sh': 'iptables INPUT -p tcp --dport 22 -j ACCEPT\n' })
      .run(['translate', '--to', 'iptables', 'a.sh']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n' });
  });

  test('--to iptables: of prose only the commands, repaired', () => {
    const text = `If you want to let ssh in, this is what you type:\n\n    ${DASH}\nand then you are done, or so people say.\n`;
    const { status, stdout } = program.folder({ a: text }).run(['translate', '--to', 'iptables', 'a']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: DASH_REPAIRED });
  });

  test('--to iptables-save: what iptables-save would print', () => {
    const { status, stdout } = program.folder({ 'a.sh': DASH }).run(['translate', '--to', 'iptables-save', 'a.sh']);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n',
    });
  });

  test('--counters keep', () => {
    const folder = program.folder({ save: SAVE });
    expect(folder.run(['translate', '--counters', 'keep', 'save']).stdout).toContain('counter packets 5 bytes 300');
    expect(folder.run(['translate', 'save']).stdout).not.toContain('counter');
    expect(folder.run(['translate', '--to', 'iptables-save', '--counters', 'keep', 'save']).stdout).toContain('[5:300] -A INPUT -i lo -j ACCEPT');
    expect(folder.run(['translate', '--to', 'iptables-save', 'save']).stdout).not.toContain('[5:300]');
  });

  test('--replace table, flush, none', () => {
    const folder = program.folder({ 'a.sh': CLEAN });
    const head = (...parameters: string[]): string => folder.run(['translate', ...parameters, 'a.sh']).stdout.split('table ip filter {')[0] ?? '';
    expect(head()).toBe('table ip filter\ndelete table ip filter\n');
    expect(head('--replace', 'table')).toBe(head());
    expect(head('--replace', 'flush')).toContain('flush ruleset');
    expect(head('--replace', 'none').trim()).toBe('');
  });

  test('--simplify and --no-simplify are accepted', () => {
    const folder = program.folder({ 'a.sh': CLEAN });
    const plain = folder.run(['translate', 'a.sh']);
    expect(folder.run(['translate', '--simplify', 'a.sh'])).toEqual(plain);
    expect(folder.run(['translate', '--no-simplify', 'a.sh'])).toEqual(plain);
  });

  test('--target and fwlint.json decide what the output is for', () => {
    const rules =
      'iptables -A INPUT -p tcp --dport 80 -m recent --name a --update --seconds 5 --hitcount 26 -j DROP\niptables -A INPUT -m recent --name a --set\n';
    const folder = program.folder({ 'a.sh': rules, 'old/a.sh': rules, 'old/fwlint.json': '{"target": {"kernel": "3.16", "backend": "legacy"}}' });
    expect(folder.run(['translate', '--to', 'iptables-save', 'a.sh']).status).toBe(0);
    const byConfig = folder.run(['translate', '--to', 'iptables-save', 'old/a.sh']);
    const byOption = folder.run(['translate', '--to', 'iptables-save', '--target', 'kernel=3.16,backend=legacy', 'a.sh']);
    expect(byConfig.stdout).toBe(byOption.stdout);
    expect(byConfig.status).toBe(byOption.status);
    expect(folder.run(['translate', 'a.sh', 'old/a.sh'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^fwlint: a\.sh and old\/a\.sh are for different hosts[^\n]+\n$/) as string,
    });
  });
});

describe('families', () => {
  test('both families come out as tables of their own', () => {
    const { status, stdout } = program.folder({ v4: SAVE, v6: SAVE6 }).run(['translate', 'v4', 'v6']);
    expect(status).toBe(0);
    expect(stdout).toContain('table ip filter {');
    expect(stdout).toContain('table ip6 filter {');
  });

  test('--family-out writes one of them, and says what is left out', () => {
    const folder = program.folder({ v4: SAVE, v6: SAVE6 });
    const { status, stdout, stderr } = folder.run(['translate', '--family-out', 'ip6', 'v4', 'v6']);
    expect(status).toBe(0);
    expect(stdout).not.toContain('table ip filter');
    expect(stdout).toContain('table ip6 filter {');
    expect(stderr).toContain('note: v4: the iptables rules are left out, as --family-out ip6 asks');
    expect(stderr).toContain('1 rule: 1 exact');
  });

  test('--family-out inet: rules of both stand once, with the counters of both', () => {
    const folder = program.folder({ v4: SAVE, v6: SAVE6.replace('INPUT ACCEPT', 'INPUT DROP').replace('-A', '[1:10] -A INPUT -i lo -j ACCEPT\n-A') });
    const { status, stdout, stderr } = folder.run(['translate', '--family-out', 'inet', '--counters', 'keep', 'v4', 'v6']);
    expect(status).toBe(0);
    expect(stdout.match(/^table .*{$/gm)).toEqual(['table inet filter {']);
    expect(stdout).toContain('iifname "lo" counter packets 6 bytes 310 accept\n\t\tip6 saddr 2001:db8::/32 counter drop\n');
    expect(stderr.replace(/\s+/g, ' ')).toContain('table inet filter: 1 rule is for both families, 0 for IPv4 only, 1 for IPv6 only');
    const json = folder.run(['translate', '--family-out', 'inet', '--to', 'nft-json', 'v4', 'v6']);
    expect(json.stdout).toContain('"family":"inet"');
  });

  test('one dump cannot hold both', () => {
    const folder = program.folder({ v4: SAVE, v6: SAVE6 });
    expect(folder.run(['translate', '--to', 'iptables-save', 'v4', 'v6'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/^fwlint: iptables and ip6tables rules need a dump each: [^\n]+\n$/) as string,
    });
    expect(folder.run(['translate', '--to', 'iptables-save', '--family-out', 'ip6', 'v4', 'v6'])).toMatchObject({ status: 0, stdout: SAVE6 });
  });

  test('--family says what a dump is for', () => {
    expect(program.folder({ a: SAVE }).run(['translate', '--family', 'ip6', 'a']).stdout).toContain('table ip6 filter {');
  });
});

describe('--table-name', () => {
  test('names the table', () => {
    const { status, stdout } = program.folder({ 'a.sh': CLEAN }).run(['translate', '--table-name', 'fw', 'a.sh']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^table ip fw\ndelete table ip fw\ntable ip fw \{\n/);
  });

  test('of two families goes: tables of one name are two', () => {
    const { status, stdout } = program.folder({ v4: SAVE, v6: SAVE6 }).run(['translate', '--table-name', 'fw', 'v4', 'v6']);
    expect(status).toBe(0);
    expect(stdout).toContain('table ip fw {');
    expect(stdout).toContain('table ip6 fw {');
  });
});

describe('calls that cannot be meant are one line on standard error and exit status 2', () => {
  test.each([
    [['--family-out', 'inet', '--to', 'iptables-save', 'a.sh'], /--family-out inet is about tables of nft/],
    [['--family-out', 'ip6', 'a.sh'], /--family-out ip6: there are no ip6tables rules/],
    [['--table-name', 'fw', 'two.sh'], /--table-name is for rules of one table; these are in filter, nat/],
    [['--table-name', 'fw', 'a.sh', 'nat.sh'], /--table-name is for rules of one table/],
    [['--table-name', '9 lives', 'a.sh'], /--table-name takes a name nft can use/],
    [['--table-name', '', 'a.sh'], /--table-name takes a name nft can use/],
    [['--table-name', 'x { }', 'a.sh'], /--table-name takes a name nft can use/],
    [['--to', 'iptables', '--table-name', 'fw', 'a.sh'], /--table-name names an nft table/],
    [['--to', 'iptables-save', '--replace', 'flush', 'a.sh'], /--replace is about what nft has loaded/],
    [['--to', 'iptables', '--family-out', 'ip', 'a.sh'], /--family-out does not go with --to iptables/],
    [['--to', 'iptables-save', 'a.sh', 'a2.sh'], /several files have rules for the same table/],
    [['--to', 'pf', 'a.sh'], /--to is one of nft, nft-json, iptables, iptables-save/],
    [['--fix', 'a.sh'], /unknown option `--fix`/],
  ])('%j', (parameters, line) => {
    const folder = program.folder({
      'a.sh': CLEAN,
      'a2.sh': CLEAN,
      'two.sh': TWO_TABLES,
      'nat.sh': 'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE\n',
    });
    const { status, stdout, stderr } = folder.run(['translate', ...parameters]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^fwlint: [^\n]+\n$/);
  });
});
