/** That the numbers of limiters follow from the rules and their order. */

import { describe, expect, test } from 'vitest';
import { createSource, read } from '../../src/api.js';
import type { Target } from '../../src/extensions/define.js';
import { findLimiters, letThrough, type RecentLimiter } from '../../src/policy/limiters.js';

function limiters(commands: string, target: Target = {}): ReturnType<typeof findLimiters> {
  const input = read(createSource('rules.sh', commands.trim().replace(/^\s+/gm, '')), { target });
  const problems = input.problems.filter(({ problem }) => problem.check === 'unknown-option' || problem.check === 'parse-error');
  expect(problems.map(({ problem }) => problem.message)).toEqual([]);
  return [...input.runs.values()].flatMap((run) => findLimiters(run.ruleset, target));
}

function recentLimiters(commands: string, target: Target = {}): readonly RecentLimiter[] {
  return limiters(commands, target).filter((limiter) => limiter.kind === 'recent');
}

const ssh = '-p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh';

test('how many tries get through', () => {
  // check first, set first, both orders of a set, and none
  expect(letThrough(26, 0, 1)).toBe(26);
  expect(letThrough(26, 1, 0)).toBe(25);
  expect(letThrough(1, 1, 0)).toBe(0);
  expect(letThrough(5, 2, 0)).toBe(2);
  expect(letThrough(5, 1, 1)).toBe(2);
  expect(letThrough(4, 0, 0)).toBeUndefined();
});

describe('the four idioms', () => {
  test('update, then set: tries while blocked count', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT ${ssh} --update --seconds 60 --hitcount 4 -j DROP
      iptables -A INPUT ${ssh} --set`);
    expect(limiter).toMatchObject({ order: 'check first', effect: 'blocks', lets: 4, stampsWhenBlocked: 1 });
    expect(limiter?.recovery).toEqual({ kind: 'silence', seconds: 60, fewerThan: 4 });
  });

  test('rcheck, then set: a sliding window', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT ${ssh} --rcheck --seconds 60 --hitcount 4 -j DROP
      iptables -A INPUT ${ssh} --set -j ACCEPT`);
    expect(limiter).toMatchObject({ order: 'check first', lets: 4, stampsWhenBlocked: 0, recovery: { kind: 'window', seconds: 60 } });
  });

  test('set, then rcheck: one fewer, and tries while blocked count', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT ${ssh} --set
      iptables -A INPUT ${ssh} --rcheck --seconds 60 --hitcount 4 -j DROP`);
    expect(limiter).toMatchObject({ order: 'set first', lets: 3, stampsWhenBlocked: 1, recovery: { kind: 'silence', seconds: 60, fewerThan: 3 } });
  });

  test('set, then update: they count twice', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT ${ssh} --set
      iptables -A INPUT ${ssh} --update --seconds 60 --hitcount 4 -j DROP`);
    expect(limiter).toMatchObject({ order: 'set first', lets: 3, stampsWhenBlocked: 2 });
  });

  test('-I turns the order round', () => {
    const [limiter] = recentLimiters(`
      iptables -I INPUT ${ssh} --set
      iptables -I INPUT ${ssh} --update --seconds 60 --hitcount 4 -j DROP`);
    expect(limiter).toMatchObject({ order: 'check first', lets: 4 });
  });

  test('both in one rule', () => {
    const [setFirst] = recentLimiters('iptables -A INPUT -p tcp -m recent --set -m recent --rcheck --seconds 9 --hitcount 4 -j DROP');
    expect(setFirst).toMatchObject({ order: 'set first', lets: 3 });
    const [checkFirst] = recentLimiters('iptables -A INPUT -p tcp -m recent --rcheck --seconds 9 --hitcount 4 -m recent --set -j DROP');
    expect(checkFirst).toMatchObject({ order: 'never set', lets: undefined, recovery: { kind: 'unlimited' } });
  });
});

describe('what counts', () => {
  test('lists are told apart by their names, letter by letter', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT -p tcp -m recent --set --name SSH
      iptables -A INPUT -p tcp -m recent --update --seconds 60 --hitcount 4 --name ssh -j DROP`);
    expect(limiter).toMatchObject({ order: 'never set', lets: undefined, others: [] });
  });

  test('a set for other packets', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT -p tcp --dport 25 -m recent --set
      iptables -A INPUT -p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 -j DROP
      iptables -A INPUT -p tcp --dport 22 -m recent --set`);
    expect(limiter).toMatchObject({ lets: 4, order: 'check first' });
    expect(limiter?.others.map(({ counts }) => counts)).toEqual(['other', 'all']);
  });

  test('a set for more packets counts these as well; one for fewer does not', () => {
    const wide = `
      iptables -A INPUT -p tcp -m recent --set
      iptables -A INPUT -p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 -j DROP`;
    expect(recentLimiters(wide)[0]).toMatchObject({ lets: 3 });
    const narrow = `
      iptables -A INPUT -p tcp --dport 22 -s 10.0.0.0/8 -m recent --set
      iptables -A INPUT -p tcp --dport 22 -m recent --update --seconds 60 --hitcount 4 -j DROP`;
    expect(recentLimiters(narrow)[0]).toMatchObject({ lets: undefined, others: [{ counts: 'some' }] });
  });

  test('a set that accepts ends the way to the check', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT -p tcp -m recent --set -j ACCEPT
      iptables -A INPUT -p tcp -m recent --update --seconds 60 --hitcount 4 -j DROP`);
    expect(limiter).toMatchObject({ lets: undefined, others: [{ ends: true, when: 'before', counts: 'all' }] });
  });

  test('sets and checks in chains that are jumped to', () => {
    const [limiter] = recentLimiters(`
      iptables -N LIMIT
      iptables -N BLOCK
      iptables -A BLOCK -j LOG
      iptables -A BLOCK -j DROP
      iptables -A LIMIT -m recent --name ssh --update --seconds 60 --hitcount 4 -j BLOCK
      iptables -A LIMIT -m recent --name ssh --set
      iptables -A INPUT -p tcp --dport 22 -m state --state NEW -j LIMIT`);
    expect(limiter).toMatchObject({ effect: 'blocks', lets: 4, order: 'check first' });
  });

  test('a set in another table meets the packet earlier', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT -p tcp --dport 22 -m recent --rcheck --seconds 60 --hitcount 4 -j DROP
      iptables -t mangle -A PREROUTING -p tcp --dport 22 -m recent --set`);
    expect(limiter).toMatchObject({ order: 'set first', lets: 3 });
  });

  test('a jump loop is no loop here', () => {
    expect(
      recentLimiters(`
      iptables -N A
      iptables -N B
      iptables -A A -j B
      iptables -A B -m recent --rcheck -j DROP
      iptables -A B -j A
      iptables -A INPUT -j A`),
    ).toHaveLength(1);
  });
});

