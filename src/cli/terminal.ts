/** What the terminal can show: width and colours. */

import type { Style } from '../report/frame.js';

export type ColorMode = 'auto' | 'always' | 'never';

const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  error: [31, 39],
  warning: [33, 39],
  info: [36, 39],
  hint: [90, 39],
  bold: [1, 22],
  dim: [2, 22],
  main: [31, 39],
  label: [34, 39],
  added: [32, 39],
  removed: [31, 39],
};

/** Whether to colour: NO_COLOR and FORCE_COLOR are honoured (no-color.org, force-color.org). */
export function usesColor(mode: ColorMode, stream: { readonly isTTY?: boolean }): boolean {
  if (mode !== 'auto') return mode === 'always';
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

/** A painter for a stream. */
export function createPaint(color: boolean): (style: Style, text: string) => string {
  if (!color) return (_, text) => text;
  return (style, text) => {
    const [on, off] = CODES[style];
    return `\u001b[${String(on)}m${text}\u001b[${String(off)}m`;
  };
}

/** Columns to write in: the terminal's, 80 when it has none, never less than 60 nor more than 120. */
export function widthOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  return stream.isTTY === true && stream.columns !== undefined ? Math.min(120, Math.max(60, stream.columns)) : 80;
}
