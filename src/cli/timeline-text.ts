/** Timelines as text: a row for the tries that got in, one for those that did not, and an axis below. */

import { wrapText } from '../report/columns.js';
import type { Style } from '../report/frame.js';
import type { Return, SourceTimeline, Timeline, Try, TryOutcome } from '../simulate/timeline.js';

export interface DrawingOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly paint: (style: Style, text: string) => string;
}

/** Seconds one column may stand for, before they are multiplied with ten. */
const STEPS = [1, 2, 5];
/** Times a column or a mark of the axis may be apart from a minute on: minutes, hours, days. */
const LONG_STEPS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];
const INDENT = '  ';

/** What is drawn for the tries of a row. */
const SIGNS: Readonly<Record<TryOutcome, { readonly sign: string; readonly style: Style }>> = {
  admitted: { sign: '+', style: 'added' },
  matched: { sign: '+', style: 'added' },
  dropped: { sign: 'x', style: 'removed' },
  refused: { sign: 'x', style: 'removed' },
  'not matched': { sign: '-', style: 'dim' },
  unknown: { sign: '?', style: 'warning' },
};
const ORDER: readonly TryOutcome[] = ['admitted', 'matched', 'dropped', 'refused', 'not matched', 'unknown'];

/** All timelines, an empty line between them. */
export function printTimelines(timelines: readonly Timeline[], options: DrawingOptions): string {
  return timelines.map((timeline) => printTimeline(timeline, options)).join('\n');
}

function printTimeline({ limiters, packets, sources, remarks, observes }: Timeline, { width, paint }: DrawingOptions): string {
  const lines: string[] = [];
  for (const { title } of limiters) lines.push(...wrapText(title, width, INDENT).map((line) => paint('bold', line)));
  lines.push(...indented(`tries: ${packets}`, width));
  for (const remark of remarks) lines.push(...indented(`note: ${remark}`, width));
  const rows = sources.flatMap((source) => rowsOf(source, sources.length > 1));
  const label = Math.max(...rows.map((row) => row.label.length), 0);
  const columns = Math.max(20, width - INDENT.length - label - 1);
  const last = Math.max(...sources.flatMap((source) => source.tries.map(({ time }) => time)), 0);
  const scale = scaleFor(last, columns);
  const counts = rows.map(({ tries }) => countsOf(tries, scale));
  const digits = counts.some((row) => [...row.values()].some((count) => count > 1));
  lines.push('');
  for (const [index, row] of rows.entries())
    lines.push(`${INDENT}${row.label.padEnd(label)} ${drawRow(counts[index] ?? new Map<number, number>(), row.outcome, digits, paint)}`.trimEnd());
  lines.push(...axisOf(scale, last).map((line) => paint('dim', `${INDENT}${' '.repeat(label)} ${line}`)));
  lines.push('');
  for (const source of sources) lines.push(...indented(sentence(source, sources.length > 1, observes), width));
  if (digits)
    lines.push(
      ...indented(`a digit is a number of tries, # more than nine; a column is ${secondsText(scale.perColumn)}`, width).map((line) =>
        paint('dim', line),
      ),
    );
  return `${lines.join('\n')}\n`;
}

function indented(text: string, width: number): readonly string[] {
  return wrapText(text, width - INDENT.length, INDENT).map((line) => `${INDENT}${line}`);
}

interface Row {
  readonly label: string;
  readonly outcome: TryOutcome;
  readonly tries: readonly Try[];
}

/** A row for each outcome that occurs; getting in always has one. */
function rowsOf({ name, address, tries }: SourceTimeline, several: boolean): readonly Row[] {
  const present = ORDER.filter((outcome) => tries.some((one) => one.outcome === outcome));
  const shown =
    present.includes('matched') || present.includes('not matched') || present.includes('admitted') ? present : (['admitted', ...present] as const);
  return shown.map((outcome) => ({
    label: several ? `${name ?? address} ${outcome}` : outcome,
    outcome,
    tries: tries.filter((one) => one.outcome === outcome),
  }));
}

/** How times become columns. */
interface Scale {
  /** Seconds. */
  readonly perColumn: number;
  readonly perMark: number;
  readonly columns: number;
}

/** The finest scale on which everything fits. */
function scaleFor(last: number, columns: number): Scale {
  const perColumn = niceFrom(Math.max(last, 0.01) / (columns - 1));
  // A mark and its name take ten columns.
  return { perColumn, perMark: niceFrom(perColumn * 10), columns };
}

/** The smallest time not below one, seconds, that people count in. */
export function niceFrom(least: number): number {
  if (least > 50) return LONG_STEPS.find((step) => step >= least - 1e-9) ?? Math.ceil(least / 86_400) * 86_400;
  const power = 10 ** Math.floor(Math.log10(least));
  for (const step of [...STEPS, 10]) if (step * power >= least - 1e-9) return step * power;
  return 10 * power;
}

