/** Rules back to text: as iptables-save prints them, and as a shell takes them. */

import type { Extension, Family, OptionTable } from '../extensions/define.js';
import { oncePer } from '../text/once-per.js';
import type { RuleSpec, Use } from './command.js';

/** The words of one use as iptables-save prints them, without its `-m name` or `-j name`. */
export function printUse(use: Use, family: Family): readonly string[] {
  const { extension } = use;
  if (extension.print !== undefined) return extension.print(use.given, family);
  const words: string[] = [];
  for (const [name, spec] of Object.entries(extension.options as OptionTable)) {
    const given = use.given[name];
    if (given === undefined) continue;
    if (given.negated) words.push('!');
    words.push(`--${name}`);
    if (spec.value === undefined) continue;
    const text = spec.value.print(given.value, family);
    if (spec.words === 2) words.push(...text.split(' '));
    else words.push(text);
  }
  return words;
}

/** The name iptables-save prints for an extension. */
function savedName(extension: Extension): string {
  return extension.name;
}

/** A rule as iptables-save prints it after `-A CHAIN`. */
export function printRule(rule: RuleSpec, family: Family): string {
  const words: string[] = [...savedWords(rule.base, family)];
  for (const use of rule.matches) words.push('-m', savedName(use.extension), ...savedWords(use, family));
  const { action } = rule;
  if (action?.kind === 'chain') words.push(action.goto ? '-g' : '-j', quoteSaveWord(action.name.text));
  else if (action !== undefined) words.push('-j', savedName(action.use.extension), ...savedWords(action.use, family));
  return words.join(' ');
}

/** The words of one use, in quotes where iptables-save puts them. */
function savedWords(use: Use, family: Family): readonly string[] {
  const words = printUse(use, family);
  const quotes = quotedOptions(use.extension);
  return words.map((word, index) => {
    const quoting = quotes.get(words[index - 1] ?? '');
    if (quoting === undefined) return quoteSaveWord(word);
    // Extensions that put the quotes themselves leave an apostrophe as it is. (iptables: extensions/libxt_string.c, print_string)
    if (quoting === 'always') return `"${word.replace(/["\\]/g, '\\$&')}"`;
    return /^[A-Za-z0-9_-]+$/.test(word) ? word : inQuotes(word);
  });
}

/** The options of an extension whose argument is text, as iptables-save spells them. */
const quotedOptions = oncePer((extension: Extension): ReadonlyMap<string, 'if needed' | 'always'> => {
  const made = new Map<string, 'if needed' | 'always'>();
  for (const [name, { value }] of Object.entries(extension.options as OptionTable)) {
    const quoting = value?.saveQuotes ?? (value?.free === true ? 'if needed' : undefined);
    if (quoting !== undefined) made.set(`--${name}`, quoting);
  }
  return made;
});

/**
 * Quotes a word as iptables-save does: `"` around anything but letters, digits and a few signs, `\` before quotes and backslashes.
 * Words fwlint's printers make themselves (addresses, rates, options) never need it.
 * (iptables: libxtables/xtables.c, xtables_save_string)
 */
export function quoteSaveWord(word: string): string {
  if (/^[A-Za-z0-9_.,:/@%+=!~^*?[\]()<>#&;|{}$-]+$/.test(word)) return word;
  return inQuotes(word);
}

function inQuotes(word: string): string {
  return `"${word.replace(/["\\']/g, '\\$&')}"`;
}

/** A word as a POSIX shell takes it. */
export function quoteShellWord(word: string): string {
  if (/^[A-Za-z0-9_.,:/@%+=-]+$/.test(word)) return word;
  if (word === '!') return word;
  if (!/[$`"\\!]/.test(word) && word !== '') return `"${word}"`;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
