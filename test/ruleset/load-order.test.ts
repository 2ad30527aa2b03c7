/** Which of several rules that share a list the kernel saw first, in dumps whose lines have one shape. */
import { expect, test } from 'vitest';
import { createSource, read } from '../../src/api.js';
import { findRecentLimiters } from '../../src/policy/limiters.js';

test('of a restored table, built-in chains come first, then user chains by name, whatever the order of the lines', () => {
  const rule = (chain: string, mask: string): string => `-A ${chain} -m recent --rcheck --seconds 9 --name x --mask ${mask} --rsource -j DROP\n`;
  const maskOf = (...rules: readonly string[]): number | bigint | undefined => {
    const text = `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:aa - [0:0]\n:zz - [0:0]\n${rules.join('')}COMMIT\n`;
    const ruleset = read(createSource('rules.v4', text), { kind: 'save' }).runs.get('ip')?.ruleset;
    return ruleset === undefined ? undefined : findRecentLimiters(ruleset)[0]?.mask;
  };
  expect(maskOf(rule('zz', '255.0.0.0'), rule('aa', '255.255.0.0'))).toBe(0xffff0000);
  expect(maskOf(rule('aa', '255.255.0.0'), rule('INPUT', '255.0.0.0'))).toBe(0xff000000);
  expect(maskOf(rule('FORWARD', '255.255.0.0'), rule('INPUT', '255.0.0.0'))).toBe(0xff000000);
  expect(maskOf(rule('INPUT', '255.255.0.0'), rule('INPUT', '255.0.0.0'))).toBe(0xffff0000);
});
