// The pages the classic rules come from, as they are: every mistake in them that a tool can see is found where it stands, and prose is no
// mistake. The pages are not part of the project; without them nothing is tested. FWLINT_DOCUMENTS names their folder.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, lint, positionAt } from '../../src/api.js';

const folder = process.env['FWLINT_DOCUMENTS'] ?? resolve(import.meta.dirname, '../../../shared/documents');

/** The mistakes of a page by hand: `line check`; and every line with a command on it. */
interface Page {
  readonly title: string;
  readonly mistakes: readonly string[];
  readonly commandLines: readonly number[];
}

const from = (first: number, last: number): readonly number[] => Array.from({ length: last - first + 1 }, (_, index) => first + index);

const PAGES: Readonly<Record<string, Page>> = {
  '000': {
    title: 'a question about a web server: 25 connections in 5 seconds, hitcount 26',
    mistakes: [
      '2 insert-reverses-order',
      '2 deprecated-state-match',
      '2 recent-default-list',
      '2 recent-list-size',
      '3 recent-hitcount-limit',
      '3 recent-off-by-one',
      '3 recent-self-extending-ban',
    ],
    commandLines: [2, 3],
  },
  '001': {
    title: 'a howto for recent and limit: SSH by -I, pings, a `! --limit`',
    mistakes: [
      '6 insert-reverses-order',
      '6 deprecated-state-match',
      // The list that SSH shares with the pings of line 19.
      '7 recent-default-list',
      '9 recent-self-extending-ban',
      '19 collapsed-continuation',
      '19 two-commands-one-line',
      '19 prose-after-rule',
      '19 insert-reverses-order',
      '19 recent-hitcount-limit',
      '19 recent-self-extending-ban',
      '25 collapsed-continuation',
      '25 negation-not-allowed',
      '25 prose-after-rule',
      '25 limit-accept-without-drop',
      '25 limit-burst-surprise',
    ],
    commandLines: [...from(6, 9), 19, 25],
  },
  '002': {
    title: 'a question and its answer about a SYN flood, with --reap and a nameless check',
    mistakes: [
      '5 recent-counts-every-packet',
      '5 recent-hitcount-limit',
      '6 unknown-target-or-chain',
      '8 recent-counts-every-packet',
      '8 recent-list-size',
      '33 reap-useless',
      '34 comment-after-backslash',
      '37 recent-name-mismatch',
      '37 recent-hitcount-limit',
      '38 unknown-target-or-chain',
    ],
    commandLines: [...from(4, 8), ...from(32, 38)],
  },
  '003': {
    title: 'a page about connlimit with the SECONDS script and 34 comments of readers',
    mistakes: [
      '17 unset-or-unquoted-variable',
      '17 placeholder',
      '25 reject-tcp-without-reset',
      '40 intrapositioned-negation',
      '40 client-address-as-destination',
      '57 special-shell-variable',
      '64 deprecated-state-match',
      '64 recent-default-list',
      '64 recent-list-size',
      '65 recent-off-by-one',
      '65 recent-self-extending-ban',
      '117 shell-prompt',
      '117 missing-command',
      '117 unicode-dash',
      '132 unicode-dash',
      '153 unicode-dash',
      '272 shell-prompt',
      '272 unicode-dash',
      '280 broken-line',
      '280 unicode-dash',
      '280 connlimit-zero',
      '310 insert-reverses-order',
      '310 unicode-dash',
      '311 unicode-dash',
      '311 recent-self-extending-ban',
      '313 broken-line',
      '320 insert-reverses-order',
      '320 unicode-dash',
      '321 unicode-dash',
      '321 recent-self-extending-ban',
      '322 broken-line',
      '329 shell-prompt',
      '329 unicode-dash',
      '342 unicode-dash',
      '352 unicode-dash',
      '407 unicode-dash',
      '407 recent-set-accepts',
      '407 recent-counts-every-packet',
      '408 unicode-dash',
      '408 recent-hitcount-limit',
    ],
    commandLines: [17, 19, 25, 27, 33, 34, 36, 40, 46, 48, ...from(54, 67), ...from(73, 80), 117, 132, 153, 245, 272, 280, 310, 311, 313, 320, 321, 322, 329, 342, 352, 407, 408],
  },
  '004': {
    title: 'a page about SSH with numbered inserts, and a small firewall',
    mistakes: [
      '28 deprecated-state-match',
      '29 recent-off-by-one',
      '29 recent-self-extending-ban',
      '29 reject-tcp-without-reset',
      '46 missing-argument',
      '48 recent-self-extending-ban',
      '48 reject-tcp-without-reset',
    ],
    commandLines: [...from(28, 30), ...from(44, 51), 65, 69],
  },
};

/** The file of a page: their names begin with its number. */
function fileOf(number: string): string | undefined {
  const name = existsSync(folder) ? readdirSync(folder).find((file) => file.startsWith(`${number}_`)) : undefined;
  return name === undefined ? undefined : join(folder, name);
}

describe('the pages the classic rules come from', () => {
  test('are five', () => {
    expect(Object.keys(PAGES)).toHaveLength(5);
  });
  for (const [number, page] of Object.entries(PAGES)) {
    const file = fileOf(number);
    if (file === undefined) {
      console.warn(`skipped: ${page.title}: the page is not in ${folder}`);
      test.skip(`${page.title} (the page is not in ${folder})`, () => undefined);
      continue;
    }
    test(page.title, () => {
      const { input, findings } = lint(createSource(`${number}.txt`, readFileSync(file, 'utf8')));
      expect(input.kind).toBe('text');
      const found = findings.map(({ check, at }) => `${String(positionAt(at.source, at.start).line)} ${check}`);
      expect(page.mistakes.filter((mistake) => !found.includes(mistake))).toEqual([]);
      expect(found.filter((each) => !page.commandLines.includes(Number.parseInt(each, 10)))).toEqual([]);
    });
  }
});
