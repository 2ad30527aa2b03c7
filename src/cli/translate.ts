/** `fwlint translate FILE…`: compiles to standard output, reports to standard error. */

import {
  dumpRuleset,
  fix,
  joinFamilies,
  printNftParts,
  read,
  createRulePrinter,
  translateAll,
  translateInto,
  translateScripts,
  type Family,
  type Input,
  type Options,
  type ReportItem,
  type Target,
  type TranslateOptions,
  type Translation,
  type TranslationReport,
} from '../api.js';
import { programOfFamily } from '../extensions/define.js';
import type { NftFile } from '../nft/ir.js';
import { isUsableName } from '../nft/names.js';
import { lostInJson, printNftJson, type JsonLoss } from '../nft/print-json.js';
import { printTranslationReport, printTranslationReportJson } from '../report/translation.js';
import type { RecentClock } from '../translate/recent/state.js';
import { hasNames } from '../translate/script.js';
import { STANDARD_OPTIONS } from '../translate/translate.js';
import { isOnlyUnread, printCommands } from '../translate/to-iptables.js';
import { readNamed } from './files.js';
import { filesOf, type InputOptions } from './input-options.js';
import { UsageProblem } from './options.js';
import { startProgress, type Progress } from './progress.js';
import { readingOptions } from './reading.js';
import { readRecentState } from './recent-state.js';
import { widthOf } from './terminal.js';
import { standardError, standardOutput } from './output.js';

export interface TranslateCommandOptions extends InputOptions {
  readonly to: 'nft' | 'nft-json' | 'iptables' | 'iptables-save';
  readonly tableName?: string;
  readonly familyOut: 'auto' | 'ip' | 'ip6' | 'inet';
  readonly replace?: TranslateOptions['replace'];
  readonly counters?: TranslateOptions['counters'];
  readonly partial?: true;
  readonly rates?: TranslateOptions['rates'];
  readonly report: 'text' | 'json';
  readonly simplify?: boolean;
  readonly recentState?: string;
  readonly recentClock?: RecentClock;
}

/** Runs the command; the result is the exit status. */
export async function runTranslate(names: readonly string[], options: TranslateCommandOptions): Promise<number> {
  const wrong = wrongCombination(options);
  if (wrong !== undefined) throw new UsageProblem(wrong);
  const tasks = filesOf(names, options).map((file) => ({ ...file, reading: readingOptions(options, file.name) }));
  const progress = await startProgress(tasks.map(({ name }) => name));
  let compiled: Compiled | undefined;
  try {
    compiled = compile(tasks, options, progress);
  } finally {
    progress.end();
  }
  if (compiled === undefined) return 2;
  const { inputs, print, report } = compiled;
  const complete = report.unsupported === 0;
  if (complete || options.partial === true) {
    if (writesNft(options)) for (const part of print()) standardOutput.write(part);
    else if (options.to === 'iptables') standardOutput.write(inputs.map(printCommands).join(''));
    else standardOutput.write(dumps(inputs, options.counters === 'keep'));
  }
  standardError.write(options.report === 'json' ? printTranslationReportJson(report) : printTranslationReport(report, widthOf(standardError)));
  if (!complete && options.partial !== true && options.report === 'text')
    standardError.write('nothing was written because something would be missing; --partial writes the rest\n');
  return complete ? 0 : 1;
}

/** A file to be read, and how. `shown`: its name for people. */
interface Task {
  readonly name: string;
  readonly shown: string;
  readonly reading: Options;
}

interface Compiled extends Output {
  readonly inputs: readonly Input[];
}

/** Reads and compiles the files; undefined when one cannot be read, which is said. */
function compile(tasks: readonly Task[], options: TranslateCommandOptions, progress: Progress): Compiled | undefined {
  const remarks: string[] = [];
  const inputs: Input[] = [];
  for (const { name, shown, reading } of tasks) {
    const result = readNamed(name, shown, (text) => remarks.push(text));
    progress.step();
    if (result === undefined) continue;
    const repaired = options.to === 'iptables' ? fix(result.source, ['safe', 'unsafe'], reading).source : result.source;
    inputs.push(ofFamily(read(repaired, reading), options.familyOut, remarks));
  }
  // A ruleset with a file missing is another ruleset.
  if (inputs.length < tasks.length) return undefined;
  checkFamilies(inputs, options);
  checkTables(inputs, options);
  const target = commonTarget(tasks);
  const chosen: TranslateOptions = {
    target,
    rates: options.rates ?? STANDARD_OPTIONS.rates,
    replace: options.replace ?? STANDARD_OPTIONS.replace,
    counters: options.counters ?? STANDARD_OPTIONS.counters,
    partial: options.partial === true,
    ...(options.tableName === undefined ? {} : { tableName: options.tableName }),
    ...(options.recentState === undefined
      ? {}
      : { recentState: readRecentState(options.recentState, options.recentClock, target, (text) => remarks.push(text)) }),
  };
  // Only JSON needs the rules as trees.
  const joined = options.familyOut === 'inet';
  const { print, report } = options.to === 'nft-json' ? toJson(inputs, chosen, joined) : toText(inputs, chosen, joined);
  return { inputs, print, report: addRemarks(writesNft(options) ? report : reportOfIptables(report, inputs, options), remarks) };
}

