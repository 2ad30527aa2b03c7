/** Rules and sets in one file, in several, in any order, and what is said where something is missing. */

import { describe, expect, test } from 'vitest';
import { createSource, printNft, read, translateAll, type Input, type Translation } from '../../src/api.js';

function save(text: string, family: 'ip' | 'ip6' = 'ip'): Input {
  return read(createSource('rules', text), { kind: 'save', family });
}

const sets = (text: string): Input => read(createSource('sets', text));
const script = (text: string): Input => read(createSource('script', `#!/bin/sh\n${text}\n`));

function translate(...inputs: readonly Input[]): Translation {
  return translateAll(inputs, { target: {}, rates: 'meter', replace: 'none', counters: 'drop', partial: true });
}

const reasons = ({ report }: Translation): readonly string[] => report.items.map((item) => `${item.kind}: ${item.reason ?? ''}`);

const RULES = '*filter\n-A INPUT -m set --match-set bad src -j DROP\nCOMMIT\n';
const SETS = 'create bad hash:ip\nadd bad 192.0.2.1\n';

test('the order of the files does not matter', () => {
  const texts = [translate(save(RULES), sets(SETS)), translate(sets(SETS), save(RULES))].map(({ file }) => printNft(file));
  expect(texts[0]).toContain('ip saddr @bad drop');
  expect(texts[0]).toContain('elements = { 192.0.2.1 }');
  expect(texts[1]).toBe(texts[0]);
});

test('a script that makes its own sets, swaps and renames them', () => {
  const made = translate(
    script(
      'ipset create new hash:ip\nipset add new 192.0.2.7\nipset create bad hash:ip\nipset add bad 192.0.2.1\nipset swap new bad\nipset destroy new\niptables -A INPUT -m set --match-set bad src -j DROP',
    ),
  );
  expect(reasons(made)).toEqual([]);
  expect(printNft(made.file)).toContain('elements = { 192.0.2.7 }');
});

test('both families use a set without addresses, each in its table', () => {
  const made = translate(
    save('*filter\n-A INPUT -m set --match-set ports dst -j ACCEPT\nCOMMIT\n'),
    save('*filter\n-A INPUT -m set --match-set ports dst -j ACCEPT\nCOMMIT\n', 'ip6'),
    sets('create ports bitmap:port range 0-99\nadd ports 80\n'),
  );
  expect(reasons(made)).toEqual([]);
  expect(printNft(made.file).match(/set ports \{/g)).toHaveLength(2);
});

test('two files with rules for one table share its sets', () => {
  const made = translate(save(RULES), save('*filter\n-A FORWARD -m set --match-set bad dst -j DROP\nCOMMIT\n'), sets(SETS));
  expect(printNft(made.file).match(/set bad \{/g)).toHaveLength(1);
});

describe('what is missing is said', () => {
  test('a set that nobody defines is one of addresses, without elements', () => {
    const made = translate(save(RULES));
    expect(reasons(made)).toEqual([
      'approximate: the ipset `bad` is not part of the input: what stands for it is a set of addresses and networks, and is empty until somebody fills it; ' +
        'give its definition as well: `ipset save > ipsets.conf`, and `fwlint translate rules ipsets.conf`',
    ]);
    expect(printNft(made.file)).toMatch(/# the ipset bad was not part of the input\n\tset bad \{\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\}/);
  });

  test('one that nobody defines and that holds something else, or that rules change', () => {
    const rules = [
      '-A INPUT -m set --match-set bad src,dst -j DROP',
      '-A INPUT -m set --match-set KUBE-NODE-PORT-TCP dst -j DROP',
      '-A INPUT -m set ! --match-set seen src -j SET --add-set seen src',
    ];
    const made = translate(save(`*filter\n${rules.join('\n')}\nCOMMIT\n`));
    expect(made.report).toMatchObject({ total: 3, unsupported: 3 });
  });

  test('a line that ipset refuses, an element only the run knows', () => {
    expect(reasons(translate(save(RULES), sets(`${SETS}add bad 192.0.2.300\n`)))).toEqual([
      'unsupported: ipset refuses it: `192.0.2.300` is no IPv4 address',
    ]);
    expect(reasons(translate(script('ipset create bad hash:ip\nwhile read ip; do ipset add bad $ip; done < list')))).toEqual([
      'unsupported: `$ip` is only known at run time',
    ]);
  });

  test('an element that is there already is no loss', () => {
    expect(reasons(translate(save(RULES), sets(`${SETS}add bad 192.0.2.1\n`)))).toEqual([]);
  });

  test('a set of the other family', () => {
    expect(reasons(translate(save(RULES, 'ip6'), sets(SETS)))).toEqual(['unsupported: iptables refuses it: the ipset `bad` holds IPv4 addresses']);
  });

  test('a set that the rules of one family change and those of the other ask', () => {
    const made = translate(
      save('*filter\n-A INPUT -p tcp -j SET --add-set ports dst\nCOMMIT\n'),
      save('*filter\n-A INPUT -m set --match-set ports dst -j DROP\nCOMMIT\n', 'ip6'),
      sets('create ports bitmap:port range 0-99\n'),
    );
    expect(reasons(made)).toEqual([expect.stringContaining('rules of the filter table change the ipset `ports`')]);
  });

  test('sets that no rule uses', () => {
    const { report } = translate(save(RULES), sets(`${SETS}create other hash:net\n`));
    expect(report.remarks.some((remark) => remark.includes('no rule uses the ipset other'))).toBe(true);
  });
});

test('an nft older than 0.9.4 cannot join networks and ports', () => {
  const inputs = [save('*filter\n-A INPUT -m set --match-set s src,dst -j DROP\nCOMMIT\n'), sets('create s hash:net,port\nadd s 10.0.0.0/8,80\n')];
  const made = translateAll(inputs, { target: { nft: '0.9.3' }, rates: 'meter', replace: 'none', counters: 'drop', partial: true });
  expect(reasons(made)).toEqual([expect.stringContaining('nft can since 0.9.4')]);
});
