// .pre-commit-hooks.yaml: which files the hooks take, and what pre-commit itself does with them.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const DASH = '#!/bin/sh\niptables -A INPUT \u2013p tcp --dport 22 -j ACCEPT\n';
const REPAIRED = DASH.replace('\u2013', '-');
const DUMP = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 10.0.0.1/24 -j DROP\nCOMMIT\n';

interface Hook {
  readonly id: string;
  readonly entry: string;
  readonly language: string;
  readonly types: readonly string[];
  readonly files: string;
  readonly exclude: string;
  readonly exclude_types: readonly string[];
}
const hooks = parse(readFileSync(join(root, '.pre-commit-hooks.yaml'), 'utf8'), { merge: true }) as readonly Hook[];

/** Python's verbose patterns, without their blanks. */
const pattern = (text: string): RegExp => new RegExp(text.replace('(?x)', '').replace(/\s+/g, ''), 'u');

describe('names', () => {
  test('both hooks take the same files', () => {
    expect(hooks.map(({ id }) => id)).toEqual(['fwlint', 'fwlint-fix']);
    const [lint, fix] = hooks;
    expect({ ...lint, id: '', name: '', description: '', entry: '' }).toEqual({ ...fix, id: '', name: '', description: '', entry: '' });
  });

  test.each(hooks.map((hook) => [hook.id, hook] as const))('%s', (_, hook) => {
    const takes = (path: string): boolean => pattern(hook.files).test(path) && !pattern(hook.exclude).test(path);
    const taken = [
      'fire.sh',
      'a/b.bash',
      'etc/init.d/firewall',
      'firewall.user',
      'etc/iptables/rules.v4',
      'rules.v6',
      'iptables',
      'etc/sysconfig/ip6tables',
      'iptables-2024',
      'iptables.up.rules',
      'ufw/before.rules',
      'host.save',
      'x.iptables',
    ];
    const left = ['a.py', 'README.md', 'notes.txt', 'fwlint.json', 'a.c', '99-usb.rules', 'udev/70-net.rules', 'main.tf', '.gitignore'];
    expect(taken.filter((path) => !takes(path))).toEqual([]);
    expect(left.filter(takes)).toEqual([]);
  });
});

/** pre-commit, as it is installed or as test/support/fetch-pre-commit.sh puts it. */
function findPreCommit(): string | undefined {
  const tools = process.env['FWLINT_TOOLS'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'fwlint-tools');
  const candidates = [join(tools, 'pre-commit/bin/pre-commit'), 'pre-commit'];
  return candidates.find((candidate) => spawnSync(candidate, ['--version']).status === 0);
}

const program = findPreCommit();

describe.skipIf(program === undefined)(`pre-commit itself${program === undefined ? ' (not here: test/support/fetch-pre-commit.sh)' : ''}`, () => {
  let place = '';
  const at = (...parts: string[]): string => join(place, ...parts);
  const env = (): Record<string, string> => ({
    ...(Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && !name.startsWith('GIT_'))) as Record<
      string,
      string
    >),
    PRE_COMMIT_HOME: at('home'),
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@example.org',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@example.org',
  });
  const run = (command: string, parameters: readonly string[], cwd: string): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr, error } = spawnSync(command, parameters, { cwd, env: env(), encoding: 'utf8', timeout: 280_000 });
    if (error !== undefined) throw error;
    return { status, stdout, stderr };
  };
  const git = (cwd: string, ...parameters: string[]): string => {
    const { status, stdout, stderr } = run('git', ['-c', 'protocol.file.allow=always', ...parameters], cwd);
    if (status !== 0) throw new Error(`git ${parameters.join(' ')}: ${stderr}`);
    return stdout.trim();
  };

  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'fwlint-hooks-'));
    // The project as somebody would clone it, with what is not yet committed.
    const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' }).stdout.split('\0');
    for (const file of files) {
      if (file === '' || /^(?:corpus|test|bench)\//.test(file) || !existsSync(join(root, file))) continue;
      mkdirSync(dirname(at('fwlint', file)), { recursive: true });
      cpSync(join(root, file), at('fwlint', file));
    }
    git(at('fwlint'), 'init', '--quiet');
    git(at('fwlint'), 'add', '--all');
    git(at('fwlint'), 'commit', '--quiet', '--message', 'as it is');
    const rev = git(at('fwlint'), 'rev-parse', 'HEAD');

    mkdirSync(at('user/sub'), { recursive: true });
    writeFileSync(
      at('user/.pre-commit-config.yaml'),
      `repos:\n- repo: ${at('fwlint')}\n  rev: ${rev}\n  hooks:\n  - id: fwlint\n  - id: fwlint-fix\n`,
    );
    writeFileSync(at('user/fwlint.json'), '{"root": true}');
    writeFileSync(at('user/fire.sh'), DASH);
    writeFileSync(at('user/sub/firewall'), DASH);
    chmodSync(at('user/sub/firewall'), 0o755);
    writeFileSync(at('user/rules.v4'), DUMP);
    for (const name of ['notes.txt', 'page.md', 'LICENSE', 'Makefile']) writeFileSync(at('user', name), DASH);
    writeFileSync(at('user/tool'), DASH.replace('/bin/sh', '/usr/bin/env python3'));
    chmodSync(at('user/tool'), 0o755);
    git(at('user'), 'init', '--quiet');
    git(at('user'), 'add', '--all');
  }, 60_000);
  afterAll(() => {
    rmSync(place, { recursive: true, force: true });
  });

  test('fwlint finds; fwlint-fix repairs, fails once, and passes then', { timeout: 300_000 }, () => {
    const hook = (id: string): { status: number | null; stdout: string; stderr: string } =>
      run(program ?? '', ['run', id, '--all-files', '--color', 'never'], at('user'));
    const found = hook('fwlint');
    expect({ ...found, stdout: '' }).toEqual({ status: 1, stdout: '', stderr: '' });
    for (const path of ['fire.sh:2:19', 'sub/firewall:2:19', 'rules.v4:3:13']) expect(found.stdout).toContain(`┌─ ${path}`);
    for (const path of ['notes.txt', 'page.md', 'LICENSE', 'Makefile', 'tool:']) expect(found.stdout).not.toContain(path);

    const first = hook('fwlint-fix');
    expect(first.status).toBe(1);
    expect(first.stdout).toContain('files were modified by this hook');
    expect(readFileSync(at('user/fire.sh'), 'utf8')).toBe(REPAIRED);
    expect(readFileSync(at('user/sub/firewall'), 'utf8')).toBe(REPAIRED);
    expect(readFileSync(at('user/notes.txt'), 'utf8')).toBe(DASH);

    expect(hook('fwlint-fix')).toMatchObject({ status: 0 });
    expect(hook('fwlint')).toMatchObject({ status: 0 });
  });

  test('the manifest is as pre-commit wants it', () => {
    expect(run(program ?? '', ['validate-manifest', '.pre-commit-hooks.yaml'], root)).toMatchObject({ status: 0 });
  });
});
