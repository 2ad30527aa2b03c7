/**
 * Rules that ask ipsets and change them, through the real ipset and iptables and through fwlint's translation: packets at every edge of what the
 * sets hold.
 */

import { expect, test } from 'vitest';
import { describeKernel, nftCheckBatch } from '../support/kernel.js';
import { describePackets } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';
import { CHANGING, LOADED, STATIC } from './ipset-cases.js';
import { randomCase } from './ipset-random.js';
import { compare, translated } from './ipset-runs.js';

/** How many random rulesets are tried, and which is the first. */
const RANDOM = Number(process.env['FWLINT_IPSET_RANDOM'] ?? '15');
const SEED = Number(process.env['FWLINT_IPSET_SEED'] ?? '1');

describePackets('packets fare the same', () => {
  for (const one of [...STATIC, ...CHANGING])
    test(one.title, async () => {
      await compare(one);
    });
});

describePackets('packets fare the same with random sets', () => {
  for (let seed = SEED; seed < SEED + RANDOM; seed += 1)
    test(`seed ${seed}`, async () => {
      await compare(randomCase(seed), false);
    });
});

describeKernel('every nft loads it', () => {
  for (const nft of installedNftVersions())
    test(`nft ${nft.version}`, async () => {
      const cases = [...STATIC, ...CHANGING, ...LOADED];
      const texts = cases.flatMap((one) => [translated(one), translated(one, nft.version)]);
      const results = await nftCheckBatch(texts, nft.binary);
      expect(
        results.flatMap(({ status, stderr }, index) => (status === 0 ? [] : [`${cases[index >> 1]?.title ?? ''}: ${stderr}\n${texts[index] ?? ''}`])),
      ).toEqual([]);
    });
});
