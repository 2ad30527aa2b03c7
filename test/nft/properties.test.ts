/** Random rules: nft takes their text, means the same by their JSON, and calculates what the parentheses say. */
import fc from '../support/properties.js';
import { expect, test } from 'vitest';
import { printNftJson } from '../../src/nft/print-json.js';
import { printNft } from '../../src/nft/print-text.js';
import { meta } from '../../src/nft/build.js';
import { describeKernel, nftCheckBatch, runSessions } from '../support/kernel.js';
import { installedNftVersions } from '../support/versions.js';
import { calculations, rules } from './arbitrary.js';
import { fileOfRules, listedRules } from './kernel-forms.js';

/** Runs of each property; a run loads a file of many rules. */
const runs = Number(process.env['FWLINT_FUZZ_RUNS'] ?? 6);

const manyRules = fc.array(rules, { minLength: 1, maxLength: 150, size: 'max' });

describeKernel('random rules', () => {
  test('load, as text and as JSON, and are listed the same', async () => {
    const list = { argv: ['nft', '-s', 'list', 'ruleset'] };
    await fc.assert(
      fc.asyncProperty(manyRules, async (made) => {
        const file = fileOfRules(made);
        const [fromText, fromJson] = await runSessions([
          [{ argv: ['nft', '-f', '-'], stdin: printNft(file) }, list],
          [{ argv: ['nft', '-j', '-f', '-'], stdin: printNftJson(file) }, list],
        ]);
        expect(fromText?.[0]?.stderr).toBe('');
        expect(fromJson?.[0]?.stderr).toBe('');
        const texts = listedRules(fromText?.[1]?.stdout ?? '');
        expect(texts).toHaveLength(made.length);
        expect(listedRules(fromJson?.[1]?.stdout ?? '')).toEqual(texts);
      }),
      { numRuns: runs },
    );
  }, 120_000);

  for (const { version, origin, binary } of installedNftVersions()) {
    test.skipIf(origin === 'installed')(
      `nft ${version} takes them`,
      async () => {
        await fc.assert(
          fc.asyncProperty(manyRules, async (made) => {
            expect(await nftCheckBatch([printNft(fileOfRules(made), { nft: version })], binary)).toEqual([{ status: 0, stderr: '' }]);
          }),
          { numRuns: runs },
        );
      },
      120_000,
    );
  }

  test('calculations come out as they are meant', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(calculations, { minLength: 1, maxLength: 100, size: 'max' }), async (made) => {
        const file = fileOfRules(made.map(({ expr }) => ({ statements: [{ kind: 'assign', to: meta('mark'), value: expr }] })));
        const [steps] = await runSessions([[{ argv: ['nft', '-f', '-'], stdin: printNft(file) }, { argv: ['nft', 'list', 'ruleset'] }]]);
        expect(steps?.[0]?.stderr).toBe('');
        expect(listedRules(steps?.[1]?.stdout ?? '')).toEqual(made.map(({ value }) => `meta mark set 0x${value.toString(16).padStart(8, '0')}`));
      }),
      { numRuns: runs },
    );
  }, 120_000);
});
