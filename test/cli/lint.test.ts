// `fwlint [lint]`: exit statuses, files and standard input, choosing checks, colours, suppression.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { BROKEN, CLEAN, DASH, useProgram } from './program.js';

const program = useProgram();

const STATE = 'iptables -A INPUT -p tcp --dport 22 -m state --state NEW -j ACCEPT\n';
const HOST_BITS = 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n';

describe('exit status', () => {
  test('0: nothing found', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': CLEAN }).run(['a.sh']);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '1 file, 0 errors, 0 warnings\n', stderr: '' });
  });

  test('1: an error, named with its place', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': DASH }).run(['a.sh']);
    expect(status).toBe(1);
    expect(stdout).toContain('error unicode-dash: ');
    expect(stdout).toContain('a.sh:1:19');
    expect(stderr).toBe('');
  });

  test.each([
    ['error', 0],
    ['warning', 1],
    ['info', 1],
    ['hint', 1],
  ])('--fail-level %s with a warning: %i', (level, expected) => {
    expect(program.folder({ 'a.sh': HOST_BITS }).run(['--fail-level', level, 'a.sh']).status).toBe(expected);
  });

  test('a hint alone is reported and fails only at --fail-level hint', () => {
    const folder = program.folder({ 'a.sh': STATE });
    const plain = folder.run(['a.sh']);
    expect(plain.stdout).toContain('hint deprecated-state-match');
    expect(plain.status).toBe(0);
    expect(folder.run(['--fail-level=hint', 'a.sh']).status).toBe(1);
  });

  test('2: a file that is not there; the others are looked at all the same', () => {
    const { status, stdout, stderr } = program.folder({ 'a.sh': DASH, 'b.sh': CLEAN }).run(['a.sh', 'nope.sh', 'b.sh']);
    expect(status).toBe(2);
    expect(stdout).toContain('unicode-dash');
    expect(stdout).toContain('2 files, 1 error');
    expect(stderr).toBe('fwlint: nope.sh: no such file\n');
  });

  test('2: a directory', () => {
    const folder = program.folder({ 'd/a.sh': CLEAN });
    const { status, stderr } = folder.run(['d']);
    expect(status).toBe(2);
    expect(stderr).toBe('fwlint: d: is a directory; name the files in it\n');
    expect(folder.run(['d/']).status).toBe(2);
  });

  test.skipIf(process.getuid?.() === 0)('2: a file that may not be read', () => {
    const folder = program.folder({ 'a.sh': CLEAN });
    chmodSync(join(folder.path, 'a.sh'), 0);
    expect(folder.run(['a.sh']).stderr).toBe('fwlint: a.sh: permission denied\n');
  });

  test('2: a symbolic link that leads nowhere, and one that leads in a circle', () => {
    const folder = program.folder();
    symlinkSync('away', join(folder.path, 'nowhere'));
    symlinkSync('circle', join(folder.path, 'circle'));
    const { status, stderr } = folder.run(['nowhere', 'circle']);
    expect(status).toBe(2);
    expect(stderr).toBe('fwlint: nowhere: no such file\nfwlint: circle: is a symbolic link that leads in a circle\n');
  });
});

