/** The fwlint command. */

import { existsSync } from 'node:fs';

import { CommanderError, type Command } from 'commander';

import { createProgram } from './commands.js';
import { helpEnd } from './help-text.js';
import { UsageProblem } from './options.js';
import { VERSION } from './version.js';
import { nearest } from '../text/distance.js';
import { isAllWritten, standardError, standardOutput } from './output.js';

const EXIT_USAGE = 2;
const EXIT_DEFECT = 3;

async function main(): Promise<number> {
  let status = 0;
  const program = createProgram(VERSION, (result) => {
    status = result;
  });
  program.addHelpText('after', helpEnd);
  // A command takes these over when it is made, so they are set on each.
  for (const command of [program, ...program.commands])
    command
      .configureOutput({
        writeOut: (text) => {
          standardOutput.write(text);
        },
        writeErr: (text) => {
          standardError.write(text);
        },
        outputError: (text, write) => {
          write(oneLine(text));
        },
      })
      .exitOverride();

  try {
    await program.parseAsync(withCommand(process.argv.slice(2), program), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof UsageProblem) {
      standardError.write(`fwlint: ${error.message}\n`);
      return EXIT_USAGE;
    }
    throw error;
  }
  return status;
}

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
  const surplus = /^error: too many arguments for '([a-z]+)'\. Expected (\d+) arguments? but got (\d+)\.\s*$/.exec(text);
  if (surplus !== null) {
    const [, command = '', most = '', given = ''] = surplus;
    const takes = most === '0' ? 'takes no arguments' : `takes at most ${most} argument${most === '1' ? '' : 's'}, not ${given}`;
    return `fwlint: \`${command}\` ${takes}\n`;
  }
  const [message = '', ...more] = text
    .replace(/^error: /, '')
    .trim()
    .split(/\n+/);
  const hint = more.length === 0 ? '; `fwlint --help` lists commands and options' : ` ${more.join(' ').toLowerCase()}`;
  return `fwlint: ${message.replaceAll("'", '`')}${hint}\n`;
}

main().then(
  (status) => {
    process.exitCode = status;
    // Nothing is left to be written; taking everything down in order takes a while.
    if (isAllWritten()) process.exit();
  },
  (error: unknown) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    standardError.write(
      `fwlint: a defect in fwlint, not in your rules. Please report it with the input and these lines:\nfwlint ${VERSION}, node ${process.version}\n${text}\n`,
    );
    process.exitCode = EXIT_DEFECT;
  },
);
