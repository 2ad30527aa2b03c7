// Scripts of which not everything is known: what fwlint says of their commands.
// FWLINT_UPDATE=1 writes what is said now into the file of cases; read the difference before you keep it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';

import { readShell, type ShellReading } from '../../src/shell/expand.js';
import { mapText, unmappedText } from '../../src/text/mapped-text.js';
import { createSource, spanText } from '../../src/text/source.js';
import { isWrittenHere, placeInWord, type Word } from '../../src/text/word.js';
import { readBlocks, type Block } from './blocks.js';
import { arbitraryScript } from './generate-script.js';
import { printReading } from './print-reading.js';

const runs = Number(process.env['FWLINT_RUNS'] ?? 400);
const blocks = readBlocks('expansion.cases');

function definesOf({ sections }: Block): ReadonlyMap<string, string> {
  const lines = (sections.get('defines') ?? '').split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

function read(script: string, defines: ReadonlyMap<string, string> = new Map()): ShellReading {
  return readShell(unmappedText(createSource('script.sh', script)), { defines });
}

/** Every word of every command, those of assignments and redirections too. */
function wordsOf({ commands, dead }: ShellReading): Word[] {
  return [...commands, ...dead.map(({ command }) => command)].flatMap(({ words, assignments, redirections }) => [
    ...words,
    ...assignments.map(({ value }) => value),
    ...redirections.map(({ target }) => target),
  ]);
}

/** Pieces make up the text, and what is literal stands in the source. */
function checkPieces(words: readonly Word[]): void {
  for (const { text, pieces } of words) {
    let offset = 0;
    for (const { length, span, literal } of pieces) {
      const part = text.slice(offset, offset + length);
      offset += length;
      expect(length).toBeGreaterThan(0);
      if (literal) expect(spanText(span)).toBe(part);
    }
    expect(offset).toBe(text.length);
  }
}

describe('cases', () => {
  if (process.env['FWLINT_UPDATE'] === '1') {
    test('written anew', () => {
      const path = join(import.meta.dirname, 'expansion.cases');
      let text = readFileSync(path, 'utf8');
      for (const block of blocks) {
        const old = block.sections.get('read');
        const now = printReading(read(block.script, definesOf(block)));
        const head = text.indexOf(`### ${block.name}\n`);
        const next = text.indexOf('\n### ', head);
        const end = next === -1 ? text.length : next + 1;
        const body = text.slice(head, end);
        const kept = old === undefined ? body : body.slice(0, body.indexOf('--- read\n'));
        text = `${text.slice(0, head)}${kept}--- read\n${now}${text.slice(end)}`;
      }
      writeFileSync(path, text);
    });
    return;
  }

  test.each(blocks.map((block) => [block.name, block] as const))('%s', (_name, block) => {
    const reading = read(block.script, definesOf(block));
    expect(printReading(reading)).toBe(block.sections.get('read'));
    checkPieces(wordsOf(reading));
  });
});

describe('where words come from', () => {
  const script = `LAN=10.0.0.0/8
allow() { iptables -A INPUT -s "$LAN" --dport $1 -j "AC"CEPT; }
for port in 22 80; do allow $port; done
`;
  const [first] = read(script).commands.filter(({ words }) => words[0]?.text === 'iptables');
  const word = (index: number): Word => {
    const found = first?.words[index];
    if (found === undefined) throw new Error(`no word ${index}`);
    return found;
  };

  test('a word written in the command', () => {
    expect(isWrittenHere(word(1))).toBe(true);
    expect(spanText(word(1).span)).toBe('-A');
  });

  test('the value of a variable', () => {
    expect(word(4).text).toBe('10.0.0.0/8');
    expect(spanText(word(4).span)).toBe('"$LAN"');
    const [piece] = word(4).pieces;
    expect(piece?.literal).toBe(true);
    expect(script.slice(0, piece?.span.start)).toBe('LAN=');
    expect(piece?.via.map((step) => step.kind === 'variable' && [step.name, spanText(step.assignedAt)])).toEqual([['LAN', 'LAN=10.0.0.0/8']]);
    expect(spanText(placeInWord(word(4), 9, 10))).toBe('8');
  });

  test('an argument that a loop gives a function', () => {
    expect(word(6).text).toBe('22');
    expect(word(6).pieces.map(({ span, via }) => [spanText(span), ...via.map(({ kind }) => kind)])).toEqual([['22', 'loop', 'call']]);
    expect(first?.context.map(({ kind }) => kind)).toEqual(['loop', 'call']);
  });

  test('quotes within a word', () => {
    expect(word(8).text).toBe('ACCEPT');
    expect(spanText(word(8).span)).toBe('"AC"CEPT');
    expect(word(8).pieces.map(({ span, literal }) => [spanText(span), literal])).toEqual([
      ['AC', true],
      ['CEPT', true],
    ]);
  });

  test('several words of one variable share its place', () => {
    const [command] = read('O="-p tcp"\niptables $O\n').commands;
    expect(command?.words.slice(1).map(({ text, span, pieces }) => [text, spanText(span), spanText(pieces[0]?.span ?? span)])).toEqual([
      ['-p', '$O', '-p'],
      ['tcp', '$O', 'tcp'],
    ]);
  });

  test('uses of variables know their command', () => {
    const { commands, uses } = read('A=1\necho $A\niptables $A "$B" ${C:-x} $RANDOM\n');
    expect(
      uses.map(({ name, state, quoted, defaulted, command }) => [name, state, quoted, defaulted, commands[command ?? -1]?.words[0]?.text]),
    ).toEqual([
      ['A', 'set', false, false, undefined],
      ['A', 'set', false, false, 'iptables'],
      ['B', 'unset', true, false, 'iptables'],
      ['C', 'unset', false, true, 'iptables'],
      ['RANDOM', 'special', false, false, 'iptables'],
    ]);
  });

  test('a mapped text: what was repaired is not literal, places are those of the source', () => {
    const source = createSource('x', 'iptables \u2013A INPUT');
    const { commands } = readShell(mapText(source, [{ start: 9, end: 10, text: '-' }]));
    expect(commands[0]?.words.map(({ text, span, pieces }) => [text, spanText(span), pieces[0]?.literal])).toEqual([
      ['iptables', 'iptables', true],
      ['-A', '\u2013A', false],
      ['INPUT', 'INPUT', true],
    ]);
  });

  test('commands of a sourced file stand in that file', () => {
    const lib = createSource('lib.sh', 'iptables -F\n');
    const { commands, sourced } = readShell(unmappedText(createSource('main.sh', '. ./lib.sh\n')), {
      readFile: (file) => (file === './lib.sh' ? unmappedText(lib) : undefined),
    });
    expect(commands.map(({ span, context }) => [span.source.name, spanText(span), context.map(({ kind }) => kind)])).toEqual([
      ['main.sh', '. ./lib.sh', []],
      ['lib.sh', 'iptables -F', ['sourced']],
    ]);
    expect(sourced.map(({ file, read: wasRead }) => [file, wasRead])).toEqual([['./lib.sh', true]]);
  });
});

describe('properties', () => {
  const texts = fc.array(
    fc.oneof(
      fc.constantFrom(
        ...[
          'x=',
          '$x',
          '"$x"',
          '${x',
          '${x:-',
          '${x#',
          '${x/',
          '${!x',
          '${#x}',
          '${a[',
          '}',
          '$(',
          ')',
          '`',
          '$((',
          '))',
          '{1..',
          '9}',
          '{a,',
          "'",
          '"',
          '\\',
        ],
      ),
      fc.constantFrom(
        ...[
          'if ',
          'then ',
          'fi\n',
          'for x in ',
          'do ',
          'done\n',
          'while ',
          'case x in ',
          'a) ',
          ';; ',
          'esac\n',
          'f() {',
          'f ',
          '}\n',
          '&& ',
          '|| ',
          '| ',
          '& ',
          '( ',
          ') ',
        ],
      ),
      fc.constantFrom(
        ...[
          'iptables ',
          'echo ',
          'eval ',
          'set -- ',
          'shift ',
          'read x ',
          'local x=',
          'export ',
          'printf ',
          'seq 9 ',
          'return ',
          'break ',
          'exit ',
          'unset x ',
          'trap ',
          'sh -c ',
        ],
      ),
      fc.constantFrom(
        ...[
          '[ ',
          ' ] ',
          '[[ ',
          ' ]] ',
          '<<E\n',
          'E\n',
          '<<< ',
          '> f',
          'a=(',
          'declare -A ',
          'IFS=, ',
          '$@ ',
          '"$@" ',
          '$1',
          '~',
          '*',
          ' ',
          '\n',
          ';',
          '-n ',
          '= ',
          '1 ',
          'a ',
          '__proto__ ',
          'toString=1 ',
        ],
      ),
      fc.string({ maxLength: 2 }),
    ),
    { maxLength: 40 },
  );

  test('reading never throws, and pieces are true, whatever the text', () => {
    fc.assert(
      fc.property(texts, (parts) => {
        const reading = readShell(unmappedText(createSource('x', parts.join(''))), { limits: { steps: 20_000 } });
        checkPieces(wordsOf(reading));
        for (const { words } of reading.commands) expect(words.length).toBeGreaterThan(0);
      }),
      { numRuns: runs },
    );
  });

  test('pieces of scripts that make sense are true', () => {
    fc.assert(
      fc.property(arbitraryScript('bash'), (script) => {
        checkPieces(wordsOf(read(script)));
      }),
      { numRuns: 100 },
    );
  });

  test('what scripts ask for is bounded', () => {
    const demanding = [
      'f() { f; f; }; f',
      'f() { $0 | f & }; f',
      'x=x; while :; do x=$x$x; eval "y=$x"; done',
      'for a in {1..99}{1..99}{1..99}; do for b in {1..99}; do iptables $a $b; done; done',
      'eval "$(printf "iptables %s\\n" {1..99999})"; eval "$(printf "iptables %s\\n" {1..99999})"; eval "$(printf "iptables %s\\n" {1..99999})"',
      'c="eval \\"\\$c\\""; eval "$c"',
      'i=0; while [ $i -lt 1000000000 ]; do i=$((i+1)); iptables $i; done',
      'a=(); for i in {1..99999}; do a[i]=$i; done; for i in "${a[@]}"; do iptables "${a[@]}"; done',
      `x=$(printf '%0999d' 0)\n${'y=${x//0/$x}; x=$y\n'.repeat(20)}iptables $x`,
      `f0() { iptables; }\n${Array.from({ length: 60 }, (_, index) => `f${String(index + 1)}() { f${String(index)}; f${String(index)}; }`).join('\n')}\nf60`,
      `${'if [ $a ]; then\n'.repeat(90)}iptables\n${'fi\n'.repeat(90)}`.repeat(200),
      `${'[ $a ] && x=1\n'.repeat(5000)}iptables $x`,
    ];
    for (const script of demanding) {
      const start = performance.now();
      const reading = read(script);
      const words = reading.commands.reduce((sum, command) => sum + command.words.length, 0);
      expect([script.slice(0, 60), performance.now() - start < 20_000, words < 5_000_000]).toEqual([script.slice(0, 60), true, true]);
    }
  });
});
