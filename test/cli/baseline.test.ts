// --baseline, --update-baseline, --report-unused-ignores, `fwlint init`.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { CLEAN, DASH, useProgram } from './program.js';

const program = useProgram();
const HOST_BITS = 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n';
const OTHER_BITS = 'iptables -A INPUT -s 10.1.0.1/24 -j DROP\n';
const BASE = ['--baseline', 'known.json'];
const UPDATE = [...BASE, '--update-baseline'];

describe('a baseline', () => {
  test('holds back what was there, and lets through what is new', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS });
    expect(folder.run(['a.sh']).status).toBe(1);
    expect(folder.run([...UPDATE, 'a.sh'])).toMatchObject({ status: 0, stdout: '1 file, 0 errors, 0 warnings, 1 in the baseline\n', stderr: '' });
    expect(folder.run([...BASE, 'a.sh'])).toMatchObject({ status: 0, stdout: '1 file, 0 errors, 0 warnings, 1 in the baseline\n', stderr: '' });
    writeFileSync(join(folder.path, 'a.sh'), HOST_BITS + OTHER_BITS);
    const { status, stdout } = folder.run([...BASE, 'a.sh']);
    expect(status).toBe(1);
    expect(stdout).toContain('a.sh:2:22');
    expect(stdout).not.toContain('a.sh:1:');
  });

  test('is stable against lines that move or are indented', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS });
    folder.run([...UPDATE, 'a.sh']);
    const before = folder.read('known.json');
    writeFileSync(join(folder.path, 'a.sh'), `# Rules.\n${CLEAN}\nif true; then\n  ${HOST_BITS}fi\n`);
    expect(folder.run([...BASE, 'a.sh']).status).toBe(0);
    folder.run([...UPDATE, 'a.sh']);
    expect(folder.read('known.json')).toBe(before);
  });

  test('counts: one more of the same is new', () => {
    const both = HOST_BITS + HOST_BITS.replace('INPUT', 'FORWARD');
    const folder = program.folder({ 'a.sh': HOST_BITS });
    folder.run(['--select', 'host-bits-set', ...UPDATE, 'a.sh']);
    writeFileSync(join(folder.path, 'a.sh'), HOST_BITS + HOST_BITS);
    const { status, stdout } = folder.run(['--select', 'host-bits-set', ...BASE, 'a.sh']);
    expect(status).toBe(1);
    expect(stdout).toContain('a.sh:2:');
    expect(stdout).toContain('1 warning, 1 in the baseline');
    writeFileSync(join(folder.path, 'a.sh'), both);
    folder.run(['--select', 'host-bits-set', ...UPDATE, 'a.sh']);
    expect(folder.run(['--select', 'host-bits-set', ...BASE, 'a.sh']).status).toBe(0);
  });

  test('paths are from its own folder, however a file is named', () => {
    const folder = program.folder({ 'ci/.keep': '', 'rules/a.sh': HOST_BITS });
    expect(folder.run(['--baseline', 'ci/known.json', '--update-baseline', 'rules/a.sh']).status).toBe(0);
    expect(folder.read('ci/known.json')).toContain('"../rules/a.sh"');
    expect(folder.run(['--baseline', '../ci/known.json', './a.sh'], { cwd: 'rules' }).status).toBe(0);
    expect(folder.run(['--baseline', 'ci/known.json', join(folder.path, 'rules/a.sh')]).status).toBe(0);
    expect(folder.run(['--baseline', 'ci/known.json', '--stdin-filename', 'rules/a.sh'], { input: HOST_BITS }).status).toBe(0);
  });

  test('written for some files keeps what it has of the others, except of those that are gone', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS, 'b.sh': OTHER_BITS, 'c.sh': DASH });
    folder.run([...UPDATE, 'a.sh', 'b.sh', 'c.sh']);
    rmSync(join(folder.path, 'c.sh'));
    writeFileSync(join(folder.path, 'a.sh'), CLEAN);
    folder.run([...UPDATE, 'a.sh']);
    expect(Object.keys((JSON.parse(folder.read('known.json')) as { files: object }).files)).toEqual(['b.sh']);
  });

  test('written with --select keeps what it has of the other checks', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS + DASH });
    folder.run([...UPDATE, 'a.sh']);
    const before = folder.read('known.json');
    folder.run([...UPDATE, '--select', 'host-bits-set', 'a.sh']);
    expect(folder.read('known.json')).toBe(before);
    expect(folder.run([...BASE, '--select', 'host-bits-set', 'a.sh']).stderr).toBe('');
  });

  test('says how much of it is gone', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS });
    folder.run([...UPDATE, 'a.sh']);
    writeFileSync(join(folder.path, 'a.sh'), CLEAN);
    expect(folder.run([...BASE, 'a.sh'])).toMatchObject({
      status: 0,
      stderr: 'fwlint: known.json: 1 finding in it is gone; --update-baseline takes it out\n',
    });
    expect(folder.run([...BASE, '-q', 'a.sh']).stderr).toBe('');
    folder.run([...UPDATE, 'a.sh']);
    expect(folder.read('known.json')).toBe('{\n  "version": 1,\n  "files": {}\n}\n');
  });

  test('in SARIF its findings are suppressed from outside, in JSON counted', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS });
    folder.run([...UPDATE, 'a.sh']);
    expect(JSON.parse(folder.run([...BASE, '--format', 'sarif', 'a.sh']).stdout)).toMatchObject({
      runs: [{ results: [{ ruleId: 'host-bits-set', suppressions: [{ kind: 'external', status: 'accepted' }] }] }],
    });
    expect(JSON.parse(folder.run([...BASE, '--format', 'json', 'a.sh']).stdout)).toMatchObject({ summary: { warning: 0 }, suppressed: 1 });
  });

  test('names every object has are names like others', () => {
    const folder = program.folder({ __proto__: '', constructor: HOST_BITS });
    writeFileSync(join(folder.path, '__proto__'), HOST_BITS);
    expect(folder.run([...UPDATE, '__proto__', 'constructor']).status).toBe(0);
    expect(folder.run([...BASE, '__proto__', 'constructor']).status).toBe(0);
  });

  test.each([
    ['not there', undefined, /no such file; --update-baseline writes it$/],
    ['no JSON', '{', /is no baseline/],
    ['something else', '[]', /is no baseline/],
    ['of another version', '{"version": 2, "files": {}}', /is a baseline of another version/],
    ['damaged', '{"version": 1, "files": {"a.sh": [{"check": 1}]}}', /is no baseline/],
  ])('%s: exit status 2, and nothing is done', (_, text, message) => {
    const folder = program.folder({ 'a.sh': DASH, ...(text === undefined ? {} : { 'known.json': text }) });
    const { status, stdout, stderr } = folder.run([...BASE, '--fix', 'a.sh']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr).toMatch(/^fwlint: known\.json: [^\n]+\n$/);
    expect(folder.read('a.sh')).toBe(DASH);
  });

  test.skipIf(process.platform !== 'linux')('a file without end is not read to its end', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS });
    expect(folder.run(['--baseline', '/dev/zero', 'a.sh'])).toMatchObject({ status: 2, stderr: 'fwlint: /dev/zero: is larger than 256 MiB\n' });
  });

  test('what cannot be written is said', () => {
    const folder = program.folder({ 'a.sh': DASH });
    expect(folder.run(['--baseline', 'no/such/known.json', '--update-baseline', 'a.sh'])).toMatchObject({
      status: 2,
      stderr: 'fwlint: no/such/known.json: not written: no such file\n',
    });
  });

  test.each([[['--update-baseline']], [[...UPDATE, '--diff']]])('%s is refused', (parameters) => {
    expect(program.folder({ 'a.sh': DASH }).run([...parameters, 'a.sh'])).toMatchObject({ status: 2, stdout: '' });
  });
});

