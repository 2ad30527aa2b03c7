/** That the kernel runner reports what iptables, nft and the kernel say, each case in a clean namespace. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  describeKernel,
  iptablesCommands,
  iptablesCommandsBatch,
  isolatedRules,
  loadSave,
  loadSaveBatch,
  nftCheck,
  nftCheckBatch,
  nftLoad,
  runSessions,
} from '../support/kernel.js';
import type { Backend, RuleCase } from '../support/kernel.js';
import { absentVersions, installedIptablesVersions, installedNftVersions } from '../support/versions.js';

const backends: readonly Backend[] = ['legacy', 'nft'];
const input = (...args: readonly string[]): RuleCase => ({ table: 'filter', chain: 'INPUT', args });

describeKernel('kernel runner', () => {
  test('every session has a namespace of its own, and every step its status', async () => {
    const add = { argv: ['nft', 'add', 'table', 'ip', 'mine'] };
    const list = { argv: ['nft', 'list', 'tables'] };
    const [first, second] = await runSessions([
      [add, list, { argv: ['no-such-program'] }, { argv: ['false'] }, { argv: ['cat'], stdin: 'é\n' }],
      [list],
    ]);
    expect(first?.map(({ status }) => status)).toEqual([0, 0, 127, 1, 0]);
    expect(first?.[1]?.stdout).toBe('table ip mine\n');
    expect(first?.[4]?.stdout).toBe('é\n');
    expect(second?.[0]?.stdout).toBe('');
    expect(spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' }).stdout).not.toContain('mine');
    const [late] = await runSessions([[{ argv: ['sleep', '9'] }]], { timeout: 0.2 });
    expect(late).toEqual([{ status: 124, stdout: '', stderr: 'not done after 0.2 seconds' }]);
  });

  test.each(backends)('commands in order, with %s', async (backend) => {
    const { commands, dump } = await iptablesCommands(backend, 'ip', [
      ['-N', 'LOGGING'],
      ['-A', 'LOGGING', '-j', 'DROP'],
      ['-I', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'LOGGING'],
      ['-I', 'INPUT', '-j', 'NOWHERE'],
      ['-P', 'FORWARD', 'DROP'],
    ]);
    expect(commands.map(({ status }) => status)).toEqual([0, 0, 0, 2, 0]);
    expect(dump.split('\n').map((line) => line.replace(/ \[\d+:\d+\]$/, ''))).toEqual([
      '*filter',
      ':INPUT ACCEPT',
      ':FORWARD DROP',
      ':OUTPUT ACCEPT',
      ':LOGGING -',
      '-A INPUT -p tcp -m tcp --dport 22 -j LOGGING',
      '-A LOGGING -j DROP',
      'COMMIT',
      '',
    ]);
  });

  test.each(backends)('rules one by one, and who refused them, with %s', async (backend) => {
    const cases: readonly RuleCase[] = [
      input('-p', 'tcp', '--dport', 'ssh', '-j', 'ACCEPT'),
      input('-p', 'tcp', '--dport', '99999', '-j', 'ACCEPT'),
      input('-m', 'recent', '--set', '--seconds', '5'),
      input('-j', 'LOGGING'),
      { ...input('-j', 'LOGGING'), setup: [['-N', 'LOGGING']] },
      { table: 'filter', chain: 'NOWHERE', args: ['-j', 'ACCEPT'] },
      { ...input('-m', 'set', '--match-set', 's', 'src'), prepare: [['ipset', 'create', 's', 'hash:ip']] },
      { ...input('-j', 'DROP'), setup: [['-N', 'INPUT']] },
      { table: 'nat', chain: 'PREROUTING', args: ['-p', 'tcp', '-j', 'REDIRECT', '--to-ports', '81'] },
    ];
    const results = await isolatedRules(backend, 'ip', cases);
    expect(results.map(({ refusedBy }) => refusedBy)).toEqual([
      undefined,
      'iptables',
      'kernel',
      'iptables',
      undefined,
      'iptables',
      undefined,
      undefined,
      undefined,
    ]);
    expect(results.map(({ rules }) => rules)).toEqual([
      ['-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT'],
      [],
      [],
      [],
      ['-A INPUT -j LOGGING'],
      [],
      ['-A INPUT -m set --match-set s src'],
      ['-A INPUT -j DROP'],
      ['-A PREROUTING -p tcp -j REDIRECT --to-ports 81'],
    ]);
    expect(results.map(({ setupError }) => setupError !== undefined).indexOf(true)).toBe(7);
    expect(results[1]?.stderr).toContain("invalid port/service `99999' specified");
  });

  test('the reason the kernel gives in its log', async () => {
    const tooMany = input('-m', 'recent', '--rcheck', '--hitcount', '70000');
    const [result] = await isolatedRules('legacy', 'ip', [tooMany], { kernelLog: true });
    expect(result?.refusedBy).toBe('kernel');
    expect(result?.kernelLog?.join('\n')).toContain('xt_recent: hitcount (70000) is larger than');
  });

  test('dumps loaded and dumped again', async () => {
    const text = '*mangle\n:PREROUTING ACCEPT [1:2]\n-A PREROUTING -i eth+ -j MARK --set-mark 1\nCOMMIT\n';
    const six = '*filter\n-A INPUT -s fe80::/10 -j ACCEPT\nCOMMIT\n';
    for (const backend of backends) {
      const [loaded, refused] = await loadSaveBatch(backend, 'ip', [text, text.replace('--set', '--sat')], 'mangle');
      expect(loaded).toMatchObject({ status: 0, stderr: '' });
      expect(loaded?.dump).toContain('\n-A PREROUTING -i eth+ -j MARK --set-xmark 0x1/0xffffffff\nCOMMIT\n');
      expect(refused?.status).toBe(2);
      expect(refused?.stderr).toContain('unknown option "--sat-mark"');
      expect((await loadSave(backend, 'ip6', six)).dump).toContain('-A INPUT -s fe80::/10 -j ACCEPT');
    }
  });

  test('nft: checked, loaded, refused by the parser and by the kernel', async () => {
    const good = 'table ip t {\n chain c {\n type filter hook input priority 0; tcp dport 22 drop\n }\n}\n';
    const [fine, words, kernel] = await nftCheckBatch([good, 'table ip {', 'add rule ip none none drop\n']);
    expect(fine).toEqual({ status: 0, stderr: '' });
    expect(words?.stderr).toContain('syntax error');
    expect(kernel?.stderr).toContain('Could not process rule');
    expect((await nftCheck(good)).status).toBe(0);
    const loaded = await nftLoad(good);
    expect(loaded.status).toBe(0);
    expect(loaded.listing).toContain('type filter hook input priority filter; policy accept;\n\t\ttcp dport 22 drop');
  });

  test('hundreds of cases in one run', async () => {
    const cases = Array.from({ length: 200 }, (_, port) => input('-p', 'udp', '--dport', `${port}`, '-j', 'DROP'));
    const results = await isolatedRules('legacy', 'ip', cases);
    expect(results.map(({ rules }) => rules.length)).toEqual(cases.map(() => 1));
  });
});

describeKernel('other versions', () => {
  for (const { origin, why } of absentVersions()) console.warn(`not tested: nft and iptables of ${origin}: ${why}`);

  test.each(installedNftVersions().map((nft) => [nft.version, nft] as const))('nft %s', async (version, nft) => {
    const { listing, stderr } = await nftLoad('table ip t {\n chain c {\n tcp dport 22 drop\n }\n}\n', nft.binary);
    expect(stderr).toBe('');
    expect(listing).toContain('tcp dport 22 drop');
    // That the versions are what they say shows in what they refuse: 0.9.8 does not know this option.
    const newer = await nftCheck('table ip t {\n chain c {\n tcp option mptcp exists drop\n }\n}\n', nft.binary);
    expect(newer.status === 0).toBe(version !== '0.9.8');
  });

  test.each(installedIptablesVersions().map((iptables) => [iptables.version, iptables] as const))('iptables %s', async (_version, iptables) => {
    for (const backend of backends) {
      const [first, second] = await iptablesCommandsBatch(iptables.programs(backend), 'ip', [
        [['-A', 'INPUT', '-p', 'tcp', '-m', 'multiport', '--dports', '22,80', '-j', 'REJECT']],
        [['--version']],
      ]);
      expect(first?.commands[0]?.stderr).toBe('');
      expect(first?.dump).toContain('--dports 22,80 -j REJECT --reject-with icmp-port-unreachable');
      expect(second?.commands[0]?.stdout).toContain(`v${iptables.version} (${backend === 'nft' ? 'nf_tables' : backend})`);
    }
  });
});
