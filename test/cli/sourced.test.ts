// Files that scripts source: which are read, that nothing else is opened, and that findings and repairs name the right file.
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { useProgram, type Folder } from './program.js';

const program = useProgram();

const USES_NET = 'iptables -A INPUT -s "$NET" -p tcp --dport 22 -j ACCEPT\n';
const CONF = 'NET=10.0.0.1/24\n';

/** Whether NET is known to the script: its host bits are found then. */
function knows(folder: Folder, parameters: readonly string[], input?: string): boolean {
  const { stdout, status } = folder.run([...parameters], input === undefined ? {} : { input });
  expect(status).not.toBe(3);
  return stdout.includes('host-bits-set');
}

describe('which files are read', () => {
  test.each([
    ['beside the script', '. ./net.conf\n'],
    ['without ./', 'source net.conf\n'],
    ['below it', '. ./conf/net.conf\n'],
    ['through $0', '. "$(dirname "$0")/net.conf"\n'],
    ['through $0, cut', '. ${0%/*}/net.conf\n'],
    ['through BASH_SOURCE', 'DIR="$( cd "$( dirname "${BASH_SOURCE[0]}" )" >/dev/null 2>&1 && pwd )"\nsource "$DIR/net.conf"\n'],
    ['through readlink', 'HERE=$(dirname $(readlink -f "$0"))\n. $HERE/net.conf\n'],
    ['asked for first', 'CONF=./net.conf\n[ -r "$CONF" ] && . "$CONF"\n'],
    ['asked for first, in an if', 'CONF=./net.conf\nif [[ -f ${CONF} ]]; then source ${CONF}; else exit 1; fi\n'],
    ['by another that is sourced', '. ./conf/all.conf\n'],
  ])('%s', (_where, head) => {
    const folder = program.folder({
      'fw/rules.sh': head + USES_NET,
      'fw/net.conf': CONF,
      'fw/conf/net.conf': CONF,
      // In a shell, a name begins at the folder the script is run in, whichever file it stands in.
      'fw/conf/all.conf': '. ./conf/net.conf\n',
    });
    expect(knows(folder, ['fw/rules.sh'])).toBe(true);
    expect(knows(folder, [join(folder.path, 'fw/rules.sh')])).toBe(true);
  });

  test.each([
    ['above the script', '. ../net.conf\n'],
    ['somewhere else, by its whole path', '. FOLDER/net.conf\n'],
    ['through a link', '. ./link.conf\n'],
    ['through a linked folder', '. ./linked/net.conf\n'],
    ['a missing file', '. ./missing.conf\n'],
    ['a folder', '. ./conf\n'],
    ['a pipe that nobody writes to', '. ./pipe\n'],
    ['no text', '. ./data\n'],
    ['a name that only the run knows', '. "$CONF"\n'],
    ['a folder above, through $0', '. "$(dirname "$0")/../net.conf"\n'],
    ['a device', '. /dev/zero\n'],
    ['what systems have', '. /etc/default/fwlint-has-none\n. /lib/lsb/init-functions\n'],
  ])('not %s, and that is no mistake', (_where, head) => {
    const folder = program.folder({ 'net.conf': CONF, 'fw/conf/a': '', 'fw/data': Buffer.alloc(64) });
    symlinkSync('../net.conf', join(folder.path, 'fw/link.conf'));
    symlinkSync('..', join(folder.path, 'fw/linked'));
    execFileSync('mkfifo', [join(folder.path, 'fw/pipe')]);
    writeFileSync(join(folder.path, 'fw/rules.sh'), head.replace('FOLDER', folder.path) + USES_NET);
    const { status, stdout, stderr } = folder.run(['fw/rules.sh']);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '1 file, 0 errors, 0 warnings\n', stderr: '' });
  });

  test('other folders where they are allowed, and no further', () => {
    const folder = program.folder({
      'net.conf': CONF,
      'common/net.conf': CONF,
      'fw/a.sh': `. ../common/net.conf\n${USES_NET}`,
      'fw/b.sh': `. ../net.conf\n${USES_NET}`,
    });
    expect(knows(folder, ['--allow-source', 'common', 'fw/a.sh'])).toBe(true);
    expect(knows(folder, ['--allow-source', 'other', '--allow-source=common', 'fw/a.sh'])).toBe(true);
    expect(knows(folder, ['--allow-source', 'common', 'fw/b.sh'])).toBe(false);
    expect(knows(folder, ['--allow-source', '.', 'fw/b.sh'])).toBe(true);
  });

  test('standard input has no folder', () => {
    const folder = program.folder({ 'net.conf': CONF });
    expect(knows(folder, ['-'], `. ./net.conf\n${USES_NET}`)).toBe(false);
    expect(knows(folder, ['--stdin-filename', 'rules.sh', '-'], `. ./net.conf\n${USES_NET}`)).toBe(false);
    expect(knows(folder, ['--allow-source', '.', '-'], `. ./net.conf\n${USES_NET}`)).toBe(false);
    expect(knows(folder, ['--allow-source', '.', '-'], `. ${folder.path}/net.conf\n${USES_NET}`)).toBe(true);
  });

  test('files that source each other end', () => {
    const folder = program.folder({ 'a.sh': `. ./b.sh\n${USES_NET}`, 'b.sh': '. ./b.sh\n. ./a.sh\nNET=10.0.0.1/24\n' });
    expect(knows(folder, ['a.sh'])).toBe(true);
    const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`n${String(index)}.sh`, `. ./n${String(index + 1)}.sh\n`]));
    const { status, stdout } = program.folder({ ...many, 'a.sh': `. ./n0.sh\n${USES_NET}` }).run(['a.sh']);
    expect(status).not.toBe(3);
    expect(stdout).toContain('expansion-limit');
  });

  test('a file too large to be a script is not read', () => {
    const folder = program.folder({ 'a.sh': `. ./big.sh\n${USES_NET}`, 'big.sh': `${CONF}${'# nothing\n'.repeat(420_000)}` });
    expect(knows(folder, ['a.sh'])).toBe(false);
  });
});

