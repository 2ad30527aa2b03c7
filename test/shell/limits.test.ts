// What a script may cost: huge, deep and greedy scripts are answered in bounded time and memory, and say what was left out.
import { describe, expect, test } from 'vitest';

import { createSource, lint, read, type Input } from '../../src/api.js';

/** Seconds within which an answer has to come on a machine that is busy with other things. */
const PATIENCE = 60;

/** Bytes by which the heap may have grown when the answer is there. */
const ROOM = 1_500_000_000;

function readWithin(script: string): Input {
  const start = performance.now();
  const before = process.memoryUsage().heapUsed;
  const input = read(createSource('script.sh', script), { kind: 'script' });
  expect(performance.now() - start).toBeLessThan(PATIENCE * 1000);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(ROOM);
  return input;
}

/** Whether a finding says that something was left out. */
function isCut({ problems }: Input): boolean {
  return problems.some(({ problem }) => problem.check === 'expansion-limit' || problem.check === 'parse-error');
}

describe('size', () => {
  test('200,000 lines', () => {
    const line = (number: number): string =>
      `iptables -A INPUT -s 10.${String((number >> 8) & 255)}.${String(number & 255)}.1 -p tcp --dport 22 -j ACCEPT`;
    const script = `#!/bin/sh\n${Array.from({ length: 200_000 }, (_, index) => (index % 4 === 0 ? line(index) : index % 4 === 1 ? `X${String(index % 100)}=${String(index)}` : '# note')).join('\n')}\n`;
    const { commands } = readWithin(script);
    expect(commands).toHaveLength(50_000);
  }, 120_000);

  test('a rule on each of 60,000 lines, with all checks', () => {
    const script = `#!/bin/sh\n${Array.from({ length: 60_000 }, (_, index) => `iptables -A INPUT -s 10.1.${String(index >> 8)}.${String(index & 255)} -j ACCEPT`).join('\n')}\n`;
    const start = performance.now();
    const { findings } = lint(createSource('script.sh', script), { kind: 'script' });
    expect(performance.now() - start).toBeLessThan(PATIENCE * 1000);
    expect(findings.map(({ check }) => check)).toContain('not-idempotent');
  }, 120_000);

  test('a loop over a million words', () => {
    const input = readWithin(
      `for i in ${Array.from({ length: 1_000_000 }, (_, index) => String(index)).join(' ')}; do iptables -A INPUT -s $i; done\niptables -F\n`,
    );
    expect(isCut(input)).toBe(true);
    expect(input.commands.at(-1)?.kind).toBe('flush');
  }, 120_000);

  test('a line of 10 MB', () => {
    const words = ' -j ACCEPT'.repeat(250_000);
    expect(readWithin(`iptables -A INPUT${words}\niptables -F\n`).commands).toHaveLength(2);
    expect(readWithin(`echo "${'x'.repeat(10_000_000)}"\niptables -F\n`).commands).toHaveLength(1);
    expect(readWithin(`X='${'a b '.repeat(2_500_000)}'\nfor i in $X; do :; done\niptables -F\n`).commands).toHaveLength(1);
  }, 120_000);
});

describe('depth', () => {
  const DEEP = 10_000;
  test.each<readonly [string, string, string]>([
    ['substitutions', '$(', ')'],
    ['braces', '{ ', '; }'],
    ['subshells', '( ', ' )'],
    ['conditions', 'if true; then ', '; fi'],
    ['loops', 'for i in 1; do ', '; done'],
    ['parameters', '${a:-', '}'],
    ['arithmetic', '$((', '))'],
    ['quotes and substitutions', '"$(', ')"'],
    ['backticks that stay open', '`', ''],
    ['cases', 'case a in a) ', ' ;; esac'],
    ['functions', 'f() { ', '; }'],
  ])(
    '%s',
    (_name, open, close) => {
      readWithin(`${open.repeat(DEEP)}iptables -F${close.repeat(DEEP)}\n`);
      readWithin(`${open.repeat(DEEP)}iptables -F\n`);
      // What stands behind it is read again, unless it is still within the open text.
      const behind = readWithin(`echo ${open.startsWith('$') ? `${open.repeat(50)}x${close.repeat(50)}` : ''}\niptables -X\n`);
      expect(behind.commands).toHaveLength(1);
    },
    120_000,
  );
});

describe('greed', () => {
  test.each<readonly [string, string]>([
    ['a brace range', 'for i in {1..1000000000}; do iptables -A INPUT -s $i; done'],
    ['seq', 'for i in $(seq 1000000000); do iptables -A INPUT -s $i; done'],
    ['loops in loops', 'for a in {1..999}; do for b in {1..999}; do for c in {1..999}; do iptables -A X -s $a.$b.$c.1; done; done; done'],
    ['a function that calls itself twice', 'f() { iptables -A X; f; f; }\nf'],
    ['counting', 'i=0\nwhile [ $i -lt 1000000000 ]; do i=$((i + 1)); iptables -A X -m mark --mark $i; done'],
    ['a text that doubles', 'x=iptables\nwhile :; do x="$x $x"; done\n$x'],
    ['eval of eval', 'x=\'eval "$x" "$x"\'\neval "$x"'],
    ['braces of braces', `iptables -A X -s ${'{1..9}'.repeat(20)}`],
    ['an array that grows', 'a=(1 2)\nwhile :; do a+=("${a[@]}"); done\niptables -A X -s "${a[@]}"'],
    [
      'functions that call each other',
      `${Array.from({ length: 40 }, (_, index) => `f${String(index + 1)}() { f${String(index)}; f${String(index)}; }`).join('\n')}\nf0() { iptables -A X; }\nf40`,
    ],
  ])(
    '%s',
    (_name, script) => {
      const input = readWithin(`${script}\niptables -F\n`);
      expect(isCut(input)).toBe(true);
      // What comes behind is read all the same.
      expect(
        input.commands.at(-1)?.kind === 'flush' || input.shell?.dead.some(({ command }) => command.words.some(({ text }) => text === '-F')),
      ).toBe(true);
    },
    120_000,
  );

  test('the checks are bounded, too', () => {
    const script =
      '#!/bin/bash\niptables -F\nfor i in {1..999}; do for j in {1..99}; do iptables -A INPUT -s 10.0.$j.1 -p tcp --dport $i -j ACCEPT; done; done\n';
    const start = performance.now();
    const { findings } = lint(createSource('script.sh', script), { kind: 'script' });
    expect(performance.now() - start).toBeLessThan(PATIENCE * 1000);
    expect(findings.filter(({ check }) => check === 'expansion-limit')).toHaveLength(1);
  }, 120_000);
});
