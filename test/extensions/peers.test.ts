/**
 * iptables' own tables of rules (FWLINT_PEERS/iptables/*.t, from 1.8.11): for the matches and targets there are, every rule they take is read and
 * printed as iptables-save prints it, and every rule they refuse is refused.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Family } from '../../src/extensions/define.js';
import { ruleOf } from '../../src/iptables/command.js';
import { printRule } from '../../src/iptables/print.js';
import { readRule, splitWords } from '../support/cases.js';
import { isolatedRules, kernelAvailable } from '../support/kernel.js';

const folder = join(process.env['FWLINT_PEERS'] ?? fileURLToPath(new URL('../../../shared/peers', import.meta.url)), 'iptables');

/** Where fwlint says something else than the table, and why it is right. The rule stands for itself in every chain and family. */
const EXCEPTIONS: readonly (readonly [rule: string, reason: string])[] = [
  [
    '-p tcp -j TCPMSS --set-mss 42',
    'only the kernel of iptables-legacy refuses it, for want of a match that asks for SYN; a check of whole rules reports that',
  ],
  ['-p ipcomp -m ipcomp --ipcompspi :', 'what the table and iptables-save print is the index 0 when it is loaded again, another rule'],
  ['-m connlabel --label "foobar_not_there"', 'a label by name: only connlabel.conf of the host tells whether it is there'],
  ['-m set --match-set foo src,dst', 'only the host knows its sets'],
  ['-j SET --add-set foo src,dst', 'only the host knows its sets'],
  ['-m nfacct --nfacct-name wrong', 'only the host knows its accounting objects'],
  ['-j NFQUEUE --queue-balance :', 'iptables up to 1.8.9 takes it for 0:65535, which the kernel refuses'],
];

interface PeerRule {
  readonly file: string;
  readonly family: Family;
  readonly table: string;
  readonly chain: string;
  readonly rule: string;
  readonly saved: string;
  readonly accepted: boolean;
}

/** The rules of one table for one family, in the first of its chains. */
function readTable(file: string, family: Family): readonly PeerRule[] {
  const rules: PeerRule[] = [];
  let table = 'filter';
  let chain = '';
  for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (line.startsWith(':')) {
      chain = line.slice(1).split(/[,;]/)[0]?.trim() ?? '';
    } else if (/^[-!]/.test(line)) {
      const [rule = '', saved = '', verdict = ''] = line.split(';').map((part) => part.trim());
      rules.push({ file, family, table, chain, rule, saved: saved === '=' ? rule : saved, accepted: verdict === 'OK' });
    }
  }
  return rules;
}

const families: Readonly<Record<string, readonly Family[]>> = { libxt: ['ip', 'ip6'], libipt: ['ip'], libip6t: ['ip6'], iptables: ['ip', 'ip6'] };

function readTables(): readonly PeerRule[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.t'))
    .flatMap((file) => (families[/^[a-z0-9]+/.exec(file)?.[0] ?? ''] ?? []).flatMap((family) => readTable(file, family)));
}

/** What fwlint makes of a rule: how it prints it, the refusal, or undefined where it needs a module fwlint does not have. */
function judge(peer: PeerRule): { readonly printed: string } | { readonly refused: string } | undefined {
  const command = readRule(peer.rule, { ...peer, target: { iptables: '1.8.11', backend: 'legacy' } });
  const rule = ruleOf(command);
  const fatal = command.problems.find((problem) => problem.fatal);
  if (command.problems.some((problem) => ['unknown-match', 'unsupported-extension', 'unknown-target-or-chain'].includes(problem.check)))
    return undefined;
  if (fatal !== undefined) return { refused: `${fatal.check} ${fatal.message}` };
  if (rule === undefined) return { refused: 'no rule' };
  if (rule.action?.kind === 'chain' && !rule.action.goto) return undefined;
  return { printed: printRule(rule, peer.family) };
}

function isExcepted(rule: string): boolean {
  return EXCEPTIONS.some(([excepted]) => excepted === rule);
}

const sameWords = (left: string, right: string): boolean => splitWords(left).join('\n') === splitWords(right).join('\n');

if (!existsSync(folder)) {
  console.warn(`skipped: iptables' own tables of rules are not in ${folder} (FWLINT_PEERS)`);
  test.skip(`iptables' own tables of rules (not in ${folder})`, () => undefined);
} else {
  const rules = readTables();
  const judged = rules.flatMap((peer) => {
    const result = judge(peer);
    return result === undefined || isExcepted(peer.rule) ? [] : [{ peer, result }];
  });
  const taken = judged.filter(({ peer }) => peer.accepted);
  const refused = judged.filter(({ peer }) => !peer.accepted);
  const place = ({ file, family, table, chain, rule }: PeerRule): string => `${file} ${family} ${table} ${chain}: ${rule}`;

  test(`${taken.length} rules of ${rules.length} are read and printed as iptables-save does`, async () => {
    const wrong: string[] = [];
    const otherwise: typeof taken = [];
    for (const one of taken) {
      if ('refused' in one.result) wrong.push(`${place(one.peer)}\n    fwlint refuses it: ${one.result.refused}`);
      else if (!sameWords(one.result.printed, one.peer.saved)) otherwise.push(one);
    }
    // Where the table says something else, the iptables of this machine decides; it is older than the table.
    const answer = kernelAvailable();
    if (!answer.available) console.warn(`skipped: ${otherwise.length} rules that are printed otherwise than in the table: ${answer.why}`);
    for (const family of ['ip', 'ip6'] as const) {
      const cases = answer.available ? otherwise.filter(({ peer }) => peer.family === family) : [];
      const real = await isolatedRules(
        'legacy',
        family,
        cases.map(({ peer }) => ({ table: peer.table, chain: peer.chain, args: splitWords(peer.rule) })),
      );
      cases.forEach(({ peer, result }, index) => {
        const printed = 'printed' in result ? result.printed : '';
        const saved = real[index]?.rules[0]?.slice(`-A ${peer.chain} `.length);
        if (saved !== printed) wrong.push(`${place(peer)}\n    table:    ${peer.saved}\n    iptables: ${saved ?? '-'}\n    fwlint:   ${printed}`);
      });
    }
    expect(wrong.join('\n')).toBe('');
  });

  test(`${refused.length} rules are refused`, () => {
    const wrong = refused.flatMap(({ peer, result }) => ('refused' in result ? [] : [`${place(peer)}\n    fwlint reads: ${result.printed}`]));
    expect(wrong.join('\n')).toBe('');
  });

  test('every exception is in the tables and still one', () => {
    const stale = EXCEPTIONS.filter(([rule]) => {
      const peers = rules.filter((peer) => peer.rule === rule);
      return peers.every((peer) => {
        const result = judge(peer);
        return result === undefined || ('refused' in result ? !peer.accepted : peer.accepted && sameWords(result.printed, peer.saved));
      });
    });
    expect(stale).toEqual([]);
  });
}
