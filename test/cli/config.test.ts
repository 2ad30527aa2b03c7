// `fwlint.json`: where it is looked for, what wins, and mistakes in it.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { DASH, useProgram } from './program.js';

const program = useProgram();
const HOST_BITS = 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n';
const config = (value: unknown): string => JSON.stringify(value);

describe('where it is looked for', () => {
  test("in the file's folder and above, not in the current one", () => {
    const folder = program.folder({
      'a/b/x.sh': HOST_BITS,
      'a/fwlint.json': config({ ignore: ['host-bits-set'] }),
      'other/y.sh': HOST_BITS,
    });
    expect(folder.run(['a/b/x.sh']).status).toBe(0);
    expect(folder.run(['x.sh'], { cwd: 'a/b' }).status).toBe(0);
    expect(folder.run(['../other/y.sh'], { cwd: 'a' }).status).toBe(1);
    expect(folder.run([join(folder.path, 'a/b/x.sh')], { cwd: 'other' }).status).toBe(0);
  });

  test('of standard input: the current folder, or that of --stdin-filename', () => {
    const folder = program.folder({ 'a/fwlint.json': config({ ignore: ['host-bits-set'] }) });
    expect(folder.run([], { input: HOST_BITS }).status).toBe(1);
    expect(folder.run([], { input: HOST_BITS, cwd: 'a' }).status).toBe(0);
    expect(folder.run(['--stdin-filename', 'a/x.sh'], { input: HOST_BITS }).status).toBe(0);
  });

  test('"root" ends the search, --no-config leaves all alone', () => {
    const folder = program.folder({
      'fwlint.json': config({ ignore: ['host-bits-set'] }),
      'a/fwlint.json': config({}),
      'a/x.sh': HOST_BITS,
      'b/fwlint.json': config({ root: true }),
      'b/x.sh': HOST_BITS,
    });
    expect(folder.run(['a/x.sh']).status).toBe(0);
    expect(folder.run(['b/x.sh']).status).toBe(1);
    expect(folder.run(['--no-config', 'a/x.sh']).status).toBe(1);
  });
});

describe('what it says', () => {
  test('target, select, severity, defines', () => {
    const folder = program.folder({
      'target/x.sh': 'iptables -A INPUT -p tcp --dport 80 -m recent --name a --update --seconds 5 --hitcount 26 -j DROP\n',
      'target/fwlint.json': config({ target: { kernel: '6.1' }, select: ['recent-hitcount-limit'] }),
      'severity/x.sh': HOST_BITS,
      'severity/fwlint.json': config({ severity: { 'host-bits-set': 'hint' } }),
      'defines/x.sh': 'iptables -A INPUT -p tcp --dport "$PORT" -j ACCEPT\n',
      'defines/fwlint.json': config({ defines: { PORT: '99999' } }),
    });
    expect(folder.run(['target/x.sh']).status).toBe(0);
    expect(folder.run(['--no-config', '--select', 'recent-hitcount-limit', 'target/x.sh']).status).toBe(1);
    const hinted = folder.run(['severity/x.sh']);
    expect(hinted.status).toBe(0);
    expect(hinted.stdout).toContain('hint host-bits-set');
    expect(folder.run(['defines/x.sh']).stdout).toContain('99999');
  });

  test('the command line wins', () => {
    const folder = program.folder({
      'x.sh': HOST_BITS,
      'y.sh': 'iptables -A INPUT -p tcp --dport "$PORT" -j ACCEPT\n',
      'fwlint.json': config({ ignore: ['host-bits-set'], defines: { PORT: '99999' }, target: { kernel: '3.2' } }),
    });
    expect(folder.run(['x.sh']).status).toBe(0);
    expect(folder.run(['--select', 'host-bits-set', 'x.sh']).status).toBe(1);
    expect(folder.run(['--define', 'PORT=22', 'y.sh']).status).toBe(0);
  });

  test('overrides for some of the files', () => {
    const folder = program.folder({
      'fwlint.json': config({
        overrides: [
          { files: ['old/**'], ignore: ['host-bits-set'] },
          { files: ['*.txt'], severity: { 'host-bits-set': 'error' } },
        ],
      }),
      'old/deep/x.sh': HOST_BITS,
      'new/x.sh': HOST_BITS,
      'old/x.txt': HOST_BITS,
    });
    expect(folder.run(['old/deep/x.sh']).status).toBe(0);
    expect(folder.run(['new/x.sh']).stdout).toContain('warning host-bits-set');
    expect(folder.run(['old/x.txt']).stdout).toContain('error host-bits-set');
  });
});

describe('a mistake names the file and the key, exit status 2', () => {
  test.each([
    ['{', /is not JSON: /],
    ['[]', /must be an object/],
    [config({ targets: {} }), /`targets` is not a setting/],
    [config({ target: { kernal: '6.1' } }), /`target\.kernal` is not a setting/],
    [config({ target: { kernel: 6.1 } }), /`target\.kernel` must be a version such as "6\.1"/],
    [config({ target: { backend: 'bpf' } }), /`target\.backend` must be "legacy" or "nft"/],
    [config({ target: { ip_list_tot: 0 } }), /`target\.ip_list_tot` must be a whole number/],
    [config({ ignore: ['nope'] }), /`ignore`: there is no check `nope`/],
    [config({ select: 'unicode-dash' }), /`select` must be a list/],
    [config({ severity: { nope: 'error' } }), /`severity`: there is no check `nope`/],
    [config({ severity: { 'unicode-dash': 'fatal' } }), /`severity\.unicode-dash` must be one of/],
    [config({ defines: { A: 1 } }), /`defines\.A` must be a text/],
    [config({ defines: { 'A B': '1' } }), /`defines\.A B` must be the name of a variable, or the number of a parameter/],
    [config({ target: { nft: '1.0beta' } }), /`target\.nft` must be a version such as "1\.0\.6"/],
    [config({ extends: 'x' }), /`extends` is not a setting; there are \$schema, root, target, [a-z, ]+ and overrides/],
    [config({ overrides: [{ files: [] }] }), /`overrides\.0\.files` must have a pattern/],
    [config({ $schema: 1 }), /`\$schema` must be a text/],
    [config({ root: 'yes' }), /`root` must be true or false/],
    [config({ overrides: [{ ignore: [] }] }), /`overrides\.0\.files` /],
    [config({ overrides: [{ files: ['*'], ignore: ['nope'] }] }), /`overrides\.0\.ignore`: there is no check `nope`/],
  ])('%s', (text, message) => {
    const folder = program.folder({ 'fwlint.json': text, 'a/x.sh': DASH });
    const { status, stdout, stderr } = folder.run(['a/x.sh']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^fwlint: [^\n]+\n$/);
    expect(stderr).toContain(`${folder.path}/fwlint.json: `);
    expect(stderr).toMatch(message);
  });

  test('a folder of that name', () => {
    const folder = program.folder({ 'x.sh': DASH });
    mkdirSync(join(folder.path, 'fwlint.json'));
    expect(folder.run(['x.sh'])).toMatchObject({ status: 2, stderr: `fwlint: ${folder.path}/fwlint.json: is a directory\n` });
  });
});
