/** Judges the tables of cases of all matches and targets: by fwlint alone, by iptables-legacy and iptables-nft, and by every nft there is. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { MATCHES, TARGETS } from '../../src/extensions/index.js';
import { describeObjections, isJudged, judgeAlone, judgeByIptables, judgeByNft, readCases, type Objection } from '../support/cases.js';
import { describeKernel } from '../support/kernel.js';
import { installedNftVersions } from '../support/versions.js';

const here = fileURLToPath(new URL('.', import.meta.url));

const files = (['matches', 'targets'] as const).flatMap((folder) =>
  readdirSync(join(here, folder))
    .filter((name) => name.endsWith('.cases'))
    .map((name) => `${folder}/${name}`),
);

/** Every table, or those named in FWLINT_CASES (`FWLINT_CASES=tcp,udp`). */
const wanted = process.env['FWLINT_CASES']?.split(',');
const tables = files
  .filter((file) => wanted === undefined || wanted.some((name) => file.endsWith(`/${name}.cases`)))
  .map((file) => ({ file, cases: readCases(file, readFileSync(join(here, file), 'utf8')) }));

test.skipIf(wanted !== undefined)('every match and target has cases', () => {
  const without = [
    ...MATCHES.map((match) => `matches/${match.name}.cases`),
    ...TARGETS.map((target) => `targets/${target.name.toLowerCase()}.cases`),
  ].filter((file) => !files.includes(file));
  expect(without).toEqual([]);
});

describe('by itself', () => {
  for (const { file, cases } of tables)
    describe(file, () => {
      for (const item of cases)
        test(`${item.line} ${item.family} ${item.text.slice(0, 150)}`, () => {
          expect(judgeAlone(item)).toEqual([]);
        });
    });
});

describeKernel('by the real programs', () => {
  const all = tables.flatMap(({ cases }) => cases);
  // All tables are judged at once: most of the time goes into starting programs.
  const judge = (title: string, ask: () => Promise<readonly Objection[]>): void => {
    describe(title, () => {
      let objections: readonly Objection[] = [];
      beforeAll(async () => {
        objections = await ask();
      }, 120_000);
      for (const { file, cases } of tables)
        test(`${file}, ${cases.filter(isJudged).length} cases`, () => {
          expect(describeObjections(objections.filter(({ item }) => cases.includes(item)))).toBe('');
        });
    });
  };
  for (const backend of ['legacy', 'nft'] as const) judge(`iptables-${backend}`, () => judgeByIptables(all, backend));
  for (const nft of installedNftVersions()) judge(`nft ${nft.version} loads the translation`, () => judgeByNft(all, nft));
});
