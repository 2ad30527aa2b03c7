// Reading a command is total and keeps every word; printing what was read and reading it again changes nothing.
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';

import { parseCommand } from '../../grammar/iptables/parser.js';
import { registryOf, targetNames } from '../../src/input/families.js';
import { readSave } from '../../src/input/read-save.js';
import { classify } from '../../src/iptables/classify.js';
import { ruleOf } from '../../src/iptables/command.js';
import { printRule } from '../../src/iptables/print.js';
import { readCommand } from '../../src/iptables/read.js';
import { dumpRuleset } from '../../src/ruleset/dump.js';
import { runCommands } from '../../src/ruleset/run.js';
import { unmappedText } from '../../src/text/mapped-text.js';
import { createSource, spanOf } from '../../src/text/source.js';
import { anyWord, wordsFrom } from '../support/words.js';

const runs = Number(process.env['FWLINT_RUNS'] ?? 400);
const texts = fc.array(anyWord, { maxLength: 14 });
const families = fc.constantFrom('ip' as const, 'ip6' as const);

describe('reading one command', () => {
  test('never throws, and every word is in a node of the tree', () => {
    fc.assert(
      fc.property(texts, families, (list, family) => {
        const words = wordsFrom(list);
        const classified = classify(list, words, registryOf(family), 0);
        const seen = new Set<number>();
        for (const node of parseCommand(classified.tokens).nodes) {
          seen.add(node.word);
          if (node.kind === 'danglingBang') continue;
          if (node.bang !== -1) seen.add(node.bang);
          for (const argument of node.arguments) seen.add(argument);
        }
        expect([...seen].sort((a, b) => a - b)).toEqual(list.map((_, index) => index));
      }),
      { numRuns: runs },
    );
  });

  test('problems lie in the source, and a refused command says why', () => {
    fc.assert(
      fc.property(texts, families, (list, family) => {
        fc.pre(list.length > 0);
        const words = wordsFrom(list);
        const source = createSource('words', list.join(' '));
        const command = readCommand(words, spanOf(source, 0, source.text.length), { registry: registryOf(family), target: {}, start: 0 });
        for (const problem of command.problems) {
          expect(problem.at.start).toBeGreaterThanOrEqual(0);
          expect(problem.at.end).toBeLessThanOrEqual(source.text.length);
          expect(problem.message).not.toMatch(/undefined|NaN|\[object/);
        }
        expect(command.refused).toBe(command.problems.some((problem) => problem.fatal));
        if (command.kind === 'malformed') expect(command.refused).toBe(true);
      }),
      { numRuns: runs },
    );
  });

  test('what is printed reads back as the same rule', () => {
    fc.assert(
      fc.property(texts, families, (list, family) => {
        const all = ['-A', 'INPUT', ...list];
        const words = wordsFrom(all);
        const source = createSource('words', all.join(' '));
        const command = readCommand(words, spanOf(source, 0, source.text.length), { registry: registryOf(family), target: {}, start: 0 });
        const rule = ruleOf(command);
        if (command.refused || rule === undefined || command.kind !== 'append' || rule.base.unsettled.length > 0) return;
        if (rule.matches.some((use) => use.unsettled.length > 0)) return;
        const line = `-A INPUT ${printRule(rule, family)}`;
        const again = readSave(unmappedText(createSource('again', line)), family, {}).commands[0];
        const rules = again === undefined ? undefined : ruleOf(again);
        expect(again?.refused, `${line}: ${again?.problems[0]?.message ?? ''}`).toBe(false);
        expect(rules === undefined ? '' : `-A INPUT ${printRule(rules, family)}`).toBe(line);
      }),
      { numRuns: runs },
    );
  });
});

describe('reading dumps', () => {
  test('lines that share a shape read as they do alone', () => {
    const line = fc
      .array(
        fc.constantFrom(
          '-A FORWARD',
          '-s 10.0.0.1',
          '-s 10.9.0.0/16',
          '! -s 1.2.3.4',
          '-p tcp',
          '-p udp',
          '-p 6',
          '--dport 22',
          '--dport 80',
          '-m tcp',
          '-j ACCEPT',
          '-j DROP',
          '-j one',
          '-j two',
          '-g one',
          '-m comment --comment "a b"',
          '-m comment --comment x',
          '-I FORWARD 1',
          '-I FORWARD',
          '-w 5',
          '-i eth0',
          '-o eth1',
          '-m comment --comment "-j"',
          '-m state --state NEW',
          '-m conntrack --ctstate NEW',
          '-m multiport --dports 1,2',
          '-m multiport --dports 1,',
          '--dport 99999',
          '-s 10.0.0.1/8',
          '-m limit --limit 3/s',
          '-m recent --set',
          '-m recent --rcheck --seconds 5',
          '-j LOG',
          '--log-prefix "x y"',
          '-j REJECT',
          '--reject-with tcp-reset',
          '-t nat',
          '-j MARK --set-mark 1',
          '-A INPUT',
          '-AFORWARD',
          '-jone',
          '--jump=one',
          '-m length --length 5',
          '-w',
        ),
        { minLength: 1, maxLength: 7 },
      )
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const together = readSave(unmappedText(createSource('all', ['*filter', ...lines, 'COMMIT'].join('\n'))), 'ip', {}).commands;
        expect(together).toHaveLength(lines.length);
        lines.forEach((text, index) => {
          const alone = readSave(unmappedText(createSource('one', `*filter\n${text}\nCOMMIT`)), 'ip', {}).commands[0];
          const command = together[index];
          expect(command?.kind).toBe(alone?.kind);
          const [chain, own] = [command, alone].map((one) => (one !== undefined && 'chain' in one ? one.chain?.text : undefined));
          expect(chain).toBe(own);
          expect(command?.problems.map((problem) => problem.message)).toEqual(alone?.problems.map((problem) => problem.message));
          const [left, right] = [command, alone].map((one) => (one === undefined ? undefined : ruleOf(one)));
          expect(left === undefined ? '' : printRule(left, 'ip')).toBe(right === undefined ? '' : printRule(right, 'ip'));
        });
      }),
      { numRuns: runs },
    );
  });

  test('inserting a rule and deleting it leaves the ruleset as it was', () => {
    const rule = fc.constantFrom('-p tcp -j ACCEPT', '-s 1.2.3.4/32 -j DROP', '-i eth0 -j RETURN', '-j ACCEPT', '-s 1.1.1.1,2.2.2.2 -j DROP');
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), fc.constantFrom('-s 9.9.9.9 -j DROP', '-p udp -j ACCEPT'), (rules, extra) => {
        const dump = (lines: readonly string[]): string => {
          const { commands } = readSave(unmappedText(createSource('rules', lines.join('\n'))), 'ip', {});
          return dumpRuleset(runCommands('ip', commands, targetNames('ip')).ruleset);
        };
        const lines = rules.map((text) => `-A INPUT ${text}`);
        expect(dump([...lines, `-I INPUT ${extra}`, `-D INPUT ${extra}`])).toBe(
          dump([
            ...lines,
            '-A INPUT -j DROP',
            `-D INPUT ${String(
              lines.length === 0
                ? 1
                : dump(lines)
                    .split('\n')
                    .filter((text) => text.startsWith('-A')).length + 1,
            )}`,
          ]),
        );
      }),
      { numRuns: Math.min(runs, 100) },
    );
  });
});