interface Output {
  /** The text, in parts. */
  readonly print: () => readonly string[];
  readonly report: TranslationReport;
}

/** Whether an input says more than its rules: loops, comments and names of values, which are kept. */
function comesFromScript(input: Input): boolean {
  return input.kind === 'script' || hasNames(input);
}

/** `joined`: the tables of both families as tables of `inet`. */
function toText(inputs: readonly Input[], options: TranslateOptions, joined: boolean): Output {
  const isScript = inputs.some(comesFromScript);
  if (isScript || joined) {
    const translation = isScript ? translateScripts(inputs, { ...options, names: true }) : translateAll(inputs, options);
    const { file, report } = joined ? withJoinedFamilies(translation, options.target) : translation;
    return { print: () => printNftParts(file, options.target), report };
  }
  const { file, report } = translateInto(inputs, options, () => createRulePrinter(options.target));
  return { print: () => printNftParts(file, options.target), report };
}

function toJson(inputs: readonly Input[], options: TranslateOptions, joined: boolean): Output {
  const translation = inputs.some(comesFromScript) ? translateScripts(inputs, { ...options, names: false }) : translateAll(inputs, options);
  const { file, report } = joined ? withJoinedFamilies(translation, options.target) : translation;
  return { print: () => [printNftJson(file, options.target)], report: addRemarks(report, jsonRemarks(file, options.target)) };
}