test('a comment that silences one finding of each of very many rules takes no time of its own', () => {
  const rules = Array.from({ length: 40_000 }, (_, index) => `-A INPUT -s 10.${String(index >> 8)}.${String(index & 255)}.1/24 -j DROP\n`);
  const folder = program.folder({ 'a.save': `*filter\n# fwlint-ignore-file host-bits-set: as they came\n${rules.join('')}COMMIT\n` });
  expect(folder.run(['--select', 'host-bits-set,ignore-comment', 'a.save'])).toMatchObject({ status: 0, stderr: '' });
});

describe('--report-unused-ignores', () => {
  const UNUSED = `# fwlint-ignore octal-address: once it was\n${CLEAN}`;
  const OFF = `# fwlint-ignore host-bits-set: as is\n${HOST_BITS}`;

  test('reports a comment that silences nothing, whatever is selected', () => {
    const folder = program.folder({ 'a.sh': UNUSED });
    expect(folder.run(['--select', 'host-bits-set', 'a.sh']).status).toBe(0);
    expect(folder.run(['--ignore', 'ignore-comment', 'a.sh']).status).toBe(0);
    for (const parameters of [['--select', 'host-bits-set'], ['--ignore', 'ignore-comment'], []]) {
      const { status, stdout } = folder.run([...parameters, '--report-unused-ignores', 'a.sh']);
      expect(status).toBe(1);
      expect(stdout).toContain('ignore-comment');
    }
  });

  test('also of checks that are not run', () => {
    const folder = program.folder({ 'a.sh': OFF });
    expect(folder.run(['--report-unused-ignores', 'a.sh']).status).toBe(0);
    expect(folder.run(['--ignore', 'host-bits-set', 'a.sh']).status).toBe(0);
    const { status, stdout } = folder.run(['--ignore', 'host-bits-set', '--report-unused-ignores', 'a.sh']);
    expect(status).toBe(1);
    expect(stdout.replace(/\s+/g, ' ')).toContain('`host-bits-set` is not run: the comment silences nothing');
  });
});

