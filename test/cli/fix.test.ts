// --fix, --unsafe-fixes, --diff, --exit-non-zero-on-fix: what is written, where, and what is left alone.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { BROKEN, CLEAN, DASH, DASH_REPAIRED, useProgram } from './program.js';

const program = useProgram();
const isRoot = process.getuid?.() === 0;

/** Repaired only by an unsafe fix. */
const STATE = 'iptables -A INPUT -p tcp --dport 22 -m state --state NEW -j ACCEPT\n';

describe('--fix', () => {
  test('repairs in place, says how much, and exits with 0 when nothing is left', () => {
    const folder = program.folder({ 'a.sh': `# rules\n# keep me\n${DASH}`, 'b.sh': CLEAN });
    const { status, stdout, stderr } = folder.run(['--fix', 'a.sh', 'b.sh']);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '1 repaired\n2 files, 0 errors, 0 warnings\n', stderr: '' });
    expect(folder.read('a.sh')).toBe(`# rules\n# keep me\n${DASH_REPAIRED}`);
    expect(folder.read('b.sh')).toBe(CLEAN);
    expect(readdirSync(folder.path).sort()).toEqual(['a.sh', 'b.sh']);
  });

  test('what is left is reported at its new place', () => {
    const folder = program.folder({ 'a.sh': `iptables -A INPUT -p tcp \u2014\u2014dport 99999 -j ACCEPT\n` });
    const { status, stdout } = folder.run(['--fix', 'a.sh']);
    expect(status).toBe(1);
    expect(stdout).toContain('error port-range');
    expect(stdout).not.toContain('unicode-dash');
    const [, line = ''] = /1 │ (.*)/.exec(stdout) ?? [];
    expect(line).toBe(folder.read('a.sh').trimEnd());
  });

  test('unsafe repairs only when asked for', () => {
    const folder = program.folder({ 'a.sh': STATE });
    folder.run(['--fix', 'a.sh']);
    expect(folder.read('a.sh')).toBe(STATE);
    folder.run(['--fix', '--unsafe-fixes', 'a.sh']);
    expect(folder.read('a.sh')).toBe(STATE.replace('-m state --state', '-m conntrack --ctstate'));
  });

  test('only the repairs of checks that are run', () => {
    const folder = program.folder({ 'a.sh': DASH });
    folder.run(['--fix', '--ignore', 'unicode-dash', 'a.sh']);
    expect(folder.read('a.sh')).toBe(DASH);
    folder.run(['--fix', '--select', 'host-bits-set', 'a.sh']);
    expect(folder.read('a.sh')).toBe(DASH);
  });

  test('--exit-non-zero-on-fix', () => {
    const folder = program.folder({ 'a.sh': DASH });
    expect(folder.run(['--fix', '--exit-non-zero-on-fix', 'a.sh']).status).toBe(1);
    expect(folder.run(['--fix', '--exit-non-zero-on-fix', 'a.sh']).status).toBe(0);
  });

  test('one file that is not there does not keep the others from being repaired', () => {
    const folder = program.folder({ 'a.sh': DASH, 'b.sh': DASH });
    const { status } = folder.run(['--fix', 'a.sh', 'nope', 'b.sh']);
    expect(status).toBe(2);
    expect(folder.read('a.sh') + folder.read('b.sh')).toBe(DASH_REPAIRED + DASH_REPAIRED);
  });

  test('--format json tells what is left', () => {
    const folder = program.folder({ 'a.sh': DASH + BROKEN });
    const { stdout } = folder.run(['--fix', '--format', 'json', 'a.sh']);
    expect(JSON.parse(stdout)).toMatchObject({ files: [{ name: 'a.sh', findings: [{ check: 'port-range' }] }], summary: { error: 1 } });
  });
});

describe('--fix on standard input', () => {
  test('the repaired text on standard output, findings on standard error', () => {
    const folder = program.folder();
    const { status, stdout, stderr } = folder.run(['--fix', '-'], { input: DASH + BROKEN });
    expect({ status, stdout }).toEqual({ status: 1, stdout: DASH_REPAIRED + BROKEN });
    expect(stderr).toContain('error port-range');
    expect(stderr).toContain('1 repaired\n');
    expect(folder.run(['--fix'], { input: DASH })).toMatchObject({ status: 0, stdout: DASH_REPAIRED });
  });

  test('a text that needs no repair comes out as it went in', () => {
    for (const input of [CLEAN, '', 'no line end', `${CLEAN}\r\n\u00e4\u{1f600}\n`]) {
      expect(program.folder().run(['--fix', '--ignore', 'carriage-return'], { input }).stdout).toBe(input);
    }
  });

  test('Windows-1252 stays Windows-1252', () => {
    const input = Buffer.from(`# f\u00fcr alle\n${DASH.replace('\u2013', '\u0096')}`, 'latin1');
    const { stdout } = program.folder({ in: input }).shell('fwlint --fix < in 2>/dev/null | od -An -c');
    expect(stdout).toContain('f 374   r');
    expect(stdout.replace(/\s+/g, '')).toContain('INPUT-ptcp');
  });
});

