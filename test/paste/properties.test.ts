/** Laws that hold for every text: nothing is lost, fixes give what was read, fixing once is enough. */

import fc from '../support/properties.js';
import { expect, test } from 'vitest';
import { applyFixes } from '../../src/diagnostics/apply-fixes.js';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.js';
import { detectInput, type PastedKind } from '../../src/paste/detect.js';
import { repairPaste } from '../../src/paste/repair.js';
import { createSource } from '../../src/text/source.js';
import { brokenLaws, leftAfterFixes } from './laws.js';

const RUNS = Number(process.env['FWLINT_RUNS'] ?? 300);

/** Pieces that commands, damage and prose are made of. */
const PIECES = [
  'iptables',
  'ip6tables',
  'sudo iptables',
  '$IPT',
  'IPT=/sbin/iptables',
  'service iptables save',
  'nft add rule ip t c',
  'ipset add s 1.2.3.4',
  'echo',
  'if true; then',
  'fi',
  'for i in 1 2; do',
  'done',
  '-A',
  'INPUT',
  '-I',
  '1',
  '-P',
  'DROP',
  '-j',
  'ACCEPT',
  'REJECT',
  '-p',
  'tcp',
  '--dport',
  '22',
  '--syn',
  '-m',
  'state',
  '--state',
  'NEW',
  '--set',
  '--comment',
  '"a b"',
  "'a b'",
  '--log-prefix',
  '"x: "',
  '\u2013p',
  '\u2013dport',
  '\u2014syn',
  '6000\u20136007',
  '\u2013',
  '\u201Callow',
  'ssh\u201D',
  '\u201Cx\u201D',
  '\u2018a',
  'b\u2019',
  'don\u2019t',
  "don't",
  '\u00A0',
  '\u200B',
  '\u00AD',
  '\uFEFF',
  '\u001B[1m',
  '&gt;',
  '&amp;',
  '&lt;ip&gt;',
  '&quot;',
  '&nbsp;',
  '&ndash;p',
  '&amp;gt;',
  '\\',
  '\\ ',
  '\\\n',
  '\\ \n',
  '\\ # c\n',
  '# c',
  '#',
  '\n',
  '\n',
  '\n',
  '\n\n',
  '\r\n',
  '\r',
  '\t',
  '  ',
  ';',
  '&&',
  '||',
  '|',
  '&',
  '>',
  '<',
  '<<E',
  'E\n',
  '(',
  ')',
  '$(',
  '${',
  '}',
  '{',
  '`',
  '"',
  "'",
  '!',
  '!--syn',
  'DROPIn',
  'ACCEPTWhen',
  'above',
  'rules we do not use it',
  'This rule is the last of them',
  'N',
  '--connlimit-above',
  '<ip>',
  '<in',
  '>out',
  'xxx.xxx.xxx.56',
  '-s',
  'YOUR_IP',
  '[1:2]',
  '*filter',
  'COMMIT',
  ':INPUT ACCEPT [0:0]',
  ':x - [0:0]',
  '-N',
  'x',
  '$ ',
  'root@host:~# ',
  '# iptables -F',
  '> ',
  '501 ',
  '-A INPUT -j DROP',
  '--reject-with tcp-reset',
  '-t nat',
  '-F',
  '-L',
  '1.2.3.4',
  '\u4F60',
  '.',
  ',',
  '...',
  'A=',
  'A=(',
  '$A',
  'function f() {',
  'case $1 in',
  '-a)',
  ';;',
  'esac',
  '\u2028',
  '\u0000',
  'x"y',
  "x'y",
] as const;

const text = fc
  .array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(' ', ' ', ' ', '', '\n')), { maxLength: 40 })
  .map((pairs) => pairs.map(([piece, gap]) => piece + gap).join(''));
const kind = fc.constantFrom<PastedKind>('script', 'script', 'save', 'ipset', 'text');