function columnOf(time: number, { perColumn }: Scale): number {
  return Math.floor(time / perColumn + 1e-6);
}

function countsOf(tries: readonly Try[], scale: Scale): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { time } of tries) {
    const column = columnOf(time, scale);
    counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return counts;
}

function drawRow(counts: ReadonlyMap<number, number>, outcome: TryOutcome, digits: boolean, paint: DrawingOptions['paint']): string {
  const { sign, style } = SIGNS[outcome];
  const most = Math.max(...counts.keys(), 0);
  const cells = Array.from({ length: most + 1 }, (_, column) => {
    const count = counts.get(column) ?? 0;
    if (count === 0) return ' ';
    return digits ? (count > 9 ? '#' : String(count)) : sign;
  });
  return paint(style, cells.join(''));
}

/** The line with the marks, and the one with their times. */
function axisOf(scale: Scale, last: number): readonly [string, string] {
  const length = columnOf(last, scale) + 1;
  let line = '';
  let names = '';
  for (let mark = 0; ; mark += 1) {
    const column = columnOf(mark * scale.perMark, scale);
    if (column >= length) break;
    line = `${line.padEnd(column, '-')}|`;
    const name = secondsText(mark * scale.perMark);
    if (column + name.length <= scale.columns) names = `${names.padEnd(column)}${name}`;
  }
  return [line.padEnd(length, '-'), names];
}

/** `0.5 s`, `90 s`, `5 min`, `36 h`, `3 d`. */
export function secondsText(seconds: number): string {
  const round = (value: number): string => String(Math.round(value * 1000) / 1000);
  for (const [length, name] of [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const)
    if (seconds >= 2 * length && Number.isInteger(seconds / length)) return `${round(seconds / length)} ${name}`;
  return `${round(seconds)} s`;
}

const WORDS: Readonly<Record<TryOutcome, string>> = {
  admitted: 'admitted',
  dropped: 'dropped',
  refused: 'refused',
  matched: 'matched',
  'not matched': 'not matched',
  unknown: 'that cannot be told',
};

/** What became of a client's tries, in a sentence. */
export function sentence({ name, address, tries, returns }: SourceTimeline, several: boolean, observes: boolean): string {
  const who = several || name !== undefined ? `${name === undefined || name === address ? address : `${name} (${address})`}: ` : '';
  const counts = ORDER.flatMap((outcome) => {
    const found = tries.filter((one) => one.outcome === outcome);
    return found.length === 0 ? [] : [`${String(found.length)} ${WORDS[outcome]}${deciding(found)} (${spansOf(tries, outcome)})`];
  });
  const why = tries.find((one) => one.why !== undefined)?.why;
  return [
    `${who}${String(tries.length)} ${tries.length === 1 ? 'try' : 'tries'}: ${counts.join(', ')}`,
    ...(why === undefined ? [] : [`what becomes of them depends on more than the rules: ${why}`]),
    ...(returns === undefined ? [] : [returnText(returns, observes)]),
  ].join('; ');
}

/** The rule that stopped them all. */
function deciding(tries: readonly Try[]): string {
  if (tries.some(({ outcome }) => outcome !== 'dropped' && outcome !== 'refused')) return '';
  const names = new Set(tries.map(({ by }) => (by === undefined ? 'the policy' : `${by.source}:${String(by.line)}`)));
  return ` by ${[...names].join(' and ')}`;
}

function returnText(returns: Return, observes: boolean): string {
  const gets = observes ? 'the rule matches again' : 'it gets in again';
  if (returns.kind === 'not within')
    return `after the last try ${observes ? 'the rule does not match again' : 'it does not get in again'} within ${secondsText(returns.seconds)}`;
  return `after the last try ${gets} after ${secondsText(returns.silence)} of silence, at ${secondsText(returns.time)}`;
}

/** Spans of a list at most named; the rest is counted. */
const MOST_SPANS = 4;

/** When an outcome was had: `at 0 s and 0.5 s`, `from 1 s to 29.5 s`. Tries one after the other with the same outcome are one span. */
function spansOf(tries: readonly Try[], outcome: TryOutcome): string {
  const spans: { from: number; to: number }[] = [];
  let before: TryOutcome | undefined;
  for (const one of tries) {
    const span = spans.at(-1);
    if (one.outcome === outcome) {
      if (before === outcome && span !== undefined) span.to = one.time;
      else spans.push({ from: one.time, to: one.time });
    }
    before = one.outcome;
  }
  const texts = spans
    .slice(0, MOST_SPANS)
    .map(({ from, to }) => (from === to ? `at ${secondsText(from)}` : `${secondsText(from)} to ${secondsText(to)}`));
  const more = spans.length - texts.length;
  return more === 0 ? texts.join(', ') : `${texts.join(', ')} and ${String(more)} times more`;
}
