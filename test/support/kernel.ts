/** Asks the real iptables and nft, and the kernel behind them, in throw-away network namespaces; many cases per process. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Whether this machine can run a kind of test, and if not, why not, in words for a person. */
export type Availability = { readonly available: true } | { readonly available: false; readonly why: string };

/** Whether a machine that cannot run a test fails it instead of skipping it: `FWLINT_REQUIRE_KERNEL=1`. */
export const kernelRequired = process.env['FWLINT_REQUIRE_KERNEL'] === '1';

/** The Python that runs the namespaces: the distribution's before any other, for a shim in front of it costs 100 ms a call. */
export const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** Which kernel interface an iptables talks to. */
export type Backend = 'legacy' | 'nft';

/** `ip` is iptables, `ip6` is ip6tables. */
export type Family = 'ip' | 'ip6';

/** The three programs of one iptables: their names or paths. */
export interface IptablesPrograms {
  readonly command: string;
  readonly save: string;
  readonly restore: string;
}

/** An iptables to ask: the installed one by its backend, or the programs of another version (support/versions.ts). */
export type Iptables = Backend | ((family: Family) => IptablesPrograms);

/** One program to run in a session. */
export interface Step {
  readonly argv: readonly string[];
  /** What it reads from standard input. */
  readonly stdin?: string;
}

/** What became of a step. */
export interface StepResult {
  /** The exit status; minus the signal if one ended it; 127 if it could not be started; 124 if it ran out of time. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines the kernel wrote to its log meanwhile, if they were asked for. */
  readonly kernelLog?: readonly string[];
}

/** How sessions are run. */
export interface SessionOptions {
  /** Also collect the kernel log. Then sessions run one after the other, and only one such run at a time on the machine. */
  readonly kernelLog?: boolean;
  /** Seconds a step may take. Default 20. */
  readonly timeout?: number;
}

const runner = fileURLToPath(new URL('../kernel/runner.py', import.meta.url));

/** The path of a program on PATH or in the administrator's folders, which are not on everybody's. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Says that something is missing: the first of these programs that is not there. */
export function missingProgram(names: readonly string[]): string | undefined {
  return names.find((name) => findProgram(name) === undefined);
}

let kernelAnswer: Availability | undefined;

/** Whether rulesets can be loaded here: root, a network namespace, Python, iptables of both kinds, and nft. */
export function kernelAvailable(): Availability {
  kernelAnswer ??= askKernel();
  return kernelAnswer;
}