describe('the file', () => {
  test.each([0o600, 0o644, 0o755, 0o666, 0o4755])('keeps its mode %o', (mode) => {
    const folder = program.folder({ 'a.sh': DASH });
    chmodSync(join(folder.path, 'a.sh'), mode);
    folder.run(['--fix', 'a.sh']);
    expect(folder.read('a.sh')).toBe(DASH_REPAIRED);
    expect(statSync(join(folder.path, 'a.sh')).mode & 0o7777).toBe(mode);
  });

  test.skipIf(!isRoot)('keeps its owner', () => {
    const folder = program.folder({ 'a.sh': DASH });
    chownSync(join(folder.path, 'a.sh'), 1234, 5678);
    folder.run(['--fix', 'a.sh']);
    const { uid, gid } = statSync(join(folder.path, 'a.sh'));
    expect({ uid, gid, text: folder.read('a.sh') }).toEqual({ uid: 1234, gid: 5678, text: DASH_REPAIRED });
  });

  test('behind a symbolic link is repaired, and the link stays one', () => {
    const folder = program.folder({ 'real/a.sh': DASH });
    symlinkSync('real/a.sh', join(folder.path, 'link'));
    folder.run(['--fix', 'link']);
    expect(folder.read('real/a.sh')).toBe(DASH_REPAIRED);
    expect(lstatSync(join(folder.path, 'link')).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(folder.path, 'real'))).toEqual(['a.sh']);
  });

  test('with two names keeps both', () => {
    const folder = program.folder({ 'a.sh': DASH });
    linkSync(join(folder.path, 'a.sh'), join(folder.path, 'b.sh'));
    folder.run(['--fix', 'a.sh']);
    expect(folder.read('b.sh')).toBe(DASH_REPAIRED);
    expect(statSync(join(folder.path, 'a.sh')).ino).toBe(statSync(join(folder.path, 'b.sh')).ino);
  });

  test('is replaced, not written over: a reader sees the old text or the new one', () => {
    const folder = program.folder({ 'a.sh': DASH });
    const before = statSync(join(folder.path, 'a.sh')).ino;
    folder.run(['--fix', 'a.sh']);
    expect(statSync(join(folder.path, 'a.sh')).ino).not.toBe(before);
  });

  test('is not touched when there is nothing to repair', () => {
    const folder = program.folder({ 'a.sh': CLEAN });
    const before = statSync(join(folder.path, 'a.sh'));
    folder.run(['--fix', 'a.sh']);
    const after = statSync(join(folder.path, 'a.sh'));
    expect([after.ino, after.mtimeMs]).toEqual([before.ino, before.mtimeMs]);
  });

  test.skipIf(isRoot)('that may not be written is a file error, and its findings are shown', () => {
    const folder = program.folder({ 'a.sh': DASH });
    chmodSync(join(folder.path, 'a.sh'), 0o444);
    const { status, stdout, stderr } = folder.run(['--fix', 'a.sh']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'fwlint: a.sh: not repaired: permission denied\n' });
    expect(stdout).toContain('unicode-dash');
  });

  test('that is no file cannot be repaired', () => {
    const { status, stderr, stdout } = program.folder({ 'a.sh': DASH }).shell('mkfifo p; cat a.sh > p & fwlint --fix p');
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'fwlint: p: not repaired: is not a regular file\n' });
    expect(stdout).toContain('unicode-dash');
  });

  test('with bytes that are neither UTF-8 nor Windows-1252 throughout is left as it is', () => {
    const bytes = Buffer.concat([Buffer.from(DASH), Buffer.from([0x23, 0xff, 0x0a])]);
    const folder = program.folder({ 'a.sh': bytes });
    const { status, stderr } = folder.run(['--fix', 'a.sh']);
    expect(status).toBe(2);
    expect(stderr).toContain('fwlint: a.sh: not repaired: some bytes are not UTF-8');
    expect(readFileSync(join(folder.path, 'a.sh'))).toEqual(bytes);
  });

  test('of Windows-1252 keeps every other byte', () => {
    const all = Buffer.from(Array.from({ length: 256 - 0x80 }, (_, index) => 0x80 + index));
    const folder = program.folder({
      'a.sh': Buffer.concat([Buffer.from('# '), all, Buffer.from(`\n${DASH.replace('\u2013', '\u0096')}`, 'latin1')]),
    });
    folder.run(['--fix', '--select', 'unicode-dash', 'a.sh']);
    expect(readFileSync(join(folder.path, 'a.sh'))).toEqual(Buffer.concat([Buffer.from('# '), all, Buffer.from(`\n${DASH_REPAIRED}`)]));
  });

  test('with a broken fwlint.json beside it stops the command before any file is changed', () => {
    const folder = program.folder({ 'a.sh': DASH, 'sub/b.sh': DASH, 'sub/fwlint.json': '{' });
    const { status, stdout } = folder.run(['--fix', 'a.sh', 'sub/b.sh']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(folder.read('a.sh')).toBe(DASH);
  });
});