/** What the JSON says otherwise than the text would, with the first places. */
function jsonRemarks(file: NftFile, target: Target): readonly string[] {
  const places = new Map<JsonLoss['kind'], string[]>();
  for (const { kind, place } of lostInJson(file, target)) places.set(kind, [...(places.get(kind) ?? []), place]);
  return [...places].map(([kind, all]) => {
    const more = all.length - PLACES_SHOWN;
    return `${LOST_IN_JSON[kind]}: ${all.slice(0, PLACES_SHOWN).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  });
}

const PLACES_SHOWN = 3;

const LOST_IN_JSON: Readonly<Record<JsonLoss['kind'], string>> = {
  'part of a second': 'JSON counts times in whole seconds, so these are rounded up and up to a second longer than the text says',
  'map update': 'nft before 1.1.3 refuses this in JSON, though not as text',
  'socket mark': 'nft refuses this in JSON, though not as text',
  secmark: 'nft before 1.0.6 refuses this in JSON, though not as text',
  'auto-merge': 'nft before 1.1.3 passes over `auto-merge` in JSON and refuses elements that overlap',
};

function withJoinedFamilies({ file, report }: Translation, target: Target): Translation {
  const joined = joinFamilies(file, target);
  return { file: joined.file, report: { ...report, remarks: [...report.remarks, ...joined.remarks] } };
}

function writesNft(options: TranslateCommandOptions): boolean {
  return options.to === 'nft' || options.to === 'nft-json';
}

/** Why options contradict each other, or undefined. What would be left unheeded is refused. */
function wrongCombination(options: TranslateCommandOptions): string | undefined {
  if (options.recentClock !== undefined && options.recentState === undefined) return '--recent-clock goes with --recent-state';
  if (writesNft(options)) return undefined;
  if (options.tableName !== undefined) return `--table-name names an nft table: it does not go with --to ${options.to}`;
  if (options.recentState !== undefined) return `--recent-state fills sets of nft: it does not go with --to ${options.to}`;
  if (options.replace !== undefined) return `--replace is about what nft has loaded: it does not go with --to ${options.to}`;
  if (options.rates !== undefined) return `--rates is about rules of nft: it does not go with --to ${options.to}`;
  if (options.familyOut === 'inet') return `--family-out inet is about tables of nft: it does not go with --to ${options.to}`;
  if (options.to === 'iptables' && options.counters !== undefined)
    return '--counters does not go with --to iptables: commands have the counters they are written with';
  if (options.to === 'iptables' && options.familyOut !== 'auto')
    return '--family-out does not go with --to iptables: the commands stay where they stand';
  return undefined;
}

/** The input with the rules of one family only, as --family-out asks. */
function ofFamily(input: Input, family: TranslateCommandOptions['familyOut'], remarks: string[]): Input {
  if (family === 'auto' || family === 'inet') return input;
  const left = [...input.runs.keys()].filter((other) => other !== family);
  for (const other of left) remarks.push(`${input.source.name}: the ${programOfFamily(other)} rules are left out, as --family-out ${family} asks`);
  return { ...input, runs: new Map([...input.runs].filter(([other]) => other === family)) };
}

function familiesOf(inputs: readonly Input[]): ReadonlySet<Family> {
  return new Set(inputs.flatMap((input) => [...input.runs.keys()]));
}

function checkFamilies(inputs: readonly Input[], options: TranslateCommandOptions): void {
  const families = familiesOf(inputs);
  if ((options.familyOut === 'ip' || options.familyOut === 'ip6') && !families.has(options.familyOut))
    throw new UsageProblem(
      `--family-out ${options.familyOut}: there are no ${programOfFamily(options.familyOut)} rules (a rule of one family cannot become one of the other; --family says what a dump is for)`,
    );
  if (options.to === 'iptables-save' && families.size > 1)
    throw new UsageProblem('iptables and ip6tables rules need a dump each: --family-out ip writes the one, --family-out ip6 the other');
}

/** Rules that would meet in one table, or in one dump, that are not of one table. */
function checkTables(inputs: readonly Input[], options: TranslateCommandOptions): void {
  if (options.tableName !== undefined && !isUsableName('table', options.tableName, inputs[0]?.target.nft))
    throw new UsageProblem(
      `--table-name takes a name nft can use: letters, digits and \`_\`, a letter first, no word of its own (got \`${options.tableName}\`)`,
    );
  for (const family of familiesOf(inputs)) {
    const tables = inputs.flatMap((input) => [...(input.runs.get(family)?.ruleset.tables.keys() ?? [])]);
    const names = new Set(tables);
    if (options.tableName !== undefined && names.size > 1)
      throw new UsageProblem(
        `--table-name is for rules of one table; these are in ${[...names].join(', ')}, and their chains of the same name cannot stand in one nft table`,
      );
    if (options.to === 'iptables-save' && names.size < tables.length)
      throw new UsageProblem('several files have rules for the same table: a dump of each would undo the one before it; translate them one by one');
  }
}

/** The host all files are for. */
function commonTarget(tasks: readonly { readonly shown: string; readonly reading: { readonly target?: Target } }[]): Target {
  const targets = tasks.map(({ reading }) => reading.target ?? {});
  const [first = {}] = targets;
  const text = (target: Target): string => JSON.stringify(Object.entries(target).sort(([left], [right]) => (left < right ? -1 : 1)));
  const other = targets.findIndex((target) => text(target) !== text(first));
  if (other !== -1)
    throw new UsageProblem(
      `${tasks[0]?.shown ?? ''} and ${tasks[other]?.shown ?? ''} are for different hosts (\`target\` in fwlint.json): translate them one by one, or say --target`,
    );
  return first;
}

/** What iptables loads, it carries over exactly; what it refuses is lost, and in a dump what fwlint does not read. */
function reportOfIptables(report: TranslationReport, inputs: readonly Input[], options: TranslateCommandOptions): TranslationReport {
  const refused = new Set(inputs.flatMap((input) => [...input.runs.values()].flatMap((run) => [...run.refused])));
  const isLost = ({ kind, command }: ReportItem): boolean => {
    if (kind !== 'unsupported') return false;
    if (command === undefined) return true;
    return refused.has(command) && !(options.to === 'iptables' && isOnlyUnread(command));
  };
  const items = report.items.filter(isLost);
  return { total: report.total, exact: report.total - items.length, approximate: 0, unsupported: items.length, items, remarks: [] };
}

function addRemarks(report: TranslationReport, remarks: readonly string[]): TranslationReport {
  return { ...report, remarks: [...remarks, ...report.remarks] };
}

function dumps(inputs: readonly Input[], counters: boolean): string {
  return inputs.flatMap((input) => [...input.runs.values()].map((run) => dumpRuleset(run.ruleset, { counters }))).join('');
}
