// The values of options, read without starting the program.
import { describe, expect, test } from 'vitest';

import * as options from '../../src/cli/options.js';

const { parseDefine, parseNames, parseTarget, UsageProblem } = options;

describe('--target', () => {
  test('keys become what the core calls them; later ones win', () => {
    expect(parseTarget('kernel=6.1,nft=1.0.6,iptables=1.8.9,backend=legacy,ip_pkt_list_tot=30,ip_list_tot=5000,hz=250')).toEqual({
      kernel: '6.1',
      nft: '1.0.6',
      iptables: '1.8.9',
      backend: 'legacy',
      ipPktListTot: 30,
      ipListTot: 5000,
      hz: 250,
    });
    expect(parseTarget(' kernel = 6.1.0-18-amd64 , ', { kernel: '3.2', nft: '1.1' })).toEqual({ kernel: '6.1.0', nft: '1.1' });
  });

  test.each([
    ['kernel', 'KEY=VALUE'],
    ['kernel=', 'KEY=VALUE'],
    ['=6.1', 'KEY=VALUE'],
    ['kernal=6.1', 'kernal=6.1'],
    ['toString=1', 'KEY=VALUE'],
    ['__proto__=1', 'KEY=VALUE'],
    ['kernel=new', 'a version'],
    ['nft=v1', 'a version'],
    ['nft=1.0beta', 'a version'],
    ['backend=bpf', 'legacy or nft'],
    ['ip_list_tot=-1', 'a number'],
    ['hz=1e3', 'a number'],
    ['hz=0', 'at least 1'],
  ])('%s is refused', (text, message) => {
    expect(() => parseTarget(text)).toThrow(UsageProblem);
    expect(() => parseTarget(text)).toThrow(message);
  });
});

test('--define: a name of the shell, any value', () => {
  expect([...parseDefine('A=1', new Map([['B', '2']]))]).toEqual([
    ['B', '2'],
    ['A', '1'],
  ]);
  expect(parseDefine('A=', new Map()).get('A')).toBe('');
  // The parameters a script is called with.
  expect(parseDefine('1=eth0', new Map()).get('1')).toBe('eth0');
  expect(parseDefine('A=b=c\nd', new Map()).get('A')).toBe('b=c\nd');
  expect(parseDefine('__proto__=x', new Map()).get('__proto__')).toBe('x');
  for (const text of ['A', '=1', '1A=2', '0=x', 'A B=2', '']) expect(() => parseDefine(text, new Map())).toThrow('NAME=VALUE');
});

test('names between commas add up', () => {
  expect(parseNames('a, b,,c ', ['x'])).toEqual(['x', 'a', 'b', 'c']);
});

test.each([
  ['parseKind', 'save', 'nft'],
  ['parseFamily', 'ip6', 'inet'],
  ['parseSeverity', 'hint', 'fatal'],
  ['parseColor', 'always', 'rainbow'],
  ['parseFormat', 'sarif', 'yaml'],
  ['parseTo', 'nft-json', 'pf'],
  ['parseReplace', 'flush', 'all'],
  ['parseCounters', 'keep', 'yes'],
  ['parseRates', 'exact', 'fast'],
  ['parseReport', 'json', 'xml'],
  ['parseFamilyOut', 'inet', 'bridge'],
] as const)('%s takes %s, and says what there is for %s', (name, good, bad) => {
  expect(options[name](good)).toBe(good);
  for (const text of [bad, 'constructor', '']) {
    expect(() => options[name](text)).toThrow(UsageProblem);
    expect(() => options[name](text)).toThrow(/^--[a-z-]+ is one of [^\n]+ \(got /);
  }
});
