/** The fwlint command. */

import { Command, CommanderError } from 'commander';

import {
  parseCounters,
  parseFamilyOut,
  parseFormat,
  parseNames,
  parseRates,
  parseReplace,
  parseReport,
  parseSeverity,
  parseTo,
  UsageProblem,
} from './options.js';
import { addInputOptions } from './shared.js';
import type { LintOptions } from './lint.js';
import type { TranslateCommandOptions } from './translate.js';
import type { PolicyOptions } from './policy.js';

declare const FWLINT_VERSION: string;

const EXIT_USAGE = 2;
const EXIT_DEFECT = 3;

async function main(): Promise<number> {
  let status = 0;
  const program = new Command('fwlint')
    .description('Tells what iptables rules do and what is wrong with them, repairs them, and compiles them to nftables.')
    .version(FWLINT_VERSION, '--version', 'print the version')
    .showHelpAfterError('(fwlint --help lists commands and options)')
    .enablePositionalOptions()
    .exitOverride();

  addInputOptions(
    program
      .command('lint', { isDefault: true })
      .description('find mistakes in scripts, pasted commands, dumps and prose (the default command)')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--fix', 'repair files in place; standard input is repaired to standard output')
      .option('--unsafe-fixes', 'with --fix or --diff: also repairs that change what the rules do, or guess')
      .option('--diff', 'print what --fix would change as a unified diff, and change nothing')
      .option('--exit-non-zero-on-fix', 'exit with 1 if anything was repaired')
      .option('--format <format>', 'human or json', parseFormat, 'human')
      .option('--select <names>', 'only these checks', parseNames, [])
      .option('--ignore <names>', 'not these checks', parseNames, [])
      .option('--fail-level <severity>', 'exit with 1 from this severity on: error, warning, info or hint', parseSeverity, 'warning'),
  ).action(async (files: string[], options: LintOptions) => {
    const { runLint } = await import('./lint.js');
    status = runLint(files, options);
  });

  addInputOptions(
    program
      .command('translate')
      .description('compile to nftables (or repaired iptables) on standard output, with a report on standard error')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--to <form>', 'nft, nft-json, iptables or iptables-save', parseTo, 'nft')
      .option('--rates <how>', 'windows of -m recent: meter (readable, with stated bounds) or exact (packet by packet)', parseRates, 'meter')
      .option('--replace <what>', 'what goes first: table (of the same name), flush (everything) or none', parseReplace, 'table')
      .option('--counters <how>', 'keep or drop', parseCounters, 'drop')
      .option('--table-name <name>', 'name of the nft table')
      .option('--family-out <family>', 'auto, ip, ip6 or inet', parseFamilyOut, 'auto')
      .option('--partial', 'write what can be carried over even if something cannot')
      .option('--report <form>', 'text or json', parseReport, 'text')
      .option('--simplify', 'fold rules into sets and maps (not available yet: accepted, changes nothing)')
      .option('--no-simplify', 'one rule for each rule'),
  ).action(async (files: string[], options: TranslateCommandOptions) => {
    const { runTranslate } = await import('./translate.js');
    status = runTranslate(files, options);
  });

  addInputOptions(
    program
      .command('policy')
      .description('say in sentences what the rate limits and defaults of a ruleset amount to')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--format <format>', 'human or json', parseFormat, 'human'),
  ).action(async (files: string[], options: PolicyOptions) => {
    const { runPolicy } = await import('./policy.js');
    status = runPolicy(files, options);
  });

  program
    .command('explain')
    .description('explain a check, or an error message of iptables, nft or dmesg')
    .argument('<text...>', 'name of a check, or the text of an error')
    .action(async (words: string[]) => {
      const { runExplain } = await import('./explain.js');
      status = runExplain(words.join(' '));
    });

  program
    .command('checks')
    .description('list the checks')
    .action(async () => {
      const { runChecksList } = await import('./lists.js');
      status = runChecksList();
    });

  program
    .command('extensions')
    .description('list the matches and targets')
    .action(async () => {
      const { runExtensionsList } = await import('./lists.js');
      status = runExtensionsList();
    });

  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof UsageProblem) {
      process.stderr.write(`fwlint: ${error.message}\n`);
      return EXIT_USAGE;
    }
    throw error;
  }
  return status;
}

// A reader that stops early (`| head`) is no defect.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `fwlint: a defect in fwlint, not in your rules. Please report it with the input and these lines:\nfwlint ${FWLINT_VERSION}, node ${process.version}\n${text}\n`,
    );
    process.exitCode = EXIT_DEFECT;
  },
);