function askKernel(): Availability {
  if (process.platform !== 'linux') return { available: false, why: `needs Linux, this is ${process.platform}` };
  if (process.getuid?.() !== 0) return { available: false, why: 'needs root, to make network namespaces' };
  const missing = missingProgram(['python3', 'unshare', 'nft', 'iptables-legacy', 'iptables-nft', 'ip6tables-legacy']);
  if (missing !== undefined) return { available: false, why: `${missing} is not installed` };
  const tried = spawnSync('unshare', ['--net', 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
  if (tried.status !== 0) return { available: false, why: `no network namespace here: ${tried.stderr.trim()}` };
  return { available: true };
}

/** Milliseconds a test of this kind may take: the machine may be busy with others. */
const patience = 60_000;

/**
 * Declares tests that need something of the machine. Where it is missing they are skipped, with the reason in the title
 * and on standard error, or, under FWLINT_REQUIRE_KERNEL=1, replaced by one test that fails with it.
 */
export function describeWhen(availability: Availability, title: string, declare: () => void): void {
  if (availability.available) describe(title, { timeout: patience }, declare);
  else reportMissing(availability.why, title);
}

function reportMissing(why: string, title: string): void {
  if (kernelRequired) {
    test(title, () => {
      expect.fail(`FWLINT_REQUIRE_KERNEL=1, but this test cannot run here: ${why}`);
    });
  } else {
    console.warn(`skipped: ${title}: ${why}`);
    test.skip(`${title} (${why})`, () => undefined);
  }
}

/** A group of tests that load rulesets. See describeWhen. */
export function describeKernel(title: string, declare: () => void): void {
  describeWhen(kernelAvailable(), title, declare);
}

/** One test that loads rulesets. `timeout` in milliseconds. See describeWhen. */
export function testKernel(title: string, body: () => Promise<void> | void, timeout?: number): void {
  testWhen(kernelAvailable(), title, body, timeout);
}

/** One test that needs something of the machine. `timeout` in milliseconds. See describeWhen. */
export function testWhen(availability: Availability, title: string, body: () => Promise<void> | void, timeout = patience): void {
  if (availability.available) test(title, body, timeout);
  else reportMissing(availability.why, title);
}

/**
 * Runs sessions: each has a fresh network namespace, in which its steps run in order, whatever their exit status.
 * Costs about 2 ms a step, plus 70 ms once. Rejects if the runner itself fails.
 */
export async function runSessions(sessions: readonly (readonly Step[])[], options: SessionOptions = {}): Promise<readonly (readonly StepResult[])[]> {
  if (sessions.length === 0) return [];
  const job = { sessions, workers: availableParallelism(), ...options };
  const answer = await runPython(runner, JSON.stringify(job));
  return (JSON.parse(answer) as { readonly sessions: StepResult[][] }).sessions;
}

/** Runs a Python script on a text and returns what it wrote; rejects with its standard error if it fails. */
export function runPython(script: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, ['-B', script], { stdio: ['pipe', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(new Error(`${script}: exit status ${status}\n${Buffer.concat(errors).toString('utf8')}`));
    });
    // A script that ends early closes the pipe; its standard error says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** The programs of an iptables for a family. */
export function iptablesPrograms(iptables: Iptables, family: Family): IptablesPrograms {
  if (typeof iptables === 'function') return iptables(family);
  const command = `${family}tables-${iptables}`;
  return { command, save: `${command}-save`, restore: `${command}-restore` };
}

/** What a list of commands did: each result, and the dump of all tables afterwards. */
export interface CommandsResult {
  readonly commands: readonly StepResult[];
  /** `iptables-save` after the last command. */
  readonly dump: string;
}

/** Runs iptables commands, each given without the program's name, in order in one fresh namespace. */
export async function iptablesCommands(iptables: Iptables, family: Family, commands: readonly (readonly string[])[]): Promise<CommandsResult> {
  const [result] = await iptablesCommandsBatch(iptables, family, [commands]);
  return result as CommandsResult;
}

/** iptablesCommands for many lists, each in a namespace of its own. */
export async function iptablesCommandsBatch(
  iptables: Iptables,
  family: Family,
  lists: readonly (readonly (readonly string[])[])[],
  options: SessionOptions = {},
): Promise<readonly CommandsResult[]> {
  const programs = iptablesPrograms(iptables, family);
  const sessions = lists.map((commands) => [...commands.map((words) => ({ argv: [programs.command, ...words] })), { argv: [programs.save] }]);
  const results = await runSessions(sessions, options);
  return results.map((steps) => ({ commands: steps.slice(0, -1), dump: stripComments(steps.at(-1)?.stdout ?? '') }));
}

/** `iptables-save` text without its comment lines, which name the time. */
export function stripComments(dump: string): string {
  return dump.replace(/^#.*\n?/gm, '');
}

/** What `iptables-restore` made of a dump. */
export interface LoadResult {
  readonly status: number;
  readonly stderr: string;
  /** `iptables-save` afterwards, without comments; after a failure, what is there in spite of it. */
  readonly dump: string;
}

/** Loads a dump in a fresh namespace and dumps it again. `table` limits the second dump. */
export async function loadSave(iptables: Iptables, family: Family, text: string, table?: string): Promise<LoadResult> {
  const [result] = await loadSaveBatch(iptables, family, [text], table);
  return result as LoadResult;
}

/** loadSave for many dumps, each in a namespace of its own. */
export async function loadSaveBatch(iptables: Iptables, family: Family, texts: readonly string[], table?: string): Promise<readonly LoadResult[]> {
  const programs = iptablesPrograms(iptables, family);
  const save = table === undefined ? [programs.save] : [programs.save, '-t', table];
  const results = await runSessions(texts.map((text) => [{ argv: [programs.restore], stdin: text }, { argv: save }]));
  return results.map(([restore, dump]) => ({
    status: restore?.status ?? 127,
    stderr: restore?.stderr ?? '',
    dump: stripComments(dump?.stdout ?? ''),
  }));
}

/** A rule to try alone: appended to `chain` of `table` in a fresh namespace. */
export interface RuleCase {
  readonly table: string;
  readonly chain: string;
  /** Commands that have to succeed first, without the program's name: `['-N', 'LOGGING']`. Their table is given in them. */
  readonly setup?: readonly (readonly string[])[];
  /** Other programs to run first, with their names: `['ipset', 'create', …]`. */
  readonly prepare?: readonly (readonly string[])[];
  /** The words of the rule, after `-A CHAIN`. */
  readonly args: readonly string[];
}

/**
 * Who refused a rule: iptables (its parser, an extension's checks, or because of what is not there), or the kernel, for
 * which iptables only has the error number. `undefined`: nobody.
 */
export type Refuser = 'iptables' | 'kernel' | undefined;

/** What became of a rule. */
export interface RuleResult {
  readonly status: number;
  readonly stderr: string;
  readonly refusedBy: Refuser;
  /** The lines of the chain in `iptables-save` afterwards, `-A CHAIN …` each; none if the rule was refused. */
  readonly rules: readonly string[];
  /** The kernel's log meanwhile, if it was asked for. */
  readonly kernelLog?: readonly string[];
  /** What a command of `setup` or `prepare` that failed said. Then the rule was tried all the same. */
  readonly setupError?: string;
}

/** Tries rules one by one, each in a fresh namespace. */
export async function isolatedRules(
  iptables: Iptables,
  family: Family,
  cases: readonly RuleCase[],
  options: SessionOptions = {},
): Promise<readonly RuleResult[]> {
  const programs = iptablesPrograms(iptables, family);
  const sessions = cases.map((rule) => [
    ...(rule.prepare ?? []).map((argv) => ({ argv })),
    ...(rule.setup ?? []).map((words) => ({ argv: [programs.command, ...words] })),
    { argv: [programs.command, '-t', rule.table, '-A', rule.chain, ...rule.args] },
    { argv: [programs.save, '-t', rule.table] },
  ]);
  const results = await runSessions(sessions, options);
  return results.map((steps, index) => ruleResult(cases[index] as RuleCase, steps));
}

function ruleResult(rule: RuleCase, steps: readonly StepResult[]): RuleResult {
  const [append, save] = steps.slice(-2) as [StepResult, StepResult];
  const failedSetup = steps.slice(0, -2).find((step) => step.status !== 0);
  const lines = save.stdout.split('\n');
  const chainExists = lines.some((line) => line.startsWith(`:${rule.chain} `));
  return {
    status: append.status,
    stderr: append.stderr,
    refusedBy: refusedBy(append, chainExists),
    rules: lines.filter((line) => line.startsWith(`-A ${rule.chain} `) || line === `-A ${rule.chain}`),
    ...(append.kernelLog === undefined ? {} : { kernelLog: append.kernelLog }),
    ...(failedSetup === undefined ? {} : { setupError: failedSetup.stderr || `exit status ${failedSetup.status}` }),
  };
}

/** What libiptc says about the ruleset it has read, before it asks the kernel anything (libiptc/libiptc.c, iptc_strerror). */
const rulesetErrors = /Bad rule|Chain already exists|Bad built-in chain name|Directory not empty|Too many links|Index of|is not a valid/;

/**
 * Who refused a command, from its exit status and its message. iptables leaves with 2 (wrong words) or 3 (table or
 * version), and names itself with its version; what the kernel refuses is 1 with only the text of the error number
 * (legacy), or 4 with the netlink operation that failed (nft). `chainExists` decides about "No chain/target/match by that name",
 * which legacy says for a chain that is not there and for a match the kernel does not have.
 */
export function refusedBy(result: StepResult, chainExists: boolean): Refuser {
  if (result.status === 0) return undefined;
  if (/[A-Z]+_[A-Z]+ failed \(|Could not process rule/.test(result.stderr)) return 'kernel';
  if (result.status !== 1 || rulesetErrors.test(result.stderr)) return 'iptables';
  if (!chainExists && result.stderr.includes('No chain/target/match by that name')) return 'iptables';
  return /^\w+: /m.test(result.stderr.replace(/^Warning:.*$/gm, '')) ? 'kernel' : 'iptables';
}

/** What nft said to a ruleset. */
export interface NftResult {
  readonly status: number;
  readonly stderr: string;
}

/** What nft said, and the ruleset as `nft list ruleset` shows it afterwards. */
export interface NftLoadResult extends NftResult {
  readonly listing: string;
}

/** Asks `nft --check` whether it would load a ruleset. `binary`: another nft. */
export async function nftCheck(text: string, binary?: string): Promise<NftResult> {
  const [result] = await nftCheckBatch([text], binary);
  return result as NftResult;
}

/** nftCheck for many rulesets, each in a namespace of its own. */
export async function nftCheckBatch(texts: readonly string[], binary = 'nft'): Promise<readonly NftResult[]> {
  const results = await runSessions(texts.map((text) => [{ argv: [binary, '-c', '-f', '-'], stdin: text }]));
  return results.map(([check]) => ({ status: check?.status ?? 127, stderr: check?.stderr ?? '' }));
}

/** Loads a ruleset and lists it. `binary`: another nft. */
export async function nftLoad(text: string, binary?: string): Promise<NftLoadResult> {
  const [result] = await nftLoadBatch([text], binary);
  return result as NftLoadResult;
}

/** nftLoad for many rulesets, each in a namespace of its own. */
export async function nftLoadBatch(texts: readonly string[], binary = 'nft'): Promise<readonly NftLoadResult[]> {
  const sessions = texts.map((text) => [{ argv: [binary, '-f', '-'], stdin: text }, { argv: [binary, 'list', 'ruleset'] }]);
  const results = await runSessions(sessions);
  return results.map(([load, list]) => ({
    status: load?.status ?? 127,
    stderr: load?.stderr ?? '',
    listing: list?.stdout ?? '',
  }));
}
