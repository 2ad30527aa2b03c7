/** The options every command that reads rules has. Imported at every start: it must not pull in the readers. */

import { Option, type Command } from 'commander';

import type { Family, Target } from '../extensions/define.js';
import type { InputKind } from '../input/input.js';
import { parseColor, parseDefine, parseFamily, parseKind, parseTarget } from './options.js';
import type { ColorMode } from './terminal.js';

export interface InputOptions {
  readonly input: InputKind | 'auto';
  readonly family: Family | 'auto';
  readonly target: Target;
  readonly define: ReadonlyMap<string, string>;
  /** Folders beside the script's own that sourced files may be in. */
  readonly allowSource: readonly string[];
  readonly stdinFilename: string;
  readonly color: ColorMode;
  /** False with --no-config. */
  readonly config: boolean;
}

/** Adds them to a command. */
export function addInputOptions(command: Command): Command {
  return command
    .option('--input <kind>', 'auto, script, save, ipset or text (prose with commands in it)', parseKind, 'auto')
    .option('--family <family>', 'auto, ip or ip6: what a dump is for', parseFamily, 'auto')
    .addOption(
      new Option(
        '--target <pairs>',
        'the host the rules are for, KEY=VALUE between commas: kernel, nft, iptables (versions), backend (legacy or nft), ip_pkt_list_tot, ip_list_tot, hz (numbers)',
      )
        .argParser(parseTarget)
        .default({}, 'not known'),
    )
    .addOption(
      new Option('--define <name=value>', 'the value a shell variable, or a parameter such as 1, will have at run time; any number of times')
        .argParser(parseDefine)
        .default(new Map<string, string>(), 'none'),
    )
    .addOption(
      new Option('--allow-source <folder>', 'read what scripts source from this folder, too; any number of times')
        .argParser((folder: string, before: readonly string[]) => [...before, folder])
        .default([], "the script's own folder only"),
    )
    .option('--no-config', 'leave fwlint.json files alone')
    .option('--stdin-filename <name>', 'the name standard input has in findings', '<stdin>')
    .option('--color <when>', 'auto, always or never (NO_COLOR and FORCE_COLOR are honoured)', parseColor, 'auto');
}

/** The files named, or standard input. */
export function filesOf(names: readonly string[], options: InputOptions): readonly { readonly name: string; readonly shown: string }[] {
  const list = names.length === 0 ? ['-'] : names;
  return list.map((name) => ({ name, shown: name === '-' ? options.stdinFilename : name }));
}