describe('findings', () => {
  const files = {
    'rules.sh': '. ./lib/open.sh\nopen 22\nopen 70000\n',
    'lib/open.sh': '# How a port is opened\nopen() {\n  iptables -A INPUT –p tcp --dport "$1" -j ACCEPT\n}\n',
  };

  test.each([
    ['human', 'lib/open.sh:3:21'],
    ['gcc', 'lib/open.sh:3:21: error:'],
    ['github', 'file=lib/open.sh,line=3,endLine=3,col=21'],
    ['checkstyle', '<file name="lib/open.sh">\n    <error line="3" column="21"'],
  ])('%s names the file, its line and column', (format, text) => {
    expect(program.folder(files).run(['--format', format, 'rules.sh']).stdout).toContain(text);
  });

  test('gitlab and sarif, too', () => {
    const folder = program.folder(files);
    const issues = JSON.parse(folder.run(['--format', 'gitlab', 'rules.sh']).stdout) as { readonly location: unknown }[];
    expect(issues.map(({ location }) => location)).toContainEqual({ path: 'lib/open.sh', lines: { begin: 3, end: 3 } });
    const sarif = folder.run(['--format', 'sarif', 'rules.sh']).stdout;
    expect(sarif.replace(/\s+/g, '')).toContain(
      '"artifactLocation":{"uri":"lib/open.sh","uriBaseId":"%SRCROOT%"},"region":{"startLine":3,"startColumn":21',
    );
  });

  test('json has the file as one of its own, and names it at labels', () => {
    const folder = program.folder({ 'a.sh': '. ./b.sh\niptables -A INPUT -j DROP\n', 'b.sh': '\n\niptables -A INPUT -j DROP\n' });
    const { files: found } = JSON.parse(folder.run(['--format', 'json', 'a.sh']).stdout) as {
      readonly files: readonly { readonly name: string; readonly findings: readonly { readonly check: string; readonly labels: unknown }[] }[];
    };
    expect(found.map(({ name }) => name)).toEqual(['a.sh', 'b.sh']);
    const duplicate = found[0]?.findings.find(({ check }) => check === 'duplicate-rule');
    expect(duplicate?.labels).toContainEqual(expect.objectContaining({ file: 'b.sh', start: { line: 3, column: 1, offset: 2 } }));
    expect(folder.run(['a.sh']).stdout).toContain('b.sh:3: ');
  });

  test('a value that is wrong is shown where it was written', () => {
    const folder = program.folder({
      'a.sh': '. ./b.conf\nfor a in $BAD; do iptables -A INPUT -s $a -j DROP; done\n',
      'b.conf': '\nBAD="10.0.0.1 2001:db8::1"\n',
    });
    const { files: found } = JSON.parse(folder.run(['--format', 'json', 'a.sh']).stdout) as {
      readonly files: readonly { readonly findings: readonly { readonly check: string; readonly labels: unknown }[] }[];
    };
    const mixed = found[0]?.findings.find(({ check }) => check === 'family-mismatch');
    expect(mixed?.labels).toEqual([
      { text: 'comes from here', file: 'b.conf', start: { line: 2, column: 15, offset: 15 }, end: { line: 2, column: 26, offset: 26 } },
    ]);
  });

  test('comments in the file silence them', () => {
    const silenced = {
      ...files,
      'lib/open.sh': files['lib/open.sh'].replace('  ip', '  # fwlint-ignore unicode-dash, port-range: to see that it is said\n  ip'),
    };
    const { status, stdout } = program.folder(silenced).run(['rules.sh']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '2 files, 0 errors, 0 warnings\n' });
  });

  test('a file that several scripts source, and that is named, is there once', () => {
    const folder = program.folder({ ...files, 'other.sh': '. lib/open.sh\nopen 80\n' });
    const { stdout } = folder.run(['--format', 'gcc', 'rules.sh', 'lib/open.sh', 'other.sh']);
    expect(stdout.split('\n').filter((line) => line.includes('unicode-dash'))).toHaveLength(1);
  });

  test('a baseline holds them back', () => {
    const folder = program.folder(files);
    folder.run(['--baseline', 'b.json', '--update-baseline', 'rules.sh']);
    expect(folder.read('b.json')).toContain('"lib/open.sh"');
    const { status, stderr } = folder.run(['--baseline', 'b.json', 'rules.sh']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('repairs', () => {
  const files = {
    'rules.sh': '. ./open.sh\nopen 22\niptables -A INPUT –j DROP\n',
    'open.sh': 'open() {\n  iptables -A INPUT –p tcp --dport "$1" -j ACCEPT\n}\n',
  };
  const REPAIRED = { script: files['rules.sh'].replace('–', '-'), sourced: files['open.sh'].replace('–', '-') };

  test('a file nobody named stays as it is, and that is said', () => {
    const folder = program.folder(files);
    const { status, stderr } = folder.run(['--fix', 'rules.sh']);
    expect(status).toBe(1);
    expect(stderr).toBe('fwlint: open.sh: a repair is left: name the file as well to repair it\n');
    expect([folder.read('rules.sh'), folder.read('open.sh')]).toEqual([REPAIRED.script, files['open.sh']]);
  });

  test.each([[['rules.sh', 'open.sh']], [['open.sh', 'rules.sh']]])('%s: both are repaired, in either order', (names) => {
    const folder = program.folder(files);
    const { stdout, stderr } = folder.run(['--fix', ...names]);
    expect([folder.read('rules.sh'), folder.read('open.sh')]).toEqual([REPAIRED.script, REPAIRED.sourced]);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('unicode-dash');
    expect(stdout).toContain('2 repaired');
  });
});

test('translate takes over what is sourced', () => {
  const folder = program.folder({ 'rules.sh': '. ./net.conf\niptables -A INPUT -s $NET -j ACCEPT\n', 'net.conf': 'NET=192.0.2.0/24\n' });
  const { status, stdout } = folder.run(['translate', 'rules.sh']);
  expect(status).toBe(0);
  expect(stdout).toContain('define NET = 192.0.2.0/24\n');
});
