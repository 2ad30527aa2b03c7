/**
 * The cases through bash and iptables, in a network namespace of their own: the words a finding quotes are what they say, and a
 * safe fix changes no rule that was loaded.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/apply-fixes.js';
import type { Problem } from '../../src/diagnostics/diagnostic.js';
import { repairPaste } from '../../src/paste/repair.js';
import { createSource } from '../../src/text/source.js';
import { readCases } from './fixtures.js';
import { editsOf } from './laws.js';

const usable = ((): boolean => {
  try {
    return execFileSync('unshare', ['-n', '-m', 'iptables-legacy', '-S', 'INPUT'], { encoding: 'utf8', stdio: 'pipe' }).includes('-P INPUT ACCEPT');
  } catch {
    return false;
  }
})();
if (!usable) console.warn('skipped: no network namespace with iptables-legacy can be made here (that needs root)');
if (!usable && process.env['FWLINT_REQUIRE_KERNEL'] === '1')
  throw new Error('FWLINT_REQUIRE_KERNEL is set, but there is no iptables-legacy in a namespace');

/** Where the scripts run: an empty folder that only their own mount namespace sees with anything in it. */
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fwlint-paste-'));
});
afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

/**
 * The scripts are broken on purpose, and a broken script writes anywhere: `> iptables -L` empties the file `iptables`. So each has a
 * mount namespace in which everything is read-only but a folder in memory, and does not run when that could not be made.
 * Standard input is the script or dump, the first argument the folder, the second the kind.
 */
const CONTAINED = String.raw`
  folder=$1
  mount -t tmpfs tmpfs "$folder" || exit 98
  cat > "$folder/input"
  mkdir "$folder/bin" "$folder/here"
  for name in iptables ip6tables; do printf '#!/bin/sh\nexec /usr/sbin/%s-legacy "$@"\n' "$name" > "$folder/bin/$name"; done
  printf '#!/bin/sh\nexec "$@"\n' > "$folder/bin/sudo"
  chmod 555 "$folder"/bin/*
  mount -o remount,bind,ro / || exit 98
  probe=/usr/sbin/.fwlint-probe
  if ( : > "$probe" ) 2>/dev/null; then rm -f "$probe"; exit 99; fi
  export XTABLES_LOCKFILE="$folder/lock" PATH="$folder/bin:/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8
  cd "$folder/here" || exit 98
  if [ "$2" = script ]; then bash "$folder/input"; else iptables-legacy-restore "$folder/input"; fi > "$folder/said" 2>&1 < /dev/null
  sleep 0.05
  cat "$folder/said"
  echo '=== rules'
  iptables-legacy-save -t filter | grep -v '^#' | sed 's/\[[0-9:]*\]//'
  iptables-legacy-save -t nat | grep '^-A'
  ip6tables-legacy-save -t filter | grep '^-A'
  exit 0
`;

interface Outcome {
  /** What the shell and iptables said. */
  readonly said: string;
  /** The rules that are loaded afterwards. */
  readonly rules: string;
}

/** Runs a script, or loads a dump, in fresh namespaces. */
function run(text: string, kind: 'script' | 'save'): Outcome {
  const { stdout, status } = spawnSync('unshare', ['-n', '-m', 'sh', '-c', CONTAINED, 'sh', folder, kind], {
    encoding: 'utf8',
    timeout: 20_000,
    input: text.replaceAll(/\/(?:usr\/)?sbin\/(?=ip6?tables)/g, ''),
  });
  if (status !== 0) throw new Error(`the script was not run: its surroundings could not be made read-only (${String(status)})`);
  const [said = '', rules = ''] = stdout.split('=== rules\n');
  return { said, rules };
}

const REFUSAL =
  /Bad argument|unexpected EOF|Cannot use|command not found|syntax error|not found|No such file|Couldn't load|invalid port|unknown |Invalid target|requires an argument|bad value|failed|unable to initialize|Invalid rule|No chain/;

/** What a note quotes from bash or iptables, without the names of the programs before it. */
function quotations(problem: Problem): string[] {
  const notes = (problem.notes ?? []).filter((note) => note.kind === 'why').map((note) => note.text.replace(/such as: .*$/, ''));
  const patterns = [
    /Bad argument `[^']*'/g,
    /invalid port\/service `[^']*' specified/g,
    /host\/network `[^']*' not found/g,
    /unknown protocol "[^"]*" specified/g,
    /Bad (?:ct)?state "[^"]*"/g,
    /Unknown ICMP type `[^']*'/g,
    /Couldn't load match `[^']*'/g,
    /unexpected EOF while looking for matching `.'/g,
    /unknown reject type "[^"]*"/g,
    /unknown option "[^"]*"/g,
    /no command specified/g,
    /bad rate "[^"]*"'/g,
    /bad value for option "[^"]*", or out of range \([^)]*\)/g,
    /syntax error near unexpected token `[^']*'/g,
    /(?<=bash: )[^\s;]+: (?:command not found|No such file or directory)/g,
    /Couldn't load target `[^']*'/g,
    /iptables-restore: line \d+ failed/g,
    /Invalid target name/g,
    /unable to initialize table 'filter/g,
  ];
  return notes.flatMap((note) => patterns.flatMap((pattern) => note.match(pattern) ?? []));
}

const hits = readCases().filter(({ kind, finds }) => (kind === 'script' || kind === 'save') && finds.length > 0);

describe.skipIf(!usable)('in a namespace', () => {
  test.each(hits.map((one) => [`${one.file}: ${one.title}`, one] as const))('%s', { timeout: 60_000 }, (_, { input, kind }) => {
    const as = kind === 'save' ? 'save' : 'script';
    const { problems } = repairPaste(createSource('case', input), as);
    const before = run(input, as);
    // iptables-restore stops at the first line it refuses.
    const quoted = (as === 'save' ? [...problems].sort((one, other) => one.at.start - other.at.start).slice(0, 1) : problems).flatMap(quotations);
    // iptables names only the first thing it does not like; more than one finding in a command cannot all be heard.
    const commands = new Set(problems.map((problem) => problem.at.source.text.slice(0, problem.at.start).split(/\r?\n/).length));
    if (commands.size === problems.length) for (const words of quoted) expect(before.said).toContain(words);
    const safe = problems.filter((problem) => problem.fixes?.[0]?.applicability === 'safe');
    if (safe.length === 0) return;
    const after = run(applyEdits(input, editsOf(safe)), as);
    if (after.rules !== before.rules) expect(before.said).toMatch(REFUSAL);
    // What is called unsafe only because it is loaded today really is loaded.
    if (safe.length === problems.length && !REFUSAL.test(before.said)) expect(after.rules).toBe(before.rules);
  });
});
