/** What became of the sets of the input: commands that are missing from them, and what whoever fills them has to know. */

import type { Input } from '../../input/input.js';
import type { IpsetRun } from '../../ipset/model.js';
import { runIpset } from '../../ipset/run.js';
import { spanText } from '../../text/source.js';
import type { ReportItem } from '../report.js';
import type { IpsetPlan } from './plan.js';

/** The sets of all inputs together, whatever the order of rules and sets. */
export function setsOf(inputs: readonly Input[]): IpsetRun {
  const [first, ...others] = inputs.filter((input) => input.ipsets.commands.length > 0);
  if (first === undefined) return runIpset([]);
  if (others.length === 0) return first.ipsets.run;
  return runIpset(
    [first, ...others].flatMap((input) => input.ipsets.commands),
    { fromNothing: false },
  );
}

/** Commands without which something is missing from the sets. */
export function ipsetItems(run: IpsetRun): readonly ReportItem[] {
  return [...run.lost].map((command) => {
    const problem = run.problems.find((candidate) => candidate.command === command && candidate.problem.fatal)?.problem;
    const advice = problem?.notes?.find((note) => note.kind === 'do')?.text;
    return {
      kind: 'unsupported',
      at: command.at,
      rule: spanText(command.at).replace(/\\?\r?\n\s*/g, ' '),
      reason:
        problem === undefined ? 'ipset refuses it' : problem.check === 'ipset-refused' ? `ipset refuses it: ${problem.message}` : problem.message,
      refused: true,
      ...(advice === undefined ? {} : { instead: advice }),
      command: undefined,
    };
  });
}

/** What the report says about the sets besides. */
export function ipsetRemarks(run: IpsetRun, plan: IpsetPlan): readonly string[] {
  const remarks: string[] = [];
  const unused = [...run.sets.keys()].filter((name) => !plan.used.has(name));
  if (unused.length > 0)
    remarks.push(
      `no rule uses ${unused.length === 1 ? 'the ipset' : 'the ipsets'} ${unused.join(', ')}: not written, as an nft set stands in a table`,
    );
  const used = [...run.sets.values()].filter((set) => plan.used.has(set.name));
  if (used.length > 0)
    remarks.push(
      `ipsets became sets of the nft tables whose rules use them: a program that calls \`ipset add\` has to call \`nft add element FAMILY TABLE SET { … }\` instead, in each of them`,
    );
  const counted = used.filter((set) => set.options.counters);
  if (counted.length > 0) remarks.push(`the counters of the elements of ${counted.map((set) => set.name).join(', ')} are left out`);
  return remarks;
}