describe('a mistake in the call is one line on standard error and exit status 2', () => {
  test.each([
    [['--fxi', 'a.sh'], /^fwlint: unknown option `--fxi` \(did you mean --fix\?\)\n$/],
    [['-b.sh'], /^fwlint: unknown option `-b\.sh`; [^\n]+\n$/],
    [['tranlsate', 'a.sh'], /^fwlint: there is no command `tranlsate` \(did you mean `translate`\?\) and no file of that name\n$/],
    [['--format', 'yaml', 'a.sh'], /^fwlint: --format is one of human, json, sarif, github, gitlab, checkstyle, gcc \(got `yaml`\)\n$/],
    [['--format'], /^fwlint: option `--format <format>` argument missing[^\n]*\n$/],
    [['--select', 'nope', 'a.sh'], /^fwlint: there is no check `nope`; [^\n]+\n$/],
    [['--ignore', 'unicode-dash,nope', 'a.sh'], /^fwlint: there is no check `nope`; [^\n]+\n$/],
    [['--select', 'unicode-dahs', 'a.sh'], /^fwlint: there is no check `unicode-dahs`; did you mean `unicode-dash`\?\n$/],
    [['--ignore', '__proto__', 'a.sh'], /^fwlint: there is no check `__proto__`; [^\n]+\n$/],
    [['--target', 'kernel=new', 'a.sh'], /^fwlint: --target kernel= takes a version[^\n]+\n$/],
    [['--unsafe-fixes', 'a.sh'], /^fwlint: --unsafe-fixes goes with --fix or --diff\n$/],
    [['--exit-non-zero-on-fix', 'a.sh'], /^fwlint: --exit-non-zero-on-fix goes with --fix\n$/],
    [['--list-unknowns', '--fix', 'a.sh'], /^fwlint: --list-unknowns lists values, not findings: it does not go with --fix\n$/],
    [['--list-unknowns', '--format', 'json', 'a.sh'], /^fwlint: --list-unknowns [^\n]+ --format json\n$/],
    [['--diff', '--format', 'json', 'a.sh'], /^fwlint: --diff prints a diff: [^\n]+\n$/],
    [['checks', 'a.sh'], /^fwlint: `checks` takes no arguments\n$/],
    [['init', 'a', 'b'], /^fwlint: `init` takes at most 1 argument, not 2\n$/],
    [['explain'], /^fwlint: missing required argument `text`[^\n]+\n$/],
  ])('%j', (parameters, line) => {
    const folder = program.folder({ 'a.sh': DASH });
    const { status, stdout, stderr } = folder.run(parameters);
    expect(stderr).toMatch(line);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(folder.read('a.sh')).toBe(DASH);
  });
});

