// What fwlint says a script runs is what bash and dash run.
import fc from '../support/properties.js';
import { afterAll, describe, expect, test } from 'vitest';

import { readShell, type ShellOptions } from '../../src/shell/expand.js';
import { unmappedText } from '../../src/text/mapped-text.js';
import { createSource } from '../../src/text/source.js';
import { isUnknown } from '../../src/text/word.js';
import { readBlocks } from './blocks.js';
import { arbitraryScript } from './generate-script.js';
import { createSandbox, hasShell, STUBS, type ShellName } from './sandbox.js';

const sandbox = createSandbox();
afterAll(() => {
  sandbox.remove();
});

const runs = Number(process.env['FWLINT_RUNS'] ?? 100);

/** Words that stand before a program and leave it what it is. */
const BEFORE_PROGRAM = new Set(['command', 'time', 'exec']);

/** The argument vectors of the stubs as fwlint reads them, with a mark on what it is not sure of. */
function readCommands(script: string, options: ShellOptions): string[][] {
  const reading = readShell(unmappedText(createSource('script', script)), options);
  return reading.commands.flatMap(({ words, guards }) => {
    const first = words.findIndex((word) => !BEFORE_PROGRAM.has(word.text));
    if (first === -1 || !STUBS.has(words[first]?.text ?? '') || guards.some((guard) => guard.kind === 'uncalled')) return [];
    const texts = words.slice(first).map((word) => (isUnknown(word) ? `unknown: ${word.text}` : word.text));
    return [guards.length > 0 ? ['perhaps:', ...texts] : texts];
  });
}

for (const shell of ['bash', 'dash'] as const satisfies readonly ShellName[]) {
  describe.skipIf(!hasShell(shell))(`${shell} (skipped without it)`, () => {
    const blocks = readBlocks('scripts.cases').filter(({ tags }) => tags.size === 0 || tags.has(shell));

    test.each(blocks.map((block) => [block.name, block] as const))('%s', (_name, { script, sections }) => {
      const real = sandbox.run(shell, script, sections);
      const readFile: ShellOptions['readFile'] = (file) => {
        const text = sections.get(file.replace(/^\.\//, ''));
        return text === undefined ? undefined : unmappedText(createSource(file, text));
      };
      expect(readCommands(script, { shell, readFile })).toEqual(real.commands);
      // A script that ran nothing shows nothing.
      expect(real.commands).not.toEqual([]);
    });

    test('random scripts', () => {
      fc.assert(
        fc.property(arbitraryScript(shell), (script) => {
          expect(readCommands(script, { shell })).toEqual(sandbox.run(shell, script).commands);
        }),
        { numRuns: runs },
      );
    }, 600_000);

    test('well-formed scripts are taken for well-formed, others are not', () => {
      for (const { name, script, tags } of readBlocks('syntax.cases')) {
        const accepted = readShell(unmappedText(createSource(name, script))).problems.every(({ severity }) => severity === 'warning');
        if ((tags.has('bash') && shell === 'dash') || tags.has('unjudged')) continue;
        expect([name, sandbox.accepts(shell, script)]).toEqual([name, accepted]);
      }
    });
  });
}