test('the laws hold for commands, damage and prose in any mixture', () => {
  fc.assert(
    fc.property(text, kind, (input, as) => {
      expect(brokenLaws(input, as)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('the laws hold for any characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), kind, (input, as) => {
      expect(brokenLaws(input, as)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

/** A rule, and one thing that can happen to it; `at` picks where. */
const WORDS = [
  '-p',
  'tcp',
  '--dport',
  '22',
  '--syn',
  '-m',
  'state',
  '--state',
  'NEW',
  '-s',
  '10.0.0.1',
  '-m',
  'recent',
  '--set',
  '-m',
  'comment',
  '--comment',
  '"allow ssh"',
  '-j',
  'ACCEPT',
];
const DAMAGES: readonly ((words: readonly string[], at: number) => string)[] = [
  (words) => words.join(' '),
  (words, at) => words.map((word, index) => (index === at || word.startsWith('--') ? word.replace(/^--?/, '\u2013') : word)).join(' '),
  (words) => words.join(' ').replaceAll('"', '\u201D'),
  (words, at) =>
    words
      .map((word, index) => word + (index === at ? '\u00A0' : ' '))
      .join('')
      .trimEnd(),
  (words, at) => words.map((word, index) => (index === at && !word.startsWith('"') ? `${word.slice(0, 1)}\u200B${word.slice(1)}` : word)).join(' '),
  (words) => words.join(' ').replaceAll('"', '&quot;'),
  (words) => `${words.join(' ')} 2&gt;/dev/null &amp;&amp; iptables -L`,
  (words, at) => lines(words, at, ' \\ \n  '),
  (words, at) => lines(words, at, ' \\ # why\n  '),
  (words, at) => lines(words, at, ' \\\n  # why\n  '),
  (words, at) => lines(words, at, ' \\ '),
  (words, at) => lines(words, at, '\n  '),
  (words, at) => lines(words, at, '\n\n  '),
  (words) => `${words.join(' ')} ${words.join(' ')}`,
  (words) => `${words.join(' ')}In above rules we don't use it`,
  (words) => `${words.join(' ')} This is why the rule's here`,
  (words) => `root@host:~# ${words.join(' ')}`,
  (words) => `${words.join(' ')}\r`,
  (words) => `\u001B[32m${words.join(' ')}\u001B[0m`,
];

/** Breaks before an option, the first one behind the word at `at`. */
function lines(words: readonly string[], at: number, by: string): string {
  const option = words.findIndex((word, index) => index > Math.max(at, 3) && word.startsWith('-'));
  if (option === -1) return words.join(' ');
  return `${words.slice(0, option).join(' ')}${by}${words.slice(option).join(' ')}`;
}

const damagedRule = fc
  .tuple(
    fc.subarray(WORDS.slice(0, -2), { minLength: 2 }),
    fc.nat({ max: 18 }),
    fc.constantFrom(...DAMAGES),
    fc.constantFrom('iptables', 'sudo iptables', '/sbin/ip6tables', '$IPT'),
  )
  .map(([words, at, damage, program]) => damage([program, '-A', 'INPUT', ...words, '-j', 'ACCEPT'], at));
const damagedScript = fc.array(damagedRule, { maxLength: 6 }).map((rules) => `${rules.join('\n')}\n`);

test('of what really happens to commands, fixing once leaves nothing', () => {
  fc.assert(
    fc.property(damagedScript, (input) => {
      expect(brokenLaws(input, 'script')).toEqual([]);
      expect(leftAfterFixes(input, 'script')).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('fixing pass by pass ends where fixing at once does', () => {
  fc.assert(
    fc.property(damagedScript, (input) => {
      const wanted = repairPaste(createSource('at once', input), 'script').text.text;
      const { text: current } = fixInPasses(input, 'script');
      expect(repairPaste(createSource('in passes', current), 'script').text.text).toBe(wanted);
    }),
    { numRuns: RUNS },
  );
});

test('fixing comes to an end, whatever is fixed', () => {
  fc.assert(
    fc.property(text, fc.constantFrom<PastedKind>('script', 'save', 'ipset'), (input, as) => {
      expect(fixInPasses(input, as).passes).toBeLessThan(PASSES);
    }),
    { numRuns: RUNS },
  );
});

const PASSES = 30;

function fixInPasses(input: string, as: PastedKind): { readonly text: string; readonly passes: number } {
  let current = input;
  for (let passes = 0; passes < PASSES; passes += 1) {
    const source = createSource('pass', current);
    const diagnostics: Diagnostic[] = repairPaste(source, as).problems.map((problem) => ({
      severity: 'error',
      here: '',
      labels: [],
      notes: [],
      fixes: [],
      ...problem,
    }));
    const { text: next, applied } = applyFixes(source, diagnostics, ['safe', 'unsafe']);
    if (applied.length === 0) return { text: current, passes };
    current = next;
  }
  return { text: current, passes: PASSES };
}

test('a dump without damage is passed through untouched, and so are its offsets', () => {
  const word = fc.constantFrom(
    '-p',
    'tcp',
    '-m',
    'state',
    '--state',
    'NEW',
    '--dport',
    '22',
    '-s',
    '10.0.0.0/8',
    '--comment',
    '"a b"',
    '"it \\"is\\""',
    '!',
    '-i',
    'eth0',
  );
  const rule = fc.array(word, { maxLength: 8 }).map((words) => ['-A', 'INPUT', ...words, '-j', 'ACCEPT'].join(' '));
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 20 }), (rules) => {
      const source = createSource('dump', ['*filter', ':INPUT ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n'));
      expect(detectInput(source)).toBe('save');
      const repaired = repairPaste(source, 'save');
      expect(repaired.problems).toEqual([]);
      expect(repaired.text.segments).toBeUndefined();
    }),
    { numRuns: RUNS },
  );
});

test('detection ends for any text', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary', maxLength: 300 })), (input) => {
      expect(['script', 'save', 'ipset', 'text']).toContain(detectInput(createSource('any', input)));
    }),
    { numRuns: RUNS },
  );
});
