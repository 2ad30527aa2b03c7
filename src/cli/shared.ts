/** The options every command that reads rules has, and what they amount to. */

import { dirname } from 'node:path';

import type { Command } from 'commander';

import { CHECKS, type Options } from '../api.js';
import type { Family, Target } from '../extensions/define.js';
import type { InputKind } from '../input/input.js';
import { EMPTY_CONFIG } from '../config/config.js';
import { findConfig } from './find-config.js';
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

/** What they mean for reading `file`, together with the `fwlint.json` that counts for it; the command line wins. */
export function readingOptions(options: InputOptions, file: string, extra: CheckOptions = { select: [], ignore: [] }): Options {
  const config = options.config === false ? EMPTY_CONFIG : findConfig(file === '-' ? '.' : dirname(file), CHECK_NAMES);
  const select = extra.select.length > 0 ? extra.select : config.select;
  return {
    target: { ...config.target, ...options.target },
    defines: new Map([...config.defines, ...options.define]),
    selection: {
      ...(select === undefined ? {} : { select: new Set(select) }),
      ignore: new Set([...config.ignore.filter((name) => !extra.select.includes(name)), ...extra.ignore]),
      severities: config.severities,
    },
    ...(options.input === 'auto' ? {} : { kind: options.input }),
    ...(options.family === 'auto' ? {} : { family: options.family }),
  };
}

const CHECK_NAMES: ReadonlySet<string> = new Set(CHECKS.map((check) => check.name));

/** Which checks the command line asks for. */
export interface CheckOptions {
  readonly select: readonly string[];
  readonly ignore: readonly string[];
}

/** The files named, or standard input. */
export function filesOf(names: readonly string[], options: InputOptions): readonly { readonly name: string; readonly shown: string }[] {
  const list = names.length === 0 ? ['-'] : names;
  return list.map((name) => ({ name, shown: name === '-' ? options.stdinFilename : name }));
}
