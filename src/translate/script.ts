/** Scripts → nftables: what a script says beyond its rules is kept: names of values, comments, loops as sets. Dumps without names go past this file. */

import type { Input } from '../input/input.js';
import type { Command } from '../iptables/command.js';
import type { NftRule, NftTable } from '../nft/ir.js';
import { companionRemarks } from './companions.js';
import { foldLoops, type MadeRule } from './loops.js';
import type { ReportItem } from './report.js';
import { commentsAbove } from './source-comments.js';
import { translateInto, type TranslateOptions, type Translation } from './translate.js';
import { nameShown, nameValues, replaceStandIns, type NamedValue, type NamedValues } from './variables.js';

export interface ScriptOptions extends TranslateOptions {
  /** Values keep the names they have in the script (`$LAN`); not for JSON, which has no names. */
  readonly names: boolean;
}

/** How often values are taken back that cannot stand under their names, before none has a name. */
const MOST_PASSES = 4;

/** Compiles inputs of which some are scripts. Never throws. */
export function translateScripts(inputs: readonly Input[], options: ScriptOptions): Translation {
  let excluded: ReadonlySet<string> = new Set();
  for (let pass = 0; options.names && pass < MOST_PASSES; pass += 1) {
    const named = inputs.map((input) => nameValues(input, excluded));
    if (named.every(({ values }) => values.length === 0)) break;
    const result = translateNamed(named, options);
    if (result.lost.size === 0) return result.translation;
    excluded = new Set([...excluded, ...result.lost]);
  }
  return translateNamed(
    inputs.map((input) => ({ input, values: [] })),
    options,
  ).translation;
}

/** `lost`: names of values that did not come through as they are: somebody looked into them. */
function translateNamed(
  named: readonly NamedValues[],
  options: ScriptOptions,
): { readonly translation: Translation; readonly lost: ReadonlySet<string> } {
  const inputs = named.map(({ input }) => input);
  const values = named.flatMap((one) => one.values);
  const seen = new Set<string>();
  const comments = commentsAbove(inputs);
  const { file, report } = translateInto(inputs, options, () => {
    const rules: MadeRule[] = [];
    return {
      add: (rule, origin) => {
        const { made, met } = replaceStandIns(rule, values);
        for (const standIn of met) seen.add(standIn);
        rules.push({ rule: made, origin });
      },
      all: () => foldLoops(rules).map(({ rule, origin }) => withComments(rule, comments.get(origin as Command))),
    };
  });
  const lost = new Set(values.filter(({ standIn }) => !seen.has(standIn) || isLeft(file.tables, standIn)).map(({ key }) => key));
  const told = (text: string): string => values.reduce((changed, value) => changed.replaceAll(value.standIn, nameShown(value)), text);
  const items = report.items.map((item): ReportItem => ({
    ...item,
    rule: told(item.rule),
    ...(item.reason === undefined ? {} : { reason: told(item.reason) }),
  }));
  const missing = values.filter(({ kind, value }) => kind === 'variable' && value === undefined);
  const head =
    missing.length === 0 ? [] : ['These have to be set before the file is loaded: `define NAME = VALUE` here, or `nft -D NAME=VALUE -f FILE`.'];
  const remarks = [
    ...(missing.length === 0
      ? []
      : [
          `${missing.map(({ name }) => `$${name}`).join(', ')} ${missing.length === 1 ? 'has' : 'have'} to be set before the file is loaded: nft -D NAME=VALUE -f FILE`,
        ]),
    ...lookupRemarks(values),
    ...inputs.flatMap(companionRemarks),
  ];
  return {
    lost,
    translation: {
      file: {
        ...file,
        comments: [...file.comments, ...head, ...missing.map(({ name, written }) => `define ${name} = …    ${written}`)],
        defines: [...file.defines, ...values.flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]))],
      },
      report: { ...report, items, remarks: [...report.remarks, ...remarks] },
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

/** Whether a stand-in is still somewhere in the tables, in a set or within a text. */
function isLeft(tables: readonly NftTable[], standIn: string): boolean {
  return tables.some((table) => new RegExp(`(?<![\\w.])${standIn.replaceAll('.', '\\.')}(?![\\w.])`).test(JSON.stringify(table)));
}