describe('what a check does', () => {
  test('lets through what is below, and nothing else', () => {
    const [limiter] = recentLimiters(`
      iptables -P INPUT DROP
      iptables -A INPUT -p tcp --dport 22 -m recent --set
      iptables -A INPUT -p tcp --dport 22 -m recent ! --rcheck --seconds 60 --hitcount 4 -j ACCEPT`);
    expect(limiter).toMatchObject({ effect: 'admits', lets: 3 });
  });

  test('opens a port for those who knocked', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT -p tcp --dport 22 -m recent --name knock --rcheck --seconds 30 -j ACCEPT
      iptables -A INPUT -p tcp --dport 7000 -m recent --name knock --set -j DROP`);
    expect(limiter).toMatchObject({ effect: 'opens', lets: undefined });
  });

  test('only looks', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT -p tcp --dport 22 -m recent --rcheck --seconds 60 --hitcount 4 -j LOG
      iptables -A INPUT -p tcp --dport 22 -m recent --set`);
    expect(limiter).toMatchObject({ effect: 'observes', lets: undefined });
  });

  test('never lets in again without seconds', () => {
    const [limiter] = recentLimiters(`
      iptables -A INPUT -p tcp --dport 22 -m recent --rcheck --hitcount 4 -j DROP
      iptables -A INPUT -p tcp --dport 22 -m recent --set`);
    expect(limiter?.recovery).toEqual({ kind: 'never' });
  });

  test('remembers as many addresses as the module is told to', () => {
    const commands = 'iptables -A INPUT -m recent --rcheck -j DROP';
    expect(recentLimiters(commands)[0]?.remembers).toBe(100);
    expect(recentLimiters(commands, { ipListTot: 4096 })[0]?.remembers).toBe(4096);
  });
});

describe('buckets', () => {
  test('limit: the burst iptables-legacy loses in its 32 bits', () => {
    const burst = (rule: string): unknown => {
      const [limiter] = limiters(`iptables -A INPUT ${rule} -j ACCEPT`);
      return limiter?.kind === 'limit' ? [limiter.bucket.legacy, limiter.bucket.nft] : undefined;
    };
    expect(burst('-m limit')).toEqual([5, 5]);
    // measured: packets let through at once
    expect(burst('-m limit --limit 7/min')).toEqual([4, 5]);
    expect(burst('-m limit --limit 3/sec --limit-burst 100')).toEqual([99, 100]);
    expect(burst('-m limit --limit 1/hour --limit-burst 60')).toEqual([22, 60]);
    expect(burst('-m limit --limit 1/hour --limit-burst 100')).toEqual([25, 100]);
    expect(burst('-m limit --limit 2/day')).toEqual([1, 5]);
    expect(burst('-m limit --limit 1/day')).toEqual([undefined, 5]);
  });

  test('what becomes of the rest', () => {
    const rest = (more: string): unknown => limiters(`iptables -A INPUT -p icmp -m limit --limit 3/s -j ACCEPT\n${more}`)[0];
    expect(rest('')).toMatchObject({ effect: 'accepts', rest: 'accepted' });
    expect(rest('iptables -A INPUT -p icmp -j DROP')).toMatchObject({ rest: 'dropped' });
    expect(rest('iptables -P INPUT DROP')).toMatchObject({ rest: 'dropped' });
  });

  test('hashlimits of one name', () => {
    const found = limiters(`
      iptables -A INPUT -p tcp --dport 80 -m hashlimit --hashlimit-above 5/s --hashlimit-name web --hashlimit-mode srcip -j DROP
      iptables -A INPUT -p tcp --dport 443 -m hashlimit --hashlimit-above 5/s --hashlimit-name web --hashlimit-mode srcip -j DROP
      iptables -A INPUT -p tcp --dport 22 -m hashlimit --hashlimit-above 5/s --hashlimit-name ssh --hashlimit-mode srcip -j DROP`);
    expect(found.map((limiter) => (limiter.kind === 'hashlimit' ? limiter.shares.length : undefined))).toEqual([1, 1, 0]);
  });
});
