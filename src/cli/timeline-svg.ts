/** Timelines as one picture: for each client a line of time, with strokes upwards for tries that got in and downwards for those that did not. */

import { wrapText } from '../report/columns.js';
import type { SourceTimeline, Timeline, TryOutcome } from '../simulate/timeline.js';
import { niceFrom, secondsText, sentence } from './timeline-text.js';

/** Units of the picture's own coordinates; it scales to any size. */
const WIDTH = 900;
const MARGIN = 24;
const PLOT_LEFT = 150;
const PLOT_WIDTH = WIDTH - PLOT_LEFT - MARGIN;
const LANE = 76;
/** Height of the strokes of one lane, for its highest column. */
const STROKE = 26;
const TITLE_LINE = 20;
const NOTE_LINE = 17;
/** Characters of a line of text at 13 units, of a font whose widths are not known. */
const TITLE_CHARACTERS = 105;
const NOTE_CHARACTERS = 118;
/** Columns tries are counted in; narrower ones would run together. */
const COLUMNS = 240;
/** Times named below a line at most. */
const MARKS = 8;

const UPWARDS: readonly TryOutcome[] = ['admitted', 'matched'];
const UNKNOWN: readonly TryOutcome[] = ['unknown'];

/** Colours that differ in brightness and to colour-blind eyes, on light and dark ground. */
const STYLE = `
  svg { color-scheme: light dark; font: 13px system-ui, sans-serif; }
  .ground { fill: #ffffff; }
  .text { fill: #1b1b1b; }
  .title { font-weight: 600; }
  .faint { fill: #595959; }
  .line { stroke: #8a8a8a; stroke-width: 1; }
  .in { fill: #0b6e99; }
  .out { fill: #c2410c; }
  .open { fill: none; stroke: #8a8a8a; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #16181d; }
    .text { fill: #ececec; }
    .faint { fill: #a8a8a8; }
    .line { stroke: #7a7a7a; }
    .in { fill: #5ab4dc; }
    .out { fill: #fb8a4c; }
    .open { stroke: #a8a8a8; }
  }
`;

