/**
 * Scripts → nftables: what a script says beyond its rules is kept: names of values, comments, loops as sets. Dumps that leave values open come here, too, others
 * go past this file.
 */

import { compareVersions } from '../extensions/define.js';
import type { Input } from '../input/input.js';
import type { Command } from '../iptables/command.js';
import type { NftRule, NftTable } from '../nft/ir.js';
import { spanText } from '../text/source.js';
import { companionRemarks } from './companions.js';
import { foldLoops, type MadeRule } from './loops.js';
import { askOpenValues, differenceOf, hasOpenValues, leaveOpen, remarkOnOpenValues, withOpenSets, type OpenValues } from './open-values.js';
import type { ReportItem, TranslationReport } from './report.js';
import { commentsAbove } from './source-comments.js';
import { createStandIns, replaceInText, standInsIn } from './stand-ins.js';
import { translateInto, type TranslateOptions, type Translation } from './translate.js';
import { hasLookups, nameShown, nameValues, replaceStandIns, type NamedValue, type NamedValues } from './variables.js';

export interface ScriptOptions extends TranslateOptions {
  /** Values that are known keep the names they have in the script (`$LAN`); not for JSON, which has no names. */
  readonly names: boolean;
}

/** Whether a dump has names that only the host knows, or leaves values open. */
export function hasNames(input: Input): boolean {
  return hasOpenValues(input) || hasLookups(input);
}

/** The first nft that was seen to take values on its command line; 0.9.8 does not. (measured) */
const KNOWS_DEFINE = '1.0.6';

/** How often values are taken back that cannot stand under their names, before none has a name. */
const MOST_PASSES = 4;

/** Compiles inputs of which some are scripts. Never throws. */
export function translateScripts(inputs: readonly Input[], options: ScriptOptions): Translation {
  let excluded: ReadonlySet<string> = new Set();
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const nextStandIn = createStandIns(inputs);
    const open = leaveOpen(inputs, excluded, nextStandIn);
    const named = open.inputs.map((input): NamedValues => (options.names ? nameValues(input, excluded, nextStandIn) : { input, values: [] }));
    if (open.values.length === 0 && open.policies.size === 0 && named.every(({ values }) => values.length === 0)) break;
    const result = translateNamed(named, open, options);
    if (result.lost.size === 0) return result.translation;
    excluded = new Set([...excluded, ...result.lost]);
  }
  return translateNamed(
    inputs.map((input) => ({ input, values: [] })),
    { inputs, values: [], ofCommand: new Map(), policies: new Map() },
    options,
  ).translation;
}

