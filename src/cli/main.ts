/** The fwlint command. */

import { existsSync, writeSync } from 'node:fs';

import { Command, CommanderError, Option } from 'commander';

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
import { addInputOptions } from './input-options.js';
import { nearest } from '../text/distance.js';
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
    .configureOutput({
      outputError: (text, write) => {
        write(oneLine(text));
      },
    })
    .addHelpText('after', HELP_END)
    .enablePositionalOptions()
    .exitOverride();

  addInputOptions(
    program
      .command('lint')
      .description('find mistakes in scripts, pasted commands, dumps and prose (the default command)')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--fix', 'repair files in place; standard input is repaired to standard output')
      .option('--unsafe-fixes', 'with --fix or --diff: also repairs that change what the rules do, or guess')
      .option('--diff', 'print what --fix would change as a unified diff, and change nothing')
      .option('--exit-non-zero-on-fix', 'with --fix: exit with 1 if anything was repaired')
      .option('--format <format>', 'human or json', parseFormat, 'human')
      .addOption(new Option('--select <names>', 'only these checks, between commas').argParser(parseNames).default([], 'all'))
      .addOption(new Option('--ignore <names>', 'not these checks').argParser(parseNames).default([], 'none'))
      .option('--fail-level <severity>', 'exit with 1 from this severity on: error, warning, info or hint', parseSeverity, 'warning'),
  ).action(async (files: string[], options: LintOptions) => {
    const { runLint } = await import('./lint.js');
    status = await runLint(files, options);
  });

  addInputOptions(
    program
      .command('translate')
      .description('compile to nftables (or repaired iptables) on standard output, with a report on standard error')
      .argument('[file...]', 'files; - or none: standard input')
      .option('--to <form>', 'nft, nft-json, iptables or iptables-save', parseTo, 'nft')
      .option('--rates <how>', 'windows of -m recent: meter (readable, with stated bounds) or exact (packet by packet)', parseRates, 'meter')
      .option('--replace <what>', 'what goes first: table (of the same name; the default), flush (everything) or none', parseReplace)
      .option('--counters <how>', 'keep or drop', parseCounters, 'drop')
      .option('--table-name <name>', 'name of the nft table; for rules of one table')
      .option('--family-out <family>', 'auto, or only the rules of ip or of ip6 (inet: not available yet)', parseFamilyOut, 'auto')
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
    .argument('<text...>', 'name of a check, or the text of an error; -: standard input')
    .allowUnknownOption()
    .passThroughOptions()
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
    await program.parseAsync(withCommand(process.argv.slice(2), program), { from: 'user' });
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

/** What the help of fwlint ends with. */
const HELP_END = `
Examples:
  fwlint rules.sh                        what is wrong with it
  fwlint --fix rules.sh                  repair what has one meaning
  fwlint translate rules.sh > rules.nft  compile it; nft -f rules.nft loads it
  iptables-save | fwlint translate       compile what is loaded
  fwlint explain unicode-dash            what a finding means

\`fwlint FILE\` is \`fwlint lint FILE\`; for a file that is called like a command
write \`fwlint ./checks\`. \`fwlint COMMAND --help\` lists the options of a command.

Exit status: 0 nothing found, everything carried over; 1 findings, or something
not carried over; 2 a mistake in the call or the configuration, or a file that
cannot be read or written; 3 a defect in fwlint`;

/** The arguments with the command spelt out: \`lint\` unless the first word is a command or asks about the program. */
function withCommand(words: readonly string[], program: Command): string[] {
  const [first = ''] = words;
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (names.includes(first) || ['--help', '-h', '--version'].includes(first)) return [...words];
  const meant = /^[a-z]+$/.test(first) && !existsSync(first) ? nearest(first, names) : undefined;
  if (meant !== undefined) throw new UsageProblem(`there is no command \`${first}\` (did you mean \`${meant}\`?) and no file of that name`);
  return ['lint', ...words];
}

/** What commander says over several lines, with `error:` before it, as the one line every mistake in the call gets. */
function oneLine(text: string): string {
  const [message = '', ...more] = text
    .replace(/^error: /, '')
    .trim()
    .split(/\n+/);
  const hint = more.length === 0 ? '; `fwlint --help` lists commands and options' : ` ${more.join(' ').toLowerCase()}`;
  return `fwlint: ${message.replaceAll("'", '`')}${hint}\n`;
}

/** A reader that stops early (`| head`) is no defect, and the exit status stays what it was; output that cannot be written is a file error. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  try {
    writeSync(2, `fwlint: standard output: ${error.code === 'ENOSPC' ? 'no space left on the device' : (error.code ?? error.message)}\n`);
  } catch {
    // Nobody listens.
  }
  process.exit(EXIT_USAGE);
}
process.stdout.on('error', onOutputError);
process.stderr.on('error', onOutputError);

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