describe('init', () => {
  test('writes a configuration that is read, and leaves one alone that is there', () => {
    const folder = program.folder({ 'a.sh': HOST_BITS });
    const first = folder.run(['init', '--target', 'kernel=6.1,backend=nft,ip_list_tot=200']);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const text = folder.read('fwlint.json');
    expect(JSON.parse(text)).toMatchObject({ root: true, target: { kernel: '6.1', backend: 'nft', ip_list_tot: 200 } });
    expect(folder.run(['a.sh'])).toMatchObject({ status: 1, stderr: '' });
    const second = folder.run(['init']);
    expect(second).toMatchObject({ status: 2, stdout: '' });
    expect(second.stderr).toMatch(/^fwlint: fwlint\.json: is there already[^\n]+\n$/);
    expect(folder.read('fwlint.json')).toBe(text);
  });

  test('into another folder; one that is not there is named', () => {
    const folder = program.folder({ 'sub/a.sh': HOST_BITS });
    expect(folder.run(['init', 'sub']).status).toBe(0);
    expect(folder.run(['sub/a.sh']).status).toBe(1);
    expect(folder.run(['init', 'nowhere'])).toMatchObject({ status: 2, stderr: expect.stringContaining('no such file') as string });
  });

  test('names the schema where the package is installed', () => {
    const folder = program.folder({ 'node_modules/fwlint/docs/fwlint.schema.json': '{}', 'sub/.keep': '' });
    expect(folder.run(['init', 'sub']).status).toBe(0);
    expect(JSON.parse(folder.read('sub/fwlint.json'))).toMatchObject({ $schema: '../node_modules/fwlint/docs/fwlint.schema.json' });
    expect(folder.run(['init']).status).toBe(0);
    expect(JSON.parse(folder.read('fwlint.json'))).toMatchObject({ $schema: './node_modules/fwlint/docs/fwlint.schema.json' });
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written', () => {
    const folder = program.folder({ 'sub/.keep': '' });
    chmodSync(join(folder.path, 'sub'), 0o500);
    expect(folder.run(['init', 'sub'])).toMatchObject({ status: 2 });
  });
});