/** `lost`: names of values that did not come through as they are: somebody looked into them. */
function translateNamed(
  named: readonly NamedValues[],
  open: OpenValues,
  options: ScriptOptions,
): { readonly translation: Translation; readonly lost: ReadonlySet<string> } {
  const inputs = named.map(({ input }) => input);
  const values = named.flatMap((one) => one.values);
  const openByStandIn = new Map(open.values.map((value) => [value.standIn, value]));
  const seen = new Set<string>();
  const comments = commentsAbove(inputs);
  const shownBy = new Map([
    ...values.map((value) => [value.standIn, nameShown(value)] as const),
    ...open.values.map(({ standIn, shown }) => [standIn, shown] as const),
  ]);
  const { file, report } = translateInto(inputs, options, () => {
    const rules: MadeRule[] = [];
    return {
      add: (rule, origin) => {
        const { made, met } = replaceStandIns(askOpenValues(withShown(rule, shownBy), openByStandIn, open.ofCommand.get(origin as Command)), values);
        for (const standIn of met) seen.add(standIn);
        rules.push({ rule: made, origin });
      },
      all: () => foldLoops(rules.splice(0)).map(({ rule, origin }) => withComments(rule, comments.get(origin as Command))),
    };
  });
  const shown = file.tables.map((table) => ({ ...table, chains: table.chains.map((chain) => withShown(chain, shownBy)) }));
  const asked = shown.map(setsAsked);
  const tables = shown.map((table, index) => withOpenSets(table, asked[index] ?? new Set(), open.values));
  const left = standInsIn(JSON.stringify(shown));
  const lost = new Set([
    ...values.filter(({ standIn }) => !seen.has(standIn) || left.has(standIn)).map(({ key }) => key),
    // A set of the rules that has the name already would be taken for it.
    ...open.values
      .filter(({ name, standIn }) => left.has(standIn) || file.tables.some(({ sets }) => sets.some((set) => set.name === name)))
      .map(({ key }) => key),
  ]);
  const waiting = withOpenRules(report, open);
  const items = waiting.items.map((item): ReportItem => ({
    ...item,
    rule: replaceInText(item.rule, shownBy),
    ...(item.reason === undefined ? {} : { reason: replaceInText(item.reason, shownBy) }),
  }));
  const missing = values.filter(({ kind, value }) => kind === 'variable' && value === undefined);
  const knowsDefine = options.target.nft === undefined || compareVersions(options.target.nft, KNOWS_DEFINE) >= 0;
  const head =
    missing.length === 0
      ? []
      : [`These have to be set before the file is loaded: \`define NAME = VALUE\` here${knowsDefine ? ', or `nft -D NAME=VALUE -f FILE`' : ''}.`];
  const remarks = [
    ...(missing.length === 0
      ? []
      : [
          `${missing.map(({ name }) => `$${name}`).join(', ')} ${missing.length === 1 ? 'has' : 'have'} to be set before the file is loaded: ${knowsDefine ? 'nft -D NAME=VALUE -f FILE' : '`define NAME = VALUE` in the file'}`,
        ]),
    ...lookupRemarks(values),
    ...remarkOnOpenValues(open.values),
    ...inputs.flatMap(companionRemarks),
  ];
  return {
    lost,
    translation: {
      file: {
        ...file,
        tables,
        comments: [...file.comments, ...head, ...missing.map(({ name, written }) => `define ${name} = …    ${written}`)],
        defines: [...file.defines, ...values.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]))],
      },
      report: { ...waiting, items, remarks: [...report.remarks, ...remarks] },
    },
  };
}

/** What nft looks up, and how that differs from what iptables does. */
function lookupRemarks(values: readonly NamedValue[]): readonly string[] {
  const names = values.filter(({ kind }) => kind === 'lookedUp').map(({ name, written }) => `\`${name}\` (${written})`);
  if (names.length === 0) return [];
  return [
    `nft looks up ${names.join(', ')} when it loads the file, as iptables does, and refuses the file where a name is not known or a host has several addresses`,
  ];
}

function withComments(rule: NftRule, above: readonly string[] | undefined): NftRule {
  return above === undefined ? rule : { ...rule, comments: [...above, ...(rule.comments ?? [])] };
}

/** A rule or chain whose comments, such as those on rules that are not carried over, show the values as they are written. */
function withShown<Commented extends { readonly comments?: readonly string[] }>(one: Commented, shownBy: ReadonlyMap<string, string>): Commented {
  return one.comments === undefined ? one : { ...one, comments: one.comments.map((comment) => replaceInText(comment, shownBy)) };
}

/** The names of the sets and maps that rules ask. */
function setsAsked({ chains }: NftTable): ReadonlySet<string> {
  return new Set([...JSON.stringify(chains).matchAll(/"kind":"setReference","name":"([^"]+)"/g)].map(([, name = '']) => name));
}

/** The report with the rules and policies whose values are open: they are there, and wait. */
function withOpenRules(report: TranslationReport, { ofCommand, policies }: OpenValues): TranslationReport {
  const rest = new Map(ofCommand);
  const items = report.items.map((item): ReportItem => {
    const uses = item.command === undefined ? undefined : rest.get(item.command);
    if (uses === undefined || item.command === undefined) return item;
    rest.delete(item.command);
    return item.kind === 'unsupported' ? item : { ...item, reason: `${differenceOf(uses)}; ${item.reason ?? ''}` };
  });
  const more = [...rest].map(([command, uses]): ReportItem => ({
    kind: 'approximate',
    at: command.at,
    rule: spanText(command.at),
    reason: differenceOf(uses),
    command,
  }));
  const waiting = [...policies].map(([command, reason]): ReportItem => ({
    kind: 'approximate',
    at: command.at,
    rule: spanText(command.at),
    reason,
    command,
  }));
  return {
    ...report,
    total: report.total + waiting.length,
    exact: report.exact - more.length,
    approximate: report.approximate + more.length + waiting.length,
    items: [...items, ...more, ...waiting].sort((left, right) => left.at.start - right.at.start),
  };
}
