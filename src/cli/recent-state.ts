/** `--recent-state DIR`: copies of /proc/net/xt_recent/* and the clock they belong to. */

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Target } from '../extensions/define.js';
import { readRecentList, type RecentClock, type RecentEntry, type RecentState } from '../translate/recent/state.js';
import { readBytes, reasonOf } from './files.js';
import { UsageProblem } from './options.js';

/**
 * Reads a folder with a file for each list, by its name. A file with nothing but a number, called `jiffies` or `hz`, is half of the clock; a copy of
 * /proc/timer_list, called `timer_list`, has the jiffies, too.
 */
export function readRecentState(folder: string, clock: RecentClock | undefined, target: Target, remark: (text: string) => void): RecentState {
  const lists = new Map<string, readonly RecentEntry[]>();
  let jiffies = clock?.jiffies;
  let hz = clock?.hz ?? target.hz;
  for (const name of namesIn(folder)) {
    const text = asked(join(folder, name), readBytes).toString('utf8');
    const number = /^\s*(\d+)\s*$/.exec(text)?.[1];
    const timers = name === 'timer_list' ? /^jiffies: (\d+)$/m.exec(text)?.[1] : undefined;
    if (timers !== undefined || (name === 'jiffies' && number !== undefined)) jiffies ??= Number(timers ?? number);
    else if (name === 'hz' && number !== undefined) hz ??= Number(number);
    else {
      const { entries, unread } = readRecentList(text);
      lists.set(name, entries);
      if (unread.length > 0)
        remark(`${join(folder, name)}: ${String(unread.length)} lines are not as in /proc/net/xt_recent and left out: \`${unread[0] ?? ''}\``);
    }
  }
  if (jiffies === undefined || hz === undefined || hz === 0)
    throw new UsageProblem(
      `--recent-state needs the clock of the kernel the lists come from: --recent-clock JIFFIES,HZ, or in ${folder} a file \`jiffies\` (or a copy of /proc/timer_list) and one \`hz\``,
    );
  return { lists, clock: { jiffies, hz } };
}

function namesIn(folder: string): readonly string[] {
  const names = asked(folder, (place) => readdirSync(place));
  return names.filter((name) => asked(join(folder, name), (file) => statSync(file)).isFile()).sort();
}

/** What `ask` gives for a place in the file system; a usage problem that names the place where the system refuses. */
function asked<T>(place: string, ask: (place: string) => T): T {
  try {
    return ask(place);
  } catch (error) {
    throw new UsageProblem(`--recent-state: ${place}: ${reasonOf(error)}`);
  }
}
