/** That every form `-m recent` takes loads with every nft there is. */

import { expect } from 'vitest';
import { describeKernel, nftCheck, testKernel } from '../../support/kernel.js';
import { installedNftVersions } from '../../support/versions.js';
import { translated } from './translated.js';

const match = '-p tcp --dport 22 -m conntrack --ctstate NEW';

/** `L` is the list, `C` the seconds and hits. */
const forms: readonly (readonly string[])[] = [
  ['L --update C -j DROP', 'L --set'],
  ['L --rcheck C -j REJECT', 'L --set -j ACCEPT'],
  ['L --set', 'L --rcheck C -j DROP'],
  ['L --set', 'L --update C -j LOGDROP'],
  ['L --set L ! --rcheck C -j ACCEPT', '-j DROP'],
  ['L --set', 'L --rcheck --seconds 60 --hitcount 3 -j LOG', 'L --update --seconds 3600 --hitcount 9 -j DROP'],
  ['L --rcheck --hitcount 3 -j DROP', 'L --set'],
  ['L --rcheck --seconds 9 -j ACCEPT', 'L --remove -j DROP', 'L ! --remove -j LOG', 'L --set'],
  ['L ! --update --seconds 9 --hitcount 3 -j LOG', 'L ! --set', 'L --set --rdest'],
  ['L --set', 'L ! --rcheck --seconds 60 --hitcount 4 -j RETURN', '-j DROP'],
];

describeKernel('every form loads', () => {
  for (const nft of installedNftVersions())
    testKernel(`nft ${nft.version}`, async () => {
      const texts: string[] = [];
      for (const program of ['iptables', 'ip6tables'])
        for (const rates of ['meter', 'exact'] as const)
          for (const hits of [1, 2, 4, 26])
            for (const form of forms) {
              const rules = form.map((rule) => {
                const uses = rule.replaceAll('L --', '-m recent --name ssh --').replaceAll('L !', '-m recent --name ssh !');
                return `${program} -A INPUT ${match} ${uses.replace(' C ', ` --seconds 60 --hitcount ${hits} `)}`;
              });
              const chains = [`${program} -N LOGDROP`, `${program} -A LOGDROP -j LOG`, `${program} -A LOGDROP -j DROP`, `${program} -P INPUT DROP`];
              const { text, unsupported } = translated([...chains, ...rules].join('\n'), {
                rates,
                nft: nft.version,
                tableName: `form${texts.length}`,
              });
              expect(unsupported).toEqual([]);
              texts.push(text);
            }
      // One file for all: a process for each would take ten times as long.
      const { status, stderr } = await nftCheck(texts.join('\n'), nft.binary);
      expect(status === 0 ? '' : stderr.slice(0, 1000)).toBe('');
    });
});
