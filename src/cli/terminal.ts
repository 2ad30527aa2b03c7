/** What the terminal can show: width, colours and links. */

import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

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

/** Columns to write in: the terminal's, or what COLUMNS says where there is none, or 80; never less than 60 nor more than 120. */
export function widthOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): number {
  // A shell may have handed on what its window was before it was resized: the terminal knows better. (POSIX, 8.3 Other Environment Variables)
  const columns = (stream.isTTY === true && stream.columns) || Number(process.env['COLUMNS']) || 80;
  return Math.min(120, Math.max(60, columns));
}

/** Whether a terminal makes links of OSC 8; FORCE_HYPERLINK overrules. Those that do not would mostly leave it out, some would print it. */
function showsLinks(stream: { readonly isTTY?: boolean }): boolean {
  const { FORCE_HYPERLINK, TERM = '', TERM_PROGRAM = '', VTE_VERSION, WT_SESSION, KONSOLE_VERSION, CI } = process.env;
  if (FORCE_HYPERLINK !== undefined && FORCE_HYPERLINK !== '') return FORCE_HYPERLINK !== '0';
  if (stream.isTTY !== true || CI !== undefined || TERM === 'dumb') return false;
  if (WT_SESSION !== undefined || KONSOLE_VERSION !== undefined || /^(?:xterm-kitty|alacritty|foot|xterm-ghostty)/.test(TERM)) return true;
  // VTE is the terminal of GNOME, Xfce and others; since 0.50 it knows them.
  return Number(VTE_VERSION ?? 0) >= 5000 || ['iTerm.app', 'WezTerm', 'vscode', 'ghostty', 'Hyper'].includes(TERM_PROGRAM);
}

/** What makes a link to the page of a check of its name, which comes with the program; undefined where a link would not be one. */
export function createLink(stream: { readonly isTTY?: boolean }): ((check: string, text: string) => string) | undefined {
  const pages = join(__dirname, '../docs/checks');
  if (!showsLinks(stream) || !existsSync(pages)) return undefined;
  return (check, text) => {
    const url = pathToFileURL(join(pages, `${check}.md`));
    url.hostname = hostname();
    return `\u001b]8;;${url.href}\u001b\\${text}\u001b]8;;\u001b\\`;
  };
}
