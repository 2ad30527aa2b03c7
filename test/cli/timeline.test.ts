/** `fwlint policy --timeline`, as a process. */

import { expect, test } from 'vitest';
import { useProgram } from './program.js';

const program = useProgram();

const RULES = [
  'iptables -A INPUT -p tcp --dport 22 -m state --state NEW -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP',
  'iptables -A INPUT -p tcp --dport 22 -m state --state NEW -m recent --name ssh --set',
  '',
].join('\n');

test('a timeline in text, without colours where there is no terminal', () => {
  const { status, stdout, stderr } = program.folder({ 'rules.sh': RULES }).run(['policy', 'rules.sh', '--timeline', 'every 0.5s for 30s']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('  admitted ++++\n  dropped      xxxxxxxx');
  expect(stdout).toContain('60 tries: 4 admitted (0 s to 1.5 s), 56 dropped by rules.sh:1');
});

test('the same with colours says the same', () => {
  const folder = program.folder({ 'rules.sh': RULES });
  const plain = folder.run(['policy', 'rules.sh', '--timeline', '0 0 9']).stdout;
  const colored = folder.run(['policy', 'rules.sh', '--timeline', '0 0 9', '--color', 'always']).stdout;
  expect(colored).not.toBe(plain);
  // eslint-disable-next-line no-control-regex
  expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain);
});

test('--format json carries every try, --svg a picture', () => {
  const folder = program.folder({ 'rules.sh': RULES });
  const { status, stdout } = folder.run([
    'policy',
    'rules.sh',
    '--timeline',
    'A: 5 at 0; B: 1',
    '--source',
    '10.0.0.1',
    '--format',
    'json',
    '--svg',
    'out.svg',
  ]);
  expect(status).toBe(0);
  const document = JSON.parse(stdout) as {
    rulesets: { timelines: { sources: { address: string; tries: { time: number; outcome: string }[] }[] }[] }[];
  };
  const [timeline] = document.rulesets[0]?.timelines ?? [];
  expect(timeline?.sources.map(({ address }) => address)).toEqual(['10.0.0.1', '198.51.100.1']);
  expect(timeline?.sources[0]?.tries.map(({ outcome }) => outcome)).toEqual(['admitted', 'admitted', 'admitted', 'admitted', 'dropped']);
  expect(timeline?.sources[0]?.tries.at(-1)).toEqual({ time: 0, outcome: 'dropped', by: { source: 'rules.sh', line: 1 } });
  expect(folder.read('out.svg')).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
});

test('mistakes in the call: where, what to do, and exit status 2', () => {
  const folder = program.folder({ 'rules.sh': RULES });
  const wrong = (...words: readonly string[]): string => {
    const { status, stdout, stderr } = folder.run(['policy', 'rules.sh', ...words]);
    expect([status, stdout]).toEqual([2, '']);
    return stderr;
  };
  expect(wrong('--timeline', 'every 1s; B: 0')).toBe(
    'fwlint: --timeline: here is missing `for` and how long it goes on, such as `for 30s`\n  every 1s; B: 0\n          ^\n',
  );
  expect(wrong('--svg', 'out.svg')).toContain("--svg goes with --timeline, such as --timeline 'every 0.5s for 30s'");
  expect(wrong('--source', '10.0.0.1')).toContain('--source goes with --timeline');
  expect(wrong('--timeline', '0', '--source', 'eth0')).toContain('--source takes addresses between commas (got `eth0`)');
});

test('rules without limits, and a picture that cannot be written', () => {
  const folder = program.folder({ 'rules.sh': 'iptables -A INPUT -j DROP\n', 'limits.sh': RULES });
  const none = folder.run(['policy', 'rules.sh', '--timeline', '0']);
  expect([none.status, none.stdout, none.stderr]).toEqual([0, '', 'fwlint: rules.sh: the rules of iptables limit nothing: there is no timeline\n']);
  const unwritten = folder.run(['policy', 'limits.sh', '--timeline', '0', '--svg', 'no/such/out.svg']);
  expect([unwritten.status, unwritten.stderr]).toEqual([2, 'fwlint: no/such/out.svg: no such file\n']);
});
