/** The commands and their options: what is parsed, what the help, the completions and the manual page are made of. */

import { Command, Option } from 'commander';

import { addInputOptions } from './input-options.js';
import {
  parseClock,
  parseCounters,
  parseFamilyOut,
  parseFormat,
  parseNames,
  parsePolicyFormat,
  parseRates,
  parseReplace,
  parseReport,
  parseSeverity,
  parseShell,
  parseTarget,
  parseTo,
  type Shell,
} from './options.js';
import type { InitOptions } from './init.js';
import type { LintOptions } from './lint.js';
import type { PolicyOptions } from './policy.js';
import type { TranslateCommandOptions } from './translate.js';

/** Where an exit status goes once a command has run. */
export type Finish = (status: number) => void;

/** The program `fwlint`. What a command needs is only loaded when it runs. */
export function createProgram(version: string, finish: Finish): Command {
  const program = new Command('fwlint')
    .description('Tells what iptables rules do and what is wrong with them, repairs them, and compiles them to nftables.')
    .version(version, '--version', 'print the version')
    .enablePositionalOptions();

  addInputOptions(
    program
      .command('lint')
      .description('find mistakes in scripts, pasted commands, dumps and prose (the default command)')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--fix', 'repair files in place; standard input is repaired to standard output')
      .option('--unsafe-fixes', 'with --fix or --diff: also repairs that change what the rules do, or guess')
      .option('--diff', 'print what --fix would change as a unified diff, and change nothing')
      .option('--exit-non-zero-on-fix', 'with --fix: exit with 1 if anything was repaired')
      .option('--format <format>', `${parseFormat.choices.slice(0, -1).join(', ')} or ${parseFormat.choices.at(-1) ?? ''}`, parseFormat, 'human')
      .option('--statistics', 'count the findings of each check instead of showing them (formats human and json)')
      .option('-q, --quiet', 'only findings that count for the exit status, and no summary')
      .addOption(new Option('--select <names>', 'only these checks, between commas').argParser(parseNames).default([], 'all'))
      .addOption(new Option('--ignore <names>', 'not these checks').argParser(parseNames).default([], 'none'))
      .option('--fail-level <severity>', 'exit with 1 from this severity on: error, warning, info or hint', parseSeverity, 'warning')
      .option('--baseline <file>', 'leave out the findings that are written in this file')
      .option('--update-baseline', 'with --baseline: write what is found now into that file')
      .option('--list-unknowns', 'instead of findings: which values only the run knows, and how many commands each would settle')
      .option('--report-unused-ignores', 'report every comment that silences nothing, also of checks that are not run'),
  ).action(async (files: string[], options: LintOptions) => {
    const { runLint } = await import('./lint.js');
    finish(await runLint(files, options));
  });

  addInputOptions(
    program
      .command('translate')
      .description('compile to nftables (or repaired iptables) on standard output, with a report on standard error')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--to <form>', 'nft, nft-json, iptables or iptables-save', parseTo, 'nft')
      .option('--rates <how>', 'windows of -m recent: meter (readable, with stated bounds; the default) or exact (packet by packet)', parseRates)
      .option('--recent-state <folder>', 'go on with what the lists of -m recent hold: copies of /proc/net/xt_recent/*')
      .option('--recent-clock <jiffies,hz>', 'the clock of that kernel, unless the folder has files jiffies and hz', parseClock)
      .option('--replace <what>', 'what goes first: table (of the same name; the default), flush (everything) or none', parseReplace)
      .option('--counters <how>', 'keep or drop (the default)', parseCounters)
      .option('--table-name <name>', 'name of the nft table; for rules of one table')
      .option('--family-out <family>', 'auto, only the rules of ip or of ip6, or inet: one table for both families', parseFamilyOut, 'auto')
      .option('--partial', 'write what can be carried over even if something cannot')
      .option('--report <form>', 'text or json', parseReport, 'text')
      .option('--simplify', 'fold rules into sets and maps (not available yet: accepted, changes nothing)')
      .option('--no-simplify', 'one rule for each rule'),
  ).action(async (files: string[], options: TranslateCommandOptions) => {
    const { runTranslate } = await import('./translate.js');
    finish(await runTranslate(files, options));
  });

  addInputOptions(
    program
      .command('policy')
      .description('say in sentences what the rate limits and defaults of a ruleset amount to')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--format <format>', 'human or json', parsePolicyFormat, 'human')
      .option(
        '--timeline <pattern>',
        "instead: simulate clients that try, and draw what becomes of it; 'every 0.5s for 30s', '10 at 0s, 10 at 60s', 'A: 0 0 1.5; B: burst 5 every 60s for 5m'",
      )
      .addOption(
        new Option('--source <addresses>', 'with --timeline: the addresses of the clients, between commas')
          .argParser(parseNames)
          .default([], 'chosen to fit the rules'),
      )
      .option('--svg <file>', 'with --timeline: write a picture as well'),
  ).action(async (files: string[], options: PolicyOptions) => {
    const { runPolicy } = await import('./policy.js');
    finish(await runPolicy(files, options));
  });

  program
    .command('explain')
    .description('explain a check, or an error message of iptables, nft or dmesg')
    .argument('<text...>', 'name of a check, or the text of an error; -: standard input')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: string[]) => {
      const { runExplain } = await import('./explain.js');
      finish(runExplain(words.join(' ')));
    });

  program
    .command('checks')
    .description('list the checks')
    .action(async () => {
      const { runChecksList } = await import('./lists.js');
      finish(runChecksList());
    });

  program
    .command('extensions')
    .description('list the matches and targets')
    .action(async () => {
      const { runExtensionsList } = await import('./lists.js');
      finish(runExtensionsList());
    });

  program
    .command('init')
    .description('write a configuration, fwlint.json, to begin with')
    .argument('[folder]', 'where to', '.')
    .addOption(
      new Option('--target <pairs>', 'the host the rules are for, as for lint; goes into the configuration')
        .argParser(parseTarget)
        .default({}, 'not known'),
    )
    .action(async (folder: string, options: InitOptions) => {
      const { runInit } = await import('./init.js');
      finish(runInit(folder, options));
    });

  program
    .command('completions')
    .description('print the completions for a shell')
    .argument('<shell>', parseShell.choices.join(', '), parseShell)
    .action(async (shell: Shell) => {
      const { runCompletions } = await import('./completions.js');
      finish(runCompletions(shell, program));
    });

  return program;
}
