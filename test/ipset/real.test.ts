/** The model of sets against the real ipset: which commands it refuses, in which words, and what `ipset save` prints. */

import { expect, test } from 'vitest';
import { describeKernel } from '../support/kernel.js';
import { ELEMENTS, OPTIONS, randomSequence, SEQUENCES } from './examples.js';
import { expectedOutcome, realOutcomes } from './sets.js';

/** `inWords`: whether refusals have to be in the same words, or only refusals. */
async function compare(lists: readonly (readonly (readonly string[])[])[], inWords = true): Promise<string> {
  const real = await realOutcomes(lists);
  const wrong: string[] = [];
  lists.forEach((commands, index) => {
    const own = expectedOutcome(commands);
    const other = real[index];
    // A kernel without the type of set cannot be asked about it.
    if (other === undefined || other.says.some((says) => says.includes('set type not supported'))) return;
    commands.forEach((words, at) => {
      const expected = own.says[at] ?? '';
      const actual = other.says[at] ?? '';
      const unknown = expected.startsWith('(') && actual !== '';
      const same = inWords ? expected === actual : (expected === '') === (actual === '');
      if (!same && !unknown) wrong.push(`${words.join(' ')}\n    fwlint: ${expected}\n    ipset:  ${actual}`);
    });
    if (own.saved !== other.saved)
      wrong.push(`${commands.map((words) => words.join(' ')).join('; ')}\n  fwlint saves\n${own.saved}\n  ipset saves\n${other.saved}`);
  });
  return wrong.join('\n\n');
}

describeKernel('the real ipset agrees', () => {
  test('on options of create and add', async () => {
    expect(await compare(OPTIONS)).toBe('');
  });

  for (const [create, elements] of ELEMENTS)
    test(`on elements of ${create}`, async () => {
      expect(
        await compare(
          elements.map((element) => [
            ['create', 's', ...create.split(' ')],
            ['add', 's', element],
          ]),
        ),
      ).toBe('');
    });

  test('on random commands', async () => {
    const seed = Number(process.env['FWLINT_IPSET_SEED'] ?? '1');
    const count = Number(process.env['FWLINT_IPSET_RANDOM'] ?? '40');
    expect(
      await compare(
        Array.from({ length: count }, (_, index) => randomSequence(seed + index)),
        false,
      ),
    ).toBe('');
  });

  test('on commands one after the other', async () => {
    expect(await compare(SEQUENCES)).toBe('');
  });
});
