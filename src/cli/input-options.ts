/** The options every command that reads rules has. Imported at every start: it must not pull in the readers. */

import type { Command } from 'commander';

import type { Family, Target } from '../extensions/define.js';
import type { InputKind } from '../input/input.js';
import { parseColor, parseDefine, parseFamily, parseKind, parseTarget } from './options.js';
import type { ColorMode } from './terminal.js';

export interface InputOptions {
  readonly input: InputKind | 'auto';
  readonly family: Family | 'auto';
  readonly target: Target;
  readonly define: ReadonlyMap<string, string>;
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
    .option(
      '--target <pairs>',
      'the host the rules are for: kernel=6.1,nft=1.0.6,iptables=1.8.9,backend=legacy|nft,ip_pkt_list_tot=20,ip_list_tot=100',
      parseTarget,
      {},
    )
    .option('--define <name=value>', 'the value a shell variable will have at run time', parseDefine, new Map<string, string>())
    .option('--no-config', 'leave fwlint.json files alone')
    .option('--stdin-filename <name>', 'the name standard input has in findings', '<stdin>')
    .option('--color <when>', 'auto, always or never (NO_COLOR and FORCE_COLOR are honoured)', parseColor, 'auto');
}

/** The files named, or standard input. */
export function filesOf(names: readonly string[], options: InputOptions): readonly { readonly name: string; readonly shown: string }[] {
  const list = names.length === 0 ? ['-'] : names;
  return list.map((name) => ({ name, shown: name === '-' ? options.stdinFilename : name }));
}
