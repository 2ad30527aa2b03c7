/** What the package exports: lint, fix and translate, text in and data out. */

export { CHECKS } from './checks/index.js';
export type { Check } from './checks/define.js';
export type { CheckSelection, Silenced } from './checks/run.js';
export type { Applicability, Diagnostic, Edit, Fix, Label, Note, Severity } from './diagnostics/diagnostic.js';
export type { Family, Target } from './extensions/define.js';
export type { Input, InputKind } from './input/input.js';
export { fix, lint, read, type FixResult, type LintResult, type Options } from './lint/lint.js';
export { createRulePrinter, printNft, printNftParts } from './nft/print-text.js';
export { listUnknowns, type Unknowns, type UnknownValue } from './input/unknowns.js';
export { dumpRuleset } from './ruleset/dump.js';
export { readPattern, type PatternResult } from './simulate/pattern.js';
export { drawUp, type Timeline } from './simulate/timeline.js';
export { createSource, positionAt, type Position, type Source, type Span } from './text/source.js';
export { STANDARD_OPTIONS, translate, translateAll, translateInto, type TranslateOptions, type Translation } from './translate/translate.js';
export { joinFamilies, type JoinedFile } from './translate/join-families.js';
export { translateScripts, type ScriptOptions } from './translate/script.js';
export type { ReportItem, TranslationReport } from './translate/report.js';