describe('--diff', () => {
  test('prints a unified diff, changes nothing, counts on standard error', () => {
    const folder = program.folder({ 'a.sh': `# one\n${DASH}# three\n` });
    const { status, stdout, stderr } = folder.run(['--diff', 'a.sh']);
    expect(stdout).toBe(`--- a/a.sh\n+++ b/a.sh\n@@ -1,3 +1,3 @@\n # one\n-${DASH}+${DASH_REPAIRED} # three\n`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^1 finding would be repaired, 0 would be left/);
    expect(folder.read('a.sh')).toContain(DASH);
    expect(folder.run(['--fix', '--diff', 'a.sh'])).toEqual({ status, stdout, stderr, signal: null });
    expect(folder.read('a.sh')).toContain(DASH);
  });

  test('nothing to repair: no diff; the status says whether there is something to find', () => {
    const folder = program.folder({ 'a.sh': CLEAN, 'b.sh': BROKEN, 'c.sh': STATE });
    expect(folder.run(['--diff', 'a.sh'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(folder.run(['--diff', 'b.sh'])).toMatchObject({ status: 1, stdout: '' });
    expect(folder.run(['--diff', 'c.sh'])).toMatchObject({ status: 0, stdout: '' });
    expect(folder.run(['--diff', '--unsafe-fixes', 'c.sh'])).toMatchObject({ status: 1, stdout: expect.stringContaining('+iptables') as string });
  });

  test('of standard input', () => {
    expect(program.folder().run(['--diff', '--stdin-filename', 'x.sh'], { input: DASH }).stdout).toContain('--- a/x.sh\n');
  });

  const applied: readonly (readonly [string, string, string | Buffer])[] = [
    ['in the middle of a file', 'a.sh', `${'# line\n'.repeat(20)}${DASH}${'# line\n'.repeat(20)}${DASH}${'# line\n'.repeat(3)}${DASH}`],
    ['at both ends, no line end at the end', 'a.sh', `${DASH}# two\n${DASH.trimEnd()}`],
    ['line ends of Windows', 'a.sh', `#!/bin/sh\r\n${DASH.replace('\n', '\r\n')}echo ok\r\n`],
    ['a byte order mark', 'a.sh', `\ufeff${DASH}`],
    ['in a folder', 'etc/fw/a.sh', DASH],
    ['a name with blanks', 'two words.sh', DASH],
    ['a name with quotes, a backslash and a tab', 'a "b" \\\tc.sh', DASH],
    ['a name that is not ASCII', 'für.sh', DASH],
    ['other lines of a file are all different', 'a.sh', `${Array.from({ length: 3000 }, (_, index) => `# ${String(index)}\r\n`).join('')}${DASH}`],
    ['Windows-1252', 'a.sh', Buffer.from(`# f\u00fcr\n${DASH.replace('\u2013', '\u0096')}`, 'latin1')],
  ];
  test.each(applied)('git apply and patch make of it what --fix makes: %s', (_, name, content) => {
    const folder = program.folder({ [name]: content });
    const { stdout } = folder.shell('fwlint --diff --unsafe-fixes "$NAME" > ../d.patch; cat ../d.patch', { env: { NAME: name } });
    expect(stdout).toContain('@@ -');
    for (const command of [
      ['git', 'apply', '--whitespace=nowarn', '../../d.patch'],
      ['patch', '-p1', '--binary', '-s', '-i', '../../d.patch'],
    ]) {
      const [tool = '', ...parameters] = command;
      if (spawnSync(tool, ['--version']).error !== undefined) continue;
      const copy = join(folder.path, `../${tool}-${String(Math.random()).slice(2)}/copy`);
      mkdirSync(join(copy, name, '..'), { recursive: true });
      writeFileSync(join(copy, name), content);
      writeFileSync(join(copy, '../../d.patch'), readFileSync(join(folder.path, '../d.patch')));
      const result = spawnSync(tool, parameters, { cwd: copy, encoding: 'utf8', env: { ...process.env, GIT_DIR: '/nonexistent' } });
      expect({ tool, status: result.status, output: result.stdout + result.stderr }).toEqual({ tool, status: 0, output: '' });
      const patched = readFileSync(join(copy, name));
      folder.shell('cp "$NAME" keep; fwlint --fix --unsafe-fixes "$NAME"; cp "$NAME" fixed; cp keep "$NAME"', { env: { NAME: name } });
      expect(patched.equals(readFileSync(join(folder.path, 'fixed')))).toBe(true);
    }
  });

  test('an absolute name is one relative to where fwlint runs, or to the root', () => {
    const folder = program.folder({ 'd/a.sh': DASH, 'e/x': '' });
    expect(folder.run(['--diff', join(folder.path, 'd/a.sh')]).stdout).toContain('--- a/d/a.sh\n');
    expect(folder.run(['--diff', join(folder.path, 'd/a.sh')], { cwd: 'e' }).stdout).toContain(`--- a${folder.path}/d/a.sh\n`);
  });
});