/** A picture of all timelines, as the text of an SVG file. */
export function drawPicture(timelines: readonly Timeline[]): string {
  const parts: string[] = [];
  let top = MARGIN;
  for (const timeline of timelines) {
    const { lines, height } = drawTimeline(timeline, top);
    parts.push(...lines);
    top += height + MARGIN;
  }
  const height = Math.max(top, 2 * MARGIN);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(height)}" width="${String(WIDTH)}" height="${String(height)}" role="img" aria-labelledby="fwlint-title fwlint-text">`,
    '<title id="fwlint-title">Tries over time, and which of them get in</title>',
    `<desc id="fwlint-text">${escaped(timelines.flatMap(({ sources, observes }) => sources.map((source) => sentence(source, sources.length > 1, observes))).join('. '))}</desc>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${String(WIDTH)}" height="${String(height)}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

interface Drawn {
  readonly lines: readonly string[];
  readonly height: number;
}

function drawTimeline({ limiters, packets, sources, remarks, observes }: Timeline, top: number): Drawn {
  const lines: string[] = ['<g>'];
  let y = top;
  const write = (text: string, characters: number, height: number, style: string): void => {
    for (const line of wrapText(text, characters, '')) {
      y += height;
      lines.push(textAt(MARGIN, y, line, style));
    }
  };
  for (const { title } of limiters) write(title, TITLE_CHARACTERS, TITLE_LINE, 'text title');
  write(`tries: ${packets}`, NOTE_CHARACTERS, NOTE_LINE, 'faint');
  for (const remark of remarks) write(`note: ${remark}`, NOTE_CHARACTERS, NOTE_LINE, 'faint');
  y += 8;
  const last = Math.max(...sources.flatMap((source) => source.tries.map(({ time }) => time)), 0.01);
  for (const source of sources) {
    lines.push(...drawLane(source, y, last, observes, sources.length > 1));
    y += LANE;
  }
  lines.push(...drawAxis(y, last));
  y += 26;
  for (const source of sources) write(sentence(source, sources.length > 1, observes), NOTE_CHARACTERS, NOTE_LINE, 'text');
  lines.push('</g>');
  return { lines, height: y - top };
}

function drawLane({ name, address, tries }: SourceTimeline, top: number, last: number, observes: boolean, several: boolean): readonly string[] {
  const middle = top + LANE / 2;
  const [up, down] = observes ? ['matched', 'not matched'] : ['admitted', wordBelow(tries)];
  const lines = [
    ...(several || name !== undefined ? [textAt(MARGIN, middle + 4, shortened(name ?? address), 'text title')] : []),
    textAt(PLOT_LEFT - 8, middle - 10, up, 'faint', 'end'),
    textAt(PLOT_LEFT - 8, middle + 20, down, 'faint', 'end'),
    `<line class="line" x1="${String(PLOT_LEFT)}" x2="${String(PLOT_LEFT + PLOT_WIDTH)}" y1="${number(middle)}" y2="${number(middle)}"/>`,
  ];
  const counts = { in: countsOf(tries, last, UPWARDS), open: countsOf(tries, last, UNKNOWN), out: countsOf(tries, last, undefined) };
  const most = Math.max(1, ...Object.values(counts).flatMap((column) => [...column.values()]));
  const column = PLOT_WIDTH / COLUMNS;
  for (const [style, found] of Object.entries(counts))
    for (const [index, count] of found) {
      // One try alone is still seen beside a burst.
      const height = Math.max(4, (STROKE * count) / most);
      const x = PLOT_LEFT + index * column;
      const y = style === 'in' ? middle - 1 - height : style === 'open' ? middle - height / 2 : middle + 1;
      lines.push(`<rect class="${style}" x="${number(x)}" y="${number(y)}" width="${number(column * 0.8)}" height="${number(height)}"/>`);
    }
  return lines;
}

function wordBelow(tries: SourceTimeline['tries']): string {
  const found = [...new Set(tries.map(({ outcome }) => outcome))].filter((outcome) => outcome === 'dropped' || outcome === 'refused');
  return found.length === 1 ? (found[0] ?? '') : 'stopped';
}

/** Tries by column; those of the outcomes named, or of all others than they. */
function countsOf(tries: SourceTimeline['tries'], last: number, outcomes: readonly TryOutcome[] | undefined): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { time, outcome } of tries) {
    if (outcomes === undefined ? UPWARDS.includes(outcome) || UNKNOWN.includes(outcome) : !outcomes.includes(outcome)) continue;
    const column = Math.min(COLUMNS - 1, Math.floor((time / last) * (COLUMNS - 1) + 1e-9));
    counts.set(column, (counts.get(column) ?? 0) + 1);
  }
  return counts;
}

function drawAxis(top: number, last: number): readonly string[] {
  const lines: string[] = [];
  const step = niceFrom(last / MARKS);
  const length = PLOT_WIDTH * ((COLUMNS - 1) / COLUMNS);
  for (let time = 0; time <= last * 1.0001; time += step) {
    const x = PLOT_LEFT + (time / last) * length;
    lines.push(
      `<line class="line" x1="${number(x)}" x2="${number(x)}" y1="${number(top - 6)}" y2="${number(top)}"/>`,
      textAt(x, top + 14, secondsText(time), 'faint', time === 0 ? 'start' : time > last * 0.95 ? 'end' : 'middle'),
    );
  }
  return lines;
}

function textAt(x: number, y: number, text: string, style: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return `<text class="${style}" x="${number(x)}" y="${number(y)}"${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}>${escaped(text)}</text>`;
}

function shortened(text: string): string {
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML, without the characters it cannot hold. (XML 1.0, section 2.2) */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
}
