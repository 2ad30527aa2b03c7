/** Files that a program fills in (Jinja, ERB, Go, m4 …), and pages that leave lines out: which words and lines are theirs. */

import { skipBlanks } from './characters.js';

/** A word with `{{ … }}`, `<%= … %>`, `<…>` or `[…]` in it, blanks included. */
const WORD = /(?:[^\s"'{<[]|\{\{[^{}\r\n]{1,200}\}\}|<%[^%\r\n]{1,200}%>|<[A-Za-z][^<>"\r\n]{0,60}>|\[[A-Za-z][\w -]{0,40}\]|[{<[])+/y;

/** Where the word ends that begins at `at`, when a blank within it is one of a template. */
export function templateWordEnd(text: string, at: number, end: number): number | undefined {
  WORD.lastIndex = at;
  const found = WORD.exec(text)?.[0];
  if (found === undefined || !/[ \t]/.test(found)) return undefined;
  const close = at + found.length;
  return close <= end && (close === end || /\s/.test(text.charAt(close))) ? close : undefined;
}

/** `{% if … %}`, `<% end %>`, `{{#if …}}`, `{{ rules }}`, `%{ if … }`: a line that is gone when the file is made. */
const TEMPLATE_LINE = /^(?:\{%.*%\}|\{#.*#\}|<%(?!=).*%>|\{\{.*\}\}|%\{.*\}|<%=[^%]*%>)$/;

/** `...`, `[...]`, `<snip>`, `-- snip --` */
const LEFT_OUT = /^[[(<{*\- \t]*(?:\.{2,}|…|snip(?:ped)?|cut|etc\.?)[\])>}*\- \t.]*$/i;

/** What the line of a dump from `start` to `end` is that is no line of one; undefined for all others. */
export function strangeLine(text: string, start: number, end: number): 'template' | 'left out' | undefined {
  const first = skipBlanks(text, start, end);
  // Nearly all are rules.
  if (text.charCodeAt(first) === 0x2d && text.charCodeAt(first + 1) !== 0x2d) return undefined;
  const line = text.slice(first, end).trim();
  if (TEMPLATE_LINE.test(line)) return 'template';
  return LEFT_OUT.test(line) ? 'left out' : undefined;
}
