// --format, --statistics, --quiet, progress: what the command adds to what src/report prints.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { CLEAN, DASH, DASH_REPAIRED, useProgram } from './program.js';

const program = useProgram();
const HOST_BITS = 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n';
const STATE = 'iptables -A INPUT -p tcp --dport 22 -m state --state NEW -j ACCEPT\n';

describe('--format', () => {
  test.each(['sarif', 'github', 'gitlab', 'checkstyle', 'gcc'])('%s: the exit status is that of the findings', (format) => {
    const folder = program.folder({ 'a.sh': DASH, 'b.sh': CLEAN, 'c.sh': STATE });
    const found = folder.run(['--format', format, 'a.sh', 'b.sh']);
    expect(found).toMatchObject({ status: 1, stderr: '' });
    expect(found.stdout).toContain('unicode-dash');
    expect(folder.run(['--format', format, 'b.sh']).status).toBe(0);
    expect(folder.run(['--format', format, 'c.sh']).status).toBe(0);
    expect(folder.run(['--format', format, 'c.sh', '--fail-level', 'hint']).status).toBe(1);
    expect(folder.run(['--format', format, 'b.sh', 'gone.sh']).status).toBe(2);
  });

  test('nothing found: an empty document, no text between', () => {
    const folder = program.folder({ 'b.sh': CLEAN });
    const printed = (format: string): string => folder.run(['--format', format, 'b.sh']).stdout;
    expect(printed('github')).toBe('');
    expect(printed('gcc')).toBe('');
    expect(JSON.parse(printed('gitlab'))).toEqual([]);
    expect(printed('checkstyle')).toContain('<file name="b.sh">\n  </file>');
    expect(JSON.parse(printed('sarif'))).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] });
  });

  test('paths are from the current folder, whatever was typed; standard input has its name', () => {
    const folder = program.folder({ 'sub/a.sh': DASH });
    const paths = (parameters: readonly string[], options = {}): unknown =>
      (JSON.parse(folder.run(['--format', 'gitlab', ...parameters], options).stdout) as { location: { path: string } }[])[0]?.location.path;
    expect(paths(['./sub/a.sh'])).toBe('sub/a.sh');
    expect(paths([join(folder.path, 'sub/a.sh')])).toBe('sub/a.sh');
    expect(paths(['../sub/a.sh'], { cwd: 'sub' })).toBe('a.sh');
    expect(paths([join(folder.path, 'sub/a.sh')], { cwd: 'sub' })).toBe('a.sh');
    expect(paths(['a.sh'], { cwd: 'sub', env: { GITHUB_WORKSPACE: folder.path } })).toBe('sub/a.sh');
    expect(paths(['a.sh'], { cwd: 'sub', env: { CI_PROJECT_DIR: folder.path } })).toBe('sub/a.sh');
    expect(paths(['sub/a.sh'], { env: { GITHUB_WORKSPACE: '/elsewhere' } })).toBe('sub/a.sh');
    expect(paths([], { input: DASH })).toBe('<stdin>');
    expect(paths(['--stdin-filename', 'sub/b.sh'], { input: DASH })).toBe('sub/b.sh');
  });

  test('sarif says which files could not be read', () => {
    const { status, stdout } = program.folder({ 'a.sh': CLEAN }).run(['--format', 'sarif', 'a.sh', 'gone.sh']);
    expect(status).toBe(2);
    const [run] = (JSON.parse(stdout) as { runs: { invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[] }[] }).runs;
    expect(run?.invocations[0]).toEqual({
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: 'error', message: { text: 'gone.sh: no such file' } }],
    });
  });

  test('with --fix on standard input the repaired text has standard output', () => {
    const { stdout, stderr } = program.folder().run(['--fix', '--format', 'gcc'], { input: DASH + HOST_BITS });
    expect(stdout).toBe(DASH_REPAIRED + HOST_BITS.replace('10.0.0.1/24', '10.0.0.0/24'));
    expect(stderr).toBe('');
    expect(program.folder().run(['--fix', '--format', 'gcc'], { input: STATE }).stderr).toContain('[deprecated-state-match]');
  });

  test('an unknown one is named, with those there are', () => {
    const { status, stderr } = program.folder().run(['--format', 'xml'], { input: DASH });
    expect(status).toBe(2);
    expect(stderr).toBe('fwlint: --format is one of human, json, sarif, github, gitlab, checkstyle, gcc (got `xml`)\n');
  });
});

