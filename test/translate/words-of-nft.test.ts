/** Chains, lists and variables whose names are words of nft, of which older versions have more: each nft reads what is written for it. */
import { expect, test } from 'vitest';
import { createSource, printNft, read, translateScripts } from '../../src/api.js';
import { describeKernel, nftCheck } from '../support/kernel.js';
import { installedNftVersions } from '../support/versions.js';

/** Words that nft 0.9.8 takes for its own wherever they stand, newer ones in their places only; `log` and `limit` no nft takes for names, or not 0.9.8. */
const NAMES = ['ll', 'count', 'code', 'burst', 'left', 'window', 'zone', 'log', 'limit', 'counter', 'week'];

const DUMP = [
  '*filter',
  ...NAMES.map((name) => `:${name} - [0:0]`),
  ...NAMES.flatMap((name) => [
    `-A INPUT -p tcp --dport 22 -j ${name}`,
    `-A ${name} -m recent --name ${name} --rcheck --seconds 60 --hitcount 3 -j DROP`,
    `-A ${name} -m recent --name ${name} --set`,
  ]),
  'COMMIT',
  '',
].join('\n');

const SCRIPT = NAMES.map((name) => `${name}="$1"\niptables -A INPUT -s "$${name}" -j ACCEPT\n`).join('');
const TEMPLATE = `*filter\n${NAMES.map((name) => `-A INPUT -s $${name} -j ACCEPT\n`).join('')}COMMIT\n`;

function translated(name: string, text: string, nft: string): string {
  const input = read(createSource(name, text), { target: { nft } });
  return printNft(
    translateScripts([input], { target: { nft }, rates: 'meter', replace: 'none', counters: 'drop', partial: true, names: true }).file,
    { nft },
  );
}

test('newer versions keep the names that they take, an older one has others', () => {
  expect(translated('rules.v4', DUMP, '1.0.6')).toContain('chain week {');
  expect(translated('rules.v4', DUMP, '0.9.8')).toContain('chain week_chain {');
});

describeKernel('names that are words of nft', () => {
  test.each(installedNftVersions())('$version loads them in dumps and templates', async ({ version, binary }) => {
    for (const text of [DUMP, TEMPLATE]) expect((await nftCheck(translated('rules.v4', text, version), binary)).stderr).toBe('');
  });

  test.each(installedNftVersions())('$version reads them as names of values', async ({ version, binary }) => {
    // A value for each name, which only the run of the script knows.
    const text = translated('rules.sh', `#!/bin/sh\n${SCRIPT}`, version);
    const defined = [...new Set([...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => name))].map((name) => `define ${name} = 192.0.2.1\n`).join('');
    expect((await nftCheck(defined + text.replace(/^define .*\n/gm, ''), binary)).stderr).toBe('');
  });
});
