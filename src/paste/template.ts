/** Files that a program fills in (Jinja, ERB, Go, m4 …), and pages that leave lines out: which words and lines are theirs. */

import { skipBlanks } from './characters.js';

/** A word with `{{ … }}`, `{% … %}`, `<%= … %>`, `<…>` or `[…]` in it, blanks included. */
const WORD =
  /(?:[^\s"'{<[]|\{\{[^{}\r\n]{1,200}\}\}|\{%[^%\r\n]{1,200}%\}|<%[^%\r\n]{1,200}%>|<[A-Za-z][^<>"\r\n]{0,60}>|\[[A-Za-z][\w -]{0,40}\]|[{<[])+/y;

/** Where the word ends that begins at `at`, when a blank within it is one of a template. */
export function templateWordEnd(text: string, at: number, end: number): number | undefined {
  WORD.lastIndex = at;
  const found = WORD.exec(text)?.[0];
  if (found === undefined || !/[ \t]/.test(found)) return undefined;
  const close = at + found.length;
  return close <= end && (close === end || /\s/.test(text.charAt(close))) ? close : undefined;
}

/** `{% if … %}`, `<% end %>`, `{{#if …}}`, `{{ rules }}`, `%{ if … }`: a line that is gone when the file is made. */
const TEMPLATE_LINE = /^(?:\{%.*[%#]\}|\{#.*#\}|<%(?!=).*%>|\{\{.*\}\}|%\{.*\}|<%=[^%]*%>)$/;

/** `...`, `[...]`, `<snip>`, `-- snip --` */
const LEFT_OUT = /^[[(<{*\- \t]*(?:\.{2,}|…|snip(?:ped)?|cut|etc\.?)[\])>}*\- \t.]*$/i;

/** `[root@www ~]# iptables-save`, `$ sudo iptables-save -t nat`, `user@host:~$`: what was typed around a dump that was copied from a terminal. */
const TYPED =
  /^(?:(?:\[?[\w.-]+@[\w.-]+[^#$%>]*|\[[^\]]{1,40}\]\s*)[#$%>](?!.*\bip6?tables(?:-legacy|-nft)?\s(?!.*(?:-S|-L|--list(?:-rules)?)\b)).*|(?:[\w.-]{0,20}[#$%>]\s*)?(?:sudo\s+)?(?:\S*\/)?ip6?tables(?:-legacy|-nft)?-save(?:\s+-\S+(?:\s+\w+)?)*|[$%>])$/;

/** A line that stands in a dump and is no line of one. */
export type StrangeLine = 'template' | 'left out' | 'typed';

/** What the line of a dump from `start` to `end` is that is no line of one; undefined for all others. */
export function strangeLine(text: string, start: number, end: number): StrangeLine | undefined {
  const first = skipBlanks(text, start, end);
  // Nearly all are rules.
  if (text.charCodeAt(first) === 0x2d && text.charCodeAt(first + 1) !== 0x2d) return undefined;
  const line = text.slice(first, end).trim();
  if (TEMPLATE_LINE.test(line)) return 'template';
  if (LEFT_OUT.test(line)) return 'left out';
  return TYPED.test(line) ? 'typed' : undefined;
}

/** `NAME POLICY` of a chain line, where what a template fills in has blanks. */
const CHAIN_LINE = /^:[ \t]*((?:\{\{[^{}]*\}\}|<%=[^%]*%>|[^\s{<]|[{<])+)[ \t]+((?:\{\{[^{}]*\}\}|<%=[^%]*%>|\S)+)/;

/** The name and the policy of a chain line of a template. */
export function chainOfTemplate(line: string): { readonly name: string; readonly policy: string } | undefined {
  const [, name, policy] = CHAIN_LINE.exec(line) ?? [];
  return name === undefined || policy === undefined ? undefined : { name, policy };
}

/** Whether a text may have branches of a template in it. */
export function mayHoldBranches(text: string): boolean {
  return text.includes('{') || text.includes('<%');
}

const QUOTED_OR_NOT = /(?:"(?:[^"\\]|\\.)*"|\{%[^%]*%\}|\{#[^#]*#\}|\{\{[^{}]*\}\}|<%[^%]*%>|[^\s"])+/g;
/** Where a branch or a loop of Jinja, ERB, Go or Handlebars begins, and where it ends. */
const BRANCH_BEGINS = /\{%[-+]?\s*(?:if|for)\b|<%-?\s*(?:if|unless|for)\b|<%[^%]*\bdo\b[^%]*%>|\{\{-?\s*#?(?:if|range|with|each|unless)\s/g;
const BRANCH_ENDS = /\{%[-+]?\s*end(?:if|for)\b|<%-?\s*end\b|\{\{-?\s*(?:end|\/(?:if|each|unless))\s*-?\}\}/g;

/**
 * Whether a line gives a rule options that are only known when the file is made: in a branch of a template (`{% if port %}--dport {{ port }}{% endif %}`), in the next line
 * (`{# -#}`), or as text (`-A INPUT {{ rule }}`). A value that is put together by a loop is one value.
 */
export function holdsBranches(line: string): boolean {
  if (/\{#/.test(line)) return true;
  const words = line.match(QUOTED_OR_NOT) ?? [];
  if (words.some((word) => (word.match(BRANCH_BEGINS)?.length ?? 0) !== (word.match(BRANCH_ENDS)?.length ?? 0))) return true;
  return words.some((word, index) => /^"?(?:\{\{|<%=)/.test(word) && index > 1 && !/^-|^!$|[,=]$/.test(words[index - 1] ?? ''));
}
