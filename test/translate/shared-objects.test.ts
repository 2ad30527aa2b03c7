/** What several rules of a table share is written by the first of them that is written at all; and what their counters say. */
import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { describeKernel, nftCheck } from '../support/kernel.js';

function written(text: string, rates: 'meter' | 'exact' = 'meter', counters: 'keep' | 'drop' = 'drop'): string {
  const input = read(createSource('rules.v4', text), { kind: 'save' });
  return printNft(translate(input, { target: {}, rates, replace: 'none', counters, partial: true }).file);
}

/** The first rule cannot be carried over, or never matches; the second needs the same set or object. */
const SHARING: readonly (readonly [name: string, table: string, rules: readonly string[], declared: RegExp])[] = [
  [
    'hashlimit',
    'filter',
    [
      '-A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip --hashlimit-name web -m string --algo bm --string x -j DROP',
      '-A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip --hashlimit-name web -j ACCEPT',
    ],
    /set web\w* \{/,
  ],
  [
    'hashlimit in a rule that never matches',
    'filter',
    [
      '-A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip --hashlimit-name web -m owner --uid-owner 1 ! --socket-exists -j DROP',
      '-A INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-mode srcip --hashlimit-name web -j ACCEPT',
    ].map((rule) => rule.replace('INPUT', 'OUTPUT')),
    /set web\w* \{/,
  ],
  [
    'security context',
    'mangle',
    ['-A INPUT -m string --algo bm --string x -j SECMARK --selctx system_u:object_r:a_t:s0', '-A INPUT -j SECMARK --selctx system_u:object_r:a_t:s0'],
    /secmark secmark_a_t\w* \{/,
  ],
  [
    'helper',
    'raw',
    ['-A PREROUTING -p tcp --dport 21 -m string --algo bm --string x -j CT --helper ftp', '-A PREROUTING -p tcp --dport 21 -j CT --helper ftp'],
    /ct helper \S+ \{/,
  ],
];

const dump = (table: string, rules: readonly string[]): string => `*${table}\n${rules.join('\n')}\nCOMMIT\n`;

test.each(SHARING)('%s', (_name, table, rules, declared) => {
  expect(written(dump(table, rules))).toMatch(declared);
});

describeKernel('what is shared is there', () => {
  // Security contexts need SELinux.
  test.each(SHARING.filter(([name]) => name !== 'security context'))('%s', async (_name, table, rules) => {
    expect(await nftCheck(written(dump(table, rules)))).toMatchObject({ status: 0 });
  });
});

const COUNTED: readonly (readonly [rule: string, at: RegExp])[] = [
  ['-A OUTPUT -m owner ! --uid-owner 5 -j DROP', /meta skuid 5 return\n\t\tcounter packets 7 bytes 700 drop/],
  [
    '-A OUTPUT -p tcp -m multiport --ports 80,443 -j ACCEPT',
    /dport \{ 80, 443 \} counter packets 7 bytes 700 accept\n.*sport \{ 80, 443 \} counter accept/,
  ],
  [
    '-A OUTPUT -p tcp -m multiport --ports 80,443 -m limit --limit 1/s -j ACCEPT',
    /limit rate 1\/second burst 5 packets counter packets 7 bytes 700 accept/,
  ],
  ['-A OUTPUT -p tcp', /meta l4proto tcp counter packets 7 bytes 700\n/],
  ['-A OUTPUT -m recent --name a --update --seconds 60 --hitcount 3 -j DROP', /counter packets 7 bytes 700 drop/],
  ['-A OUTPUT -m recent --name a --rcheck --seconds 60 -j DROP', /counter packets 7 bytes 700 drop/],
];

test.each(COUNTED)('--counters keep: the numbers stand once, behind the conditions: %s', (rule, at) => {
  for (const rates of ['meter', 'exact'] as const) {
    const text = written(dump('filter', [`[7:700] ${rule}`, '[0:0] -A OUTPUT -m recent --name a --set']), rates, 'keep');
    expect(text).toMatch(at);
    expect(text.match(/packets 7 bytes 700/g)).toHaveLength(1);
  }
});
