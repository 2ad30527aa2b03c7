/** `fwlint translate FILE…`: compiles to standard output, reports to standard error. */

import { dumpRuleset, fix, printNft, read, translateAll, type Input } from '../api.js';
import { printNftJson } from '../nft/print-json.js';
import { printTranslationReport, printTranslationReportJson } from '../report/translation.js';
import { printCommands } from '../translate/to-iptables.js';
import { readSource } from './files.js';
import { filesOf, readingOptions, type InputOptions } from './shared.js';
import { widthOf } from './terminal.js';

export interface TranslateCommandOptions extends InputOptions {
  readonly to: 'nft' | 'nft-json' | 'iptables' | 'iptables-save';
  readonly tableName?: string;
  readonly familyOut: 'auto' | 'ip' | 'ip6' | 'inet';
  readonly replace: 'table' | 'flush' | 'none';
  readonly counters: 'keep' | 'drop';
  readonly partial?: true;
  readonly rates: 'meter' | 'exact';
  readonly report: 'text' | 'json';
  readonly simplify?: boolean;
}

/** Runs the command; the result is the exit status. */
export function runTranslate(names: readonly string[], options: TranslateCommandOptions): number {
  const inputs: Input[] = [];
  let failed = false;
  for (const { name, shown } of filesOf(names, options)) {
    const result = readSource(name, shown);
    if (result.kind === 'problem') {
      process.stderr.write(`fwlint: ${result.problem.name}: ${result.problem.reason}\n`);
      failed = true;
      continue;
    }
    inputs.push(read(result.source, readingOptions(options, name)));
  }
  if (failed) return 2;
  const { file, report } = translateAll(inputs, {
    target: options.target,
    rates: options.rates,
    replace: options.replace,
    counters: options.counters,
    partial: options.partial === true,
    ...(options.tableName === undefined ? {} : { tableName: options.tableName }),
  });
  // Only nft can fail to carry a rule; the iptables forms lose what iptables itself refuses.
  const toNft = options.to === 'nft' || options.to === 'nft-json';
  const lost = toNft
    ? report.unsupported > 0
    : report.items.some((item) => item.kind === 'unsupported' && item.reason?.startsWith('iptables refuses') === true);
  if (!lost || options.partial === true) process.stdout.write(output(inputs, options, file));
  if (toNft || lost) {
    process.stderr.write(options.report === 'json' ? printTranslationReportJson(report) : printTranslationReport(report, widthOf(process.stderr)));
    if (lost && options.partial !== true && options.report === 'text')
      process.stderr.write('nothing was written because something would be missing; --partial writes the rest\n');
  }
  return lost ? 1 : 0;
}

function output(inputs: readonly Input[], options: TranslateCommandOptions, file: ReturnType<typeof translateAll>['file']): string {
  switch (options.to) {
    case 'nft':
      return printNft(file, options.target);
    case 'nft-json':
      return printNftJson(file);
    case 'iptables':
      return inputs
        .map((input) => printCommands(input, (source) => fix(source, ['safe', 'unsafe'], readingOptions(options, input.source.name)).source))
        .join('');
    case 'iptables-save':
      return inputs
        .flatMap((input) => [...input.runs.values()].map((run) => dumpRuleset(run.ruleset, { counters: options.counters === 'keep' })))
        .join('');
  }
}
