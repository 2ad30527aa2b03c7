/** An input after everything was read and run: what checks, the translator and `policy` look at. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Family, Target } from '../extensions/define.js';
import type { Command } from '../iptables/command.js';
import type { IpsetCommand } from '../ipset/command.js';
import type { Ipset, IpsetRun } from '../ipset/model.js';
import type { RunResult } from '../ruleset/run.js';
import type { ShellReading } from '../shell/expand.js';
import type { Source } from '../text/source.js';
import type { MappedText } from '../text/mapped-text.js';

/** script: shell; save: iptables-save or iptables -S; ipset: ipset save; text: prose with commands in it. */
export type InputKind = 'script' | 'save' | 'ipset' | 'text';

/** A problem noticed while reading or running, with the command it belongs to. */
export interface InputProblem {
  readonly problem: Problem;
  readonly command: Command | undefined;
}

export interface Input {
  readonly source: Source;
  /** The source, and behind it the files it sources that were read. */
  readonly sources: readonly Source[];
  readonly kind: InputKind;
  /** The dump was made from XML, into which no fix can be written. */
  readonly fromXml?: true;
  /** The text as it was read: with the damage of pasting repaired. */
  readonly text: MappedText;
  readonly problems: readonly InputProblem[];
  /** Scripts and prose only. */
  readonly shell: ShellReading | undefined;
  /** Every iptables and ip6tables command, in the order they run. */
  readonly commands: readonly Command[];
  /** Commands that are read but not part of the ruleset (branches that exclude each other, functions nothing calls), and why. */
  readonly notRun: ReadonlyMap<Command, string>;
  /** What the commands of each family amount to; only families that occur. */
  readonly runs: ReadonlyMap<Family, RunResult>;
  /** The ipset commands that run, in order, and the sets they make; `others`: sets of other files that are given along with this one. */
  readonly ipsets: { readonly commands: readonly IpsetCommand[]; readonly run: IpsetRun; readonly others: ReadonlyMap<string, Ipset> };
  readonly target: Target;
}
