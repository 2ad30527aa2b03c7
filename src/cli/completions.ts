/** `fwlint completions SHELL`: made from the commands and their options, so that they never lag behind. */

import type { Command } from 'commander';

import { printBash } from './completions/bash.js';
import { printFish } from './completions/fish.js';
import { readProgram } from './completions/program.js';
import { printZsh } from './completions/zsh.js';
import type { Shell } from './options.js';
import { standardOutput } from './output.js';

const PRINTERS = { bash: printBash, zsh: printZsh, fish: printFish } as const;

/** Prints them. */
export function runCompletions(shell: Shell, program: Command): number {
  standardOutput.write(PRINTERS[shell](readProgram(program)));
  return 0;
}