describe('names of files', () => {
  test('a command is spelt out or left out', () => {
    const folder = program.folder({ 'a.sh': DASH });
    expect(folder.run(['lint', 'a.sh'])).toEqual(folder.run(['a.sh']));
    expect(folder.run(['lint', '--select', 'unicode-dash', 'a.sh'])).toEqual(folder.run(['--select', 'unicode-dash', 'a.sh']));
  });

  test('a file that is called like a command', () => {
    const folder = program.folder({ checks: DASH, lint: DASH, help: DASH });
    for (const parameters of [
      ['--', 'checks'],
      ['./checks'],
      ['lint', 'checks'],
      ['lint', 'lint'],
      ['lint', '--', 'lint'],
      ['--', 'lint', 'checks'],
      ['--', 'help'],
      ['--color=never', 'help'],
    ]) {
      const { status, stdout } = folder.run(parameters);
      expect({ parameters, status }).toEqual({ parameters, status: 1 });
      expect(stdout).toMatch(/unicode-dash/);
    }
    expect(folder.run(['translate', 'checks']).stdout).toContain('tcp dport 22 accept');
  });

  test('a file whose name begins with a dash', () => {
    const folder = program.folder({ '-b.sh': DASH, '--fix': DASH });
    expect(folder.run(['--', '-b.sh']).stdout).toContain('-b.sh:1:19');
    expect(folder.run(['lint', '--', '--fix']).stdout).toContain('--fix:1:19');
    expect(folder.read('--fix')).toBe(DASH);
  });

  test('blanks, line ends and escape sequences in a name do no harm', () => {
    const name = 'two words\n\u001b[31m.sh';
    const { stdout } = program.folder({ [name]: DASH }).run([name]);
    expect(stdout).toContain('two words');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('standard input', () => {
  test.each([{ parameters: [] }, { parameters: ['lint', '-'] }])('$parameters', ({ parameters }) => {
    const { status, stdout } = program.folder().run(parameters, { input: DASH });
    expect(status).toBe(1);
    expect(stdout).toContain('<stdin>:1:19');
  });

  test('beside files', () => {
    const { stdout } = program.folder({ 'a.sh': DASH }).run(['a.sh', '-'], { input: DASH });
    expect(stdout).toContain('a.sh:1:19');
    expect(stdout).toContain('<stdin>:1:19');
    expect(stdout).toContain('2 files, 2 errors');
  });

  test('--stdin-filename is what findings call it', () => {
    const { stdout } = program.folder().run(['--stdin-filename', 'etc/rules.sh'], { input: DASH });
    expect(stdout).toContain('etc/rules.sh:1:19');
  });

  test('closed, empty, a pipe that is slow, a named pipe', () => {
    const folder = program.folder({ 'a.sh': DASH });
    expect(folder.shell('fwlint - <&-').status).toBe(0);
    expect(folder.run([], { input: '' }).status).toBe(0);
    expect(folder.shell(`(sleep 0.2; cat a.sh; sleep 0.2; cat a.sh) | fwlint`).stdout).toContain('2 errors');
    expect(folder.shell('fwlint <(cat a.sh)').stdout).toContain('unicode-dash');
    expect(folder.shell('mkfifo p; cat a.sh > p & fwlint p').stdout).toContain('p:1:19');
  });

  test('a pipe that another program made non-blocking', () => {
    // Node makes its own pipes so: a child that inherits one as standard input gets EAGAIN where there is nothing to read yet.
    const script = `
      const { spawn } = require('node:child_process');
      process.stdin.on('data', () => {}); process.stdin.pause();
      spawn(process.execPath, [process.env.FWLINT], { stdio: 'inherit' }).on('exit', (code) => process.exit(code));`;
    const { status, stdout, stderr } = program.folder({ 'x.cjs': script, 'a.sh': DASH }).shell('(sleep 0.5; cat a.sh) | "$NODE" x.cjs');
    expect(stderr).toBe('');
    expect(stdout).toContain('unicode-dash');
    expect(status).toBe(1);
  });
});

describe('what is read', () => {
  test('an empty file, blanks, only comments', () => {
    const { status, stdout } = program.folder({ a: '', b: ' \n\n', c: '# nothing\n' }).run(['a', 'b', 'c']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '3 files, 0 errors, 0 warnings\n' });
  });

  test('a program is no text', () => {
    const { status, stderr } = program.folder().run([process.execPath]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/is not a text file\n$/);
  });

  test.each([
    ['with a byte order mark', Buffer.from(`\ufeff${CLEAN}`, 'utf16le')],
    ['big-endian', Buffer.from(`\ufeff${CLEAN}`, 'utf16le').swap16()],
    ['without a byte order mark', Buffer.from(CLEAN, 'utf16le')],
  ])('UTF-16 %s', (_, bytes) => {
    const { status, stderr } = program.folder({ a: bytes }).run(['a']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^fwlint: a: is UTF-16 text, which no shell reads; save it as UTF-8/);
  });

  test('a byte order mark of UTF-8, and a NUL in a text', () => {
    const folder = program.folder({ a: `\ufeff${CLEAN}`, b: `${CLEAN}iptables -A INPUT -p tcp\0 -j DROP\n` });
    expect([0, 1]).toContain(folder.run(['a']).status);
    expect([0, 1]).toContain(folder.run(['b']).status);
  });

  test('Windows-1252: the dash of Windows is a dash', () => {
    const { status, stdout, stderr } = program.folder({ a: Buffer.from(DASH.replace('\u2013', '\u0096'), 'latin1') }).run(['a']);
    expect(status).toBe(1);
    expect(stdout).toContain('unicode-dash');
    expect(stderr).toBe('fwlint: a: is not UTF-8; read as Windows-1252\n');
  });

  test('bytes that are no text among UTF-8 are kept apart', () => {
    const { status, stdout, stderr } = program.folder({ a: Buffer.concat([Buffer.from(DASH), Buffer.from([0x23, 0x20, 0xff, 0x0a])]) }).run(['a']);
    expect(status).toBe(1);
    expect(stdout).toContain('unicode-dash');
    expect(stderr).toBe('fwlint: a: some bytes are not UTF-8; read as U+FFFD\n');
  });

  test('a file without end is not read to its end', () => {
    const { status, stderr } = program.folder().run(['/dev/zero']);
    expect(status).toBe(2);
    expect(stderr).toBe('fwlint: /dev/zero: is larger than 256 MiB\n');
  });

  test('a very long line', () => {
    const ports = Array.from({ length: 5_000 }, (_, index) => `-p tcp --dport ${String(index)}`).join(' ');
    const { status, stdout } = program.folder({ a: `iptables -A INPUT ${ports} -j ACCEPT \u2013m state\n` }).run(['a']);
    expect(status).toBe(1);
    expect(stdout.split('\n').filter((line) => line.length > 200)).toEqual([]);
  });

  test('very many commands in one line', () => {
    const { status, stdout } = program.folder({ a: `${`${STATE.trim()}; `.repeat(1000)}true\n` }).run(['--select', 'deprecated-state-match', 'a']);
    expect(status).toBe(0);
    expect(stdout).toContain('1 hint');
  });

  test('kinds of input are told apart, and --input overrules', () => {
    const save = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m tcp --dport 99999 -j ACCEPT\nCOMMIT\n';
    const text = `If you want to let ssh in, this is what you type:\n\n    ${BROKEN}\nand then you are done, or so people say.\n`;
    const folder = program.folder({ save, text, 'script.sh': BROKEN });
    for (const name of ['save', 'text', 'script.sh']) {
      const { status, stdout } = folder.run([name]);
      expect({ name, status }).toEqual({ name, status: 1 });
      expect(stdout).toContain('1 error');
    }
    expect(folder.run(['--input', 'save', 'save']).stdout).toBe(folder.run(['save']).stdout);
    const kind = (...parameters: string[]): string[] =>
      folder.run(['translate', '--to', 'iptables', ...parameters, '--partial', 'text']).stdout.split('\n');
    expect(kind().filter((line) => line.includes('let ssh in'))).toEqual([]);
    expect(kind('--input', 'script')).toContain('If you want to let ssh in, this is what you type:');
  });

  test('pipes beside each other are read once each, and what they give is looked at', () => {
    const folder = program.folder({ 'a.sh': DASH, 'b.sh': HOST_BITS });
    const { status, stdout, stderr } = folder.shell('fwlint --format gcc <(cat a.sh) <(cat b.sh)');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    for (const check of ['unicode-dash', 'host-bits-set']) expect(stdout).toContain(`[${check}]`);
  });

  test('an ipset file is read, and rules of another file know its sets', () => {
    const folder = program.folder({
      sets: 'create bad hash:ip family inet\nadd bad 192.0.2.1\nadd bad 192.0.2.300\n',
      rules: '*filter\n-A INPUT -m set --match-set bda src -j DROP\nCOMMIT\n',
    });
    const { status, stdout } = folder.run(['sets', 'rules']);
    expect(status).toBe(1);
    expect(stdout).toContain('ipset-refused');
    expect(stdout).toContain('nothing here creates the ipset `bda`');
    expect(folder.run(['rules']).stdout).not.toContain('ipset-unknown');
  });
});

describe('which checks', () => {
  const both = STATE + DASH;

  test('--select and --ignore', () => {
    const folder = program.folder({ 'a.sh': both });
    const names = (...parameters: string[]): string[] =>
      (JSON.parse(folder.run(['--format', 'json', ...parameters, 'a.sh']).stdout) as { files: { findings: { check: string }[] }[] }).files.flatMap(
        (file) => file.findings.map((finding) => finding.check),
      );
    expect(new Set(names())).toEqual(new Set(['deprecated-state-match', 'unicode-dash']));
    expect(names('--select', 'unicode-dash')).toEqual(['unicode-dash']);
    expect(names('--ignore', 'unicode-dash')).toEqual(['deprecated-state-match']);
    expect(names('--select', 'unicode-dash,deprecated-state-match', '--ignore', 'unicode-dash')).toEqual(['deprecated-state-match']);
    expect(names('--select', 'unicode-dash', '--select', 'deprecated-state-match')).toHaveLength(2);
  });

  test('--target decides what depends on versions', () => {
    const folder = program.folder({
      'a.sh':
        'iptables -A INPUT -p tcp --dport 80 -m recent --name a --update --seconds 5 --hitcount 26 -j DROP\niptables -A INPUT -p tcp --dport 80 -m recent --name a --set\n',
    });
    const severity = (...parameters: string[]): string | undefined =>
      (
        JSON.parse(folder.run(['--format', 'json', '--select', 'recent-hitcount-limit', ...parameters, 'a.sh']).stdout) as {
          files: { findings: { severity: string }[] }[];
        }
      ).files[0]?.findings[0]?.severity;
    expect(severity()).toBe('warning');
    expect(severity('--target', 'kernel=6.1')).toBeUndefined();
    expect(severity('--target', 'kernel=3.16')).toBe('error');
    expect(severity('--target', 'kernel=3.16,ip_pkt_list_tot=30')).toBeUndefined();
    expect(severity('--target', 'kernel=3.16', '--target', 'ip_pkt_list_tot=30')).toBeUndefined();
    expect(severity('--target', 'kernel=6.1.0-18-amd64')).toBeUndefined();
  });

  test('--define gives a variable its value', () => {
    const folder = program.folder({ 'a.sh': 'iptables -A INPUT -p tcp --dport "$PORT" -j ACCEPT\n' });
    expect(folder.run(['--define', 'PORT=22', 'a.sh']).status).toBe(0);
    expect(folder.run(['--define', 'PORT=99999', 'a.sh']).stdout).toContain('99999');
    expect(folder.run(['--define', 'PORT=99999', '--define', 'PORT=22', 'a.sh']).status).toBe(0);
  });

  test('--family says what a dump is for', () => {
    const folder = program.folder({ a: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 2001:db8::1/128 -j DROP\nCOMMIT\n' });
    expect(folder.run(['a']).status).toBe(0);
    expect(folder.run(['--family', 'ip', 'a']).status).toBe(1);
  });
});

describe('colours', () => {
  const colored = (parameters: readonly string[], env: Readonly<Record<string, string>> = {}): boolean =>
    program
      .folder({ 'a.sh': DASH })
      .run([...parameters, 'a.sh'], { env })
      .stdout.includes('\u001b[');

  test('only where asked for, when not on a terminal', () => {
    expect(colored([])).toBe(false);
    expect(colored(['--color', 'always'])).toBe(true);
    expect(colored(['--color', 'never'], { FORCE_COLOR: '1' })).toBe(false);
    expect(colored(['--color', 'always'], { NO_COLOR: '1' })).toBe(true);
    expect(colored([], { FORCE_COLOR: '1' })).toBe(true);
    expect(colored([], { FORCE_COLOR: '0' })).toBe(false);
    expect(colored([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(colored([], { NO_COLOR: '' })).toBe(false);
  });

  test('colours add nothing but colours', () => {
    const folder = program.folder({ 'a.sh': DASH + HOST_BITS });
    // eslint-disable-next-line no-control-regex
    expect(folder.run(['--color=always', 'a.sh']).stdout.replace(/\u001b\[\d+m/g, '')).toBe(folder.run(['a.sh']).stdout);
  });

  test.skipIf(process.platform !== 'linux')('a terminal gets them, unless it is dumb', () => {
    const folder = program.folder({ 'a.sh': DASH });
    const onTerminal = (env: Record<string, string>): string =>
      folder.shell(`script -qec '"$NODE" "$FWLINT" a.sh' /dev/null < /dev/null || true`, { env: { SHELL: '/bin/sh', ...env } }).stdout;
    if (folder.shell('command -v script').status !== 0) return;
    expect(onTerminal({ TERM: 'xterm' })).toContain('\u001b[');
    expect(onTerminal({ TERM: 'dumb' })).not.toContain('\u001b[');
  });

  test('what a file holds does not steer the terminal', () => {
    const { stdout } = program.folder({ 'a.sh': `iptables -A INPUT -p tcp --dport \u001b]0;x\u0007\u009b31m99999 -j ACCEPT\n` }).run(['a.sh']);
    // eslint-disable-next-line no-control-regex
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

test('lines are as wide as COLUMNS says where there is no terminal, within 60 and 120', () => {
  const folder = program.folder({ 'a.sh': STATE.trimEnd().padEnd(200, ' # long') + '\n' });
  const widest = (columns: string): number =>
    Math.max(
      ...folder
        .run(['--quiet', '--fail-level', 'hint', 'a.sh'], { env: { COLUMNS: columns } })
        .stdout.split('\n')
        .map((line) => line.length),
    );
  for (const [columns, most] of [
    ['60', 60],
    ['100', 100],
    ['200', 120],
    ['20', 60],
    ['wide', 80],
    ['', 80],
  ] as const) {
    expect(widest(columns), columns).toBeLessThanOrEqual(most);
    expect(widest(columns), columns).toBeGreaterThan(most - 20);
  }
});

describe('output that is not read to its end', () => {
  test('a reader that stops early is no defect, and the status stays', () => {
    const folder = program.folder({ 'a.sh': DASH.repeat(500), 'b.sh': CLEAN });
    expect(folder.shell('set -o pipefail; fwlint a.sh | head -1; echo "${PIPESTATUS[0]}"')).toMatchObject({
      stderr: '',
      stdout: expect.stringMatching(/^error [^\n]+\n1\n$/) as string,
    });
    expect(folder.shell('fwlint b.sh | true; echo "${PIPESTATUS[0]}"')).toMatchObject({ stderr: '', stdout: '0\n' });
    expect(folder.shell('fwlint checks | head -1; echo "${PIPESTATUS[0]}"').stdout).toMatch(/\n0\n$/);
    expect(folder.shell('fwlint nope 2>&1 >/dev/null | true; echo "${PIPESTATUS[0]}"').stdout).toBe('2\n');
  });

  test.skipIf(process.platform !== 'linux')('a full disk is a file error', () => {
    const { status, stderr } = program.folder({ 'a.sh': DASH }).shell('fwlint a.sh > /dev/full');
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'fwlint: standard output: no space left on the device\n' });
  });
});

describe('other commands', () => {
  test('--version, --help, help COMMAND', () => {
    const folder = program.folder();
    const { version } = JSON.parse(program.folder({}).shell(`cat ${join(import.meta.dirname, '../../package.json')}`).stdout) as { version: string };
    expect(folder.run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    for (const parameters of [['--help'], ['-h'], ['help']]) {
      const { status, stdout } = folder.run(parameters);
      expect(status).toBe(0);
      for (const command of ['lint', 'translate', 'policy', 'explain', 'checks', 'extensions'])
        expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
      expect(stdout).toContain('Exit status: 0');
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
    expect(folder.run(['help', 'lint']).stdout).toBe(folder.run(['lint', '--help']).stdout);
    for (const command of ['lint', 'translate', 'policy'])
      for (const line of folder.run([command, '--help']).stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('checks: every check with severity, fix and one sentence', () => {
    const { status, stdout } = program.folder().run(['checks']);
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(50);
    for (const line of lines) expect(line).toMatch(/^[a-z0-9-]+ +(error|warning|info|hint) +(-|fix: (safe|unsafe|sometimes)) +\S.*[^.]$/);
  });

  test('extensions: every match and target with its families', () => {
    const { status, stdout } = program.folder().run(['extensions']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^-m recent +v4 v6 +\S/m);
    expect(stdout).toMatch(/^-j MASQUERADE +v4 v6 +\S/m);
    expect(stdout).toMatch(/^-m icmp6 +v6 +\S/m);
  });

  test('explain: a check, an error message, neither', () => {
    const folder = program.folder();
    expect(folder.run(['explain', 'unicode-dash'])).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('unicode-dash') as string,
    });
    expect(folder.run(['explain', "iptables: Invalid argument. Run `dmesg' for more information."])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('dmesg') as string,
    });
    expect(folder.run(['explain', 'iptables:', 'Invalid', 'argument.'])).toMatchObject({ status: 0 });
    expect(folder.run(['explain', '-'], { input: 'xt_recent: hitcount (26) is larger than packets to be remembered (20)\n' })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('ip_pkt_list_tot') as string,
    });
    expect(folder.run(['explain', "$ iptables -A INPUT -p tcp -dport 22 -j ACCEPT\nBad argument `22'"]).stdout).toMatch(
      /in the text itself:\n- `-dport` has one dash[^]*\n {2}iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n/,
    );
    expect(folder.run(['explain', 'iptables -A INPUT -j ACCEPT']).status).toBe(2);
    expect(folder.run(['explain', 'iptables -A INPUT --dport 22 -j ACCEPT'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('(ports-without-protocol)') as string,
    });
    expect(folder.run(['explain', 'unicode-dsh'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(/did you mean `unicode-dash`\?\n$/) as string,
    });
    expect(folder.run(['explain', 'what is the answer'])).toMatchObject({ status: 2, stdout: '' });
    expect(folder.run(['explain', 'constructor']).status).toBe(2);
  });

  test('policy: sentences, JSON, what is left out', () => {
    const rules =
      'iptables -A INPUT -p tcp --dport 22 -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --dport 22 -m recent --name ssh --set\n';
    const folder = program.folder({ 'a.sh': rules, 'b.sh': rules + BROKEN });
    const { status, stdout, stderr } = folder.run(['policy', 'a.sh']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('ssh');
    const json = JSON.parse(folder.run(['policy', '--format', 'json', 'a.sh']).stdout) as {
      version: number;
      rulesets: { file: string; family: string }[];
    };
    expect(json).toMatchObject({ version: 1, rulesets: [{ file: 'a.sh', family: 'ip' }] });
    expect(folder.run(['policy', 'b.sh'])).toMatchObject({
      status: 1,
      stdout,
      stderr: expect.stringMatching(/^fwlint: b\.sh: 1 command left out[^\n]+\n$/) as string,
    });
    const several = folder.run(['policy', 'a.sh', 'nope', 'b.sh']);
    expect(several.status).toBe(2);
    expect(several.stdout).toContain('a.sh, iptables:');
    expect(several.stdout).toContain('b.sh, iptables:');
    expect(folder.run(['policy'], { input: 'echo hello\n' }).stderr).toBe('fwlint: <stdin>: there are no iptables rules in it\n');
  });
});

test('a text as people paste it, of every length, ends in 0, 1 or 2', () => {
  const text =
    '$ sudo iptables -I INPUT \u2013p tcp \u2014dport 80 -m recent \u201cx\u201d --set \\ \n# iptables &amp; -A INPUT -j DROPIn above rules\n';
  const folder = program.folder();
  mkdirSync(join(folder.path, 'cut'));
  const names = Array.from({ length: 40 }, (_, index) => {
    const name = `cut/${String(index)}`;
    writeFileSync(join(folder.path, name), text.slice(0, Math.floor((text.length * index) / 40)));
    return name;
  });
  expect([0, 1]).toContain(folder.run(names).status);
  expect([0, 1]).toContain(folder.run(['--diff', '--unsafe-fixes', ...names]).status);
});