describe('--statistics', () => {
  test('counts by check, the most frequent first, in place of the findings', () => {
    const folder = program.folder({ 'a.sh': DASH + HOST_BITS, 'b.sh': HOST_BITS });
    const { status, stdout } = folder.run(['--statistics', 'a.sh', 'b.sh']);
    expect(status).toBe(1);
    expect(stdout).toBe(
      '2  warning  host-bits-set  2 with --fix\n1  error    unicode-dash   1 with --fix\n\n2 files, 1 error, 2 warnings (3 repairable with --fix)\n',
    );
    expect(folder.run(['--statistics', '-q', 'b.sh']).stdout).toBe('1  warning  host-bits-set  1 with --fix\n');
    expect(program.folder({ 'c.sh': CLEAN }).run(['--statistics', 'c.sh']).stdout).toBe('1 file, 0 errors, 0 warnings\n');
  });

  test('in JSON', () => {
    const { stdout } = program.folder({ 'a.sh': DASH }).run(['--statistics', '--format', 'json', 'a.sh']);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      files: [{ name: 'a.sh', findings: [] }],
      summary: { error: 1, warning: 0, info: 0, hint: 0 },
      suppressed: 0,
      statistics: [{ check: 'unicode-dash', severity: 'error', count: 1, safe: 1, unsafe: 0 }],
    });
  });

  test.each([['--format=sarif'], ['--diff']])('not with %s', (option) => {
    expect(program.folder().run(['--statistics', option], { input: DASH })).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('--quiet', () => {
  const folder = (): ReturnType<typeof program.folder> => program.folder({ 'a.sh': STATE + HOST_BITS + DASH, 'b.sh': STATE });

  test('shows what the exit status is for, and nothing else', () => {
    const { status, stdout, stderr } = folder().run(['--quiet', 'a.sh']);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain('host-bits-set');
    expect(stdout).toContain('unicode-dash');
    expect(stdout).not.toContain('deprecated-state-match');
    expect(stdout).not.toContain('1 file');
    expect(stdout).toMatch(/\S\n$/);
  });

  test('goes by --fail-level, in every format', () => {
    expect(folder().run(['-q', '--fail-level', 'error', 'a.sh']).stdout).not.toContain('host-bits-set');
    expect(folder().run(['-q', '--fail-level', 'hint', 'a.sh']).stdout).toContain('deprecated-state-match');
    for (const format of ['json', 'sarif', 'github', 'gitlab', 'checkstyle', 'gcc']) {
      const { stdout } = folder().run(['-q', '--format', format, 'a.sh']);
      expect(stdout.replace(/"rules": \[[^]*?\n {10}\]/, '')).not.toContain('deprecated-state-match');
      expect(stdout).toContain('host-bits-set');
    }
  });

  test('a run that fails nothing says nothing', () => {
    expect(folder().run(['-q', 'b.sh'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(program.folder({ 'c.sh': DASH }).run(['-q', '--fix', 'c.sh'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(program.folder({ 'c.sh': Buffer.from('iptables -A INPUT -j ACCEPT # \xfcber\n', 'latin1') }).run(['-q', 'c.sh']).stderr).toBe('');
  });

  test('what goes wrong is said all the same', () => {
    expect(program.folder().run(['-q', 'gone.sh'])).toMatchObject({ status: 2, stderr: 'fwlint: gone.sh: no such file\n' });
  });
});

describe('progress', () => {
  const python = spawnSync('python3', ['-c', 'import pty']).status === 0;
  /** Runs a command with a terminal as standard error only, and prints what that terminal got. */
  const TERMINAL = `
import os, pty, subprocess, sys
master, slave = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stdout=open('out', 'wb'), stderr=slave)
os.close(slave)
text = b''
while True:
    try:
        part = os.read(master, 4096)
    except OSError:
        break
    if not part:
        break
    text += part
child.wait()
sys.stdout.buffer.write(text)
sys.exit(child.returncode)
`;
  const dump = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n';
  /** Standard input that keeps whoever reads it waiting for more than a second. */
  const SLOWLY = `{ sleep 1.6; cat a.save; }`;

  const withTerminal = (
    files: Readonly<Record<string, string>>,
    parameters: readonly string[],
    before = '',
  ): ReturnType<ReturnType<typeof program.folder>['shell']> => {
    const folder = program.folder(files);
    writeFileSync(join(folder.path, 'terminal.py'), TERMINAL);
    return folder.shell(`${before} python3 terminal.py "$NODE" "$FWLINT" ${parameters.join(' ')}`);
  };

  test.skipIf(!python)('a line on a terminal while a long run goes on, and none afterwards', () => {
    const { status, stdout } = withTerminal({ 'a.save': dump }, ['-'], `${SLOWLY} |`);
    expect([0, 1]).toContain(status);
    expect(stdout).toMatch(/fwlint: reading, [12] s/);
    expect(stdout.endsWith('\r\u001b[K')).toBe(true);
  });

  test.skipIf(!python)('the same of a translation, with the report behind it', () => {
    const { status, stdout } = withTerminal({ 'a.save': dump }, ['translate', '-', 'a.save', 'a.save'], `${SLOWLY} |`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/fwlint: file 1 of 3, [12] s/);
    expect(stdout.slice(stdout.lastIndexOf('\r\u001b[K'))).toMatch(/^\r\u001b\[K3 rules: 3 exact/);
  });

  test.skipIf(!python)('and of a policy', () => {
    const { status, stdout } = withTerminal({ 'a.save': dump }, ['policy', '-', 'a.save', 'a.save'], `${SLOWLY} |`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/fwlint: file 1 of 3, [12] s/);
    expect(stdout.endsWith('\r\u001b[K')).toBe(true);
  });

  test.skipIf(!python)('a message meanwhile has a line of its own', () => {
    const { status, stdout } = withTerminal({ 'a.save': dump }, ['-', 'gone.save', 'a.save'], `${SLOWLY} |`);
    expect(status).toBe(2);
    expect(stdout).toMatch(/fwlint: file \d of 3, \d s/);
    expect(stdout).toMatch(/(?:^|\r\u001b\[K)fwlint: gone\.save: no such file\r\n/);
  });

  test.skipIf(!python)('not for a short run', () => {
    expect(withTerminal({ 'a.sh': DASH }, ['a.sh']).stdout).toBe('');
  });

  test('not where standard error is no terminal', () => {
    expect(program.folder({ 'a.save': dump }).shell(`${SLOWLY} | fwlint -`).stderr).toBe('');
  });
});
