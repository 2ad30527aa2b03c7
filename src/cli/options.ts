/** Reads the values of command-line options; what is wrong with one is a UsageProblem. */

import type { Severity } from '../diagnostics/diagnostic.js';
import type { Family, Target } from '../extensions/define.js';
import type { InputKind } from '../input/input.js';
import { DEFINABLE_NAME } from '../shell/definable-name.js';
import { versionNumbers } from '../text/version.js';
import type { RecentClock } from '../translate/recent/state.js';

/** A mistake in how fwlint was called: exit status 2. */
export class UsageProblem extends Error {}

/** What --target and the configuration can say about a host. */
export const TARGET_KEYS = ['kernel', 'nft', 'iptables', 'backend', 'ip_pkt_list_tot', 'ip_list_tot', 'hz'] as const;

/** `--target kernel=6.1,nft=1.0.6`: versions and module parameters of the host the rules are for. */
export function parseTarget(text: string, before: Target = {}): Target {
  const target: { -readonly [K in keyof Target]: Target[K] } = { ...before };
  for (const item of text.split(',')) {
    if (item.trim() === '') continue;
    const equals = item.indexOf('=');
    const key = item.slice(0, equals === -1 ? undefined : equals).trim();
    const value = equals === -1 ? '' : item.slice(equals + 1).trim();
    if (!(TARGET_KEYS as readonly string[]).includes(key) || value === '')
      throw new UsageProblem(`--target takes KEY=VALUE pairs between commas; keys are ${TARGET_KEYS.join(', ')} (got \`${item}\`)`);
    switch (key) {
      case 'kernel':
      case 'nft':
      case 'iptables': {
        const numbers = versionNumbers(value);
        if (numbers === undefined) throw new UsageProblem(`--target ${key}= takes a version such as 1.0.6 (got \`${value}\`)`);
        target[key] = numbers;
        break;
      }
      case 'backend':
        if (value !== 'legacy' && value !== 'nft') throw new UsageProblem(`--target backend= is legacy or nft (got \`${value}\`)`);
        target.backend = value;
        break;
      default: {
        const number = /^\d+$/.test(value) ? Number(value) : 0;
        if (number === 0) throw new UsageProblem(`--target ${key}= takes a number of at least 1 (got \`${value}\`)`);
        if (key === 'hz') target.hz = number;
        else if (key === 'ip_list_tot') target.ipListTot = number;
        else target.ipPktListTot = number;
      }
    }
  }
  return target;
}

/** `--define NAME=VALUE`, any number of times; `1=VALUE` is the first word a script is called with. */
export function parseDefine(text: string, before: Map<string, string>): Map<string, string> {
  const equals = text.indexOf('=');
  const name = text.slice(0, Math.max(0, equals));
  if (!DEFINABLE_NAME.test(name))
    throw new UsageProblem(`--define takes NAME=VALUE, with a variable's name or the number of a parameter (got \`${text}\`)`);
  return new Map([...before, [name, text.slice(equals + 1)]]);
}

/** `--recent-clock JIFFIES,HZ`. */
export function parseClock(text: string): RecentClock {
  const found = /^(\d+),(\d+)$/.exec(text);
  const clock = { jiffies: Number(found?.[1]), hz: Number(found?.[2]) };
  if (found === null || clock.hz === 0)
    throw new UsageProblem(`--recent-clock takes JIFFIES,HZ: the number behind \`jiffies:\` in /proc/timer_list, and CONFIG_HZ (got \`${text}\`)`);
  return clock;
}

/** Names between commas, any number of times. */
export function parseNames(text: string, before: readonly string[]): readonly string[] {
  return [...before, ...text.split(',').map((name) => name.trim())].filter((name) => name !== '');
}

/** Reads one of a few words, and says which: completions and the manual page list them. */
export interface Choice<T extends string> {
  (text: string): T;
  readonly choices: readonly T[];
}

function choice<T extends string>(option: string, choices: readonly T[]): Choice<T> {
  const parse = (text: string): T => {
    const found = choices.find((candidate) => candidate === text);
    if (found === undefined) throw new UsageProblem(`${option} is one of ${choices.join(', ')} (got \`${text}\`)`);
    return found;
  };
  return Object.assign(parse, { choices });
}

/** The words an option or argument takes, by the function that reads it; undefined when it takes any. */
export function choicesOf(parse: unknown): readonly string[] | undefined {
  return typeof parse === 'function' && 'choices' in parse ? (parse as Choice<string>).choices : undefined;
}

export const parseKind = choice<InputKind | 'auto'>('--input', ['auto', 'script', 'save', 'ipset', 'text']);
export const parseFamily = choice<Family | 'auto'>('--family', ['auto', 'ip', 'ip6']);
export const parseSeverity = choice<Severity>('--fail-level', ['error', 'warning', 'info', 'hint']);
export const parseColor = choice('--color', ['auto', 'always', 'never'] as const);
export const parseFormat = choice('--format', ['human', 'json', 'sarif', 'github', 'gitlab', 'checkstyle', 'gcc'] as const);
export const parsePolicyFormat = choice('--format', ['human', 'json'] as const);
export const parseTo = choice('--to', ['nft', 'nft-json', 'iptables', 'iptables-save'] as const);
export const parseReplace = choice('--replace', ['table', 'flush', 'none'] as const);
export const parseCounters = choice('--counters', ['keep', 'drop'] as const);
export const parseRates = choice('--rates', ['meter', 'exact'] as const);
export const parseReport = choice('--report', ['text', 'json'] as const);
export const parseFamilyOut = choice('--family-out', ['auto', 'ip', 'ip6', 'inet'] as const);
export const parseShell = choice('completions', ['bash', 'zsh', 'fish'] as const);

/** A form findings are printed in. */
export type Format = (typeof parseFormat.choices)[number];

/** A shell there are completions for. */
export type Shell = (typeof parseShell.choices)[number];
