/** Cuts an iptables-save dump into lines and their words, by hand: a dump of a hundred thousand rules has two million words. */

/** One line. Offsets are in the text cut; words come as pairs of start and end. */
export interface SaveLine {
  readonly kind: 'blank' | 'comment' | 'table' | 'chain' | 'commit' | 'rule';
  /** Without leading and trailing blanks. */
  readonly start: number;
  readonly end: number;
  /** Where the next line begins. */
  readonly next: number;
  readonly offsets: readonly number[];
  /** `[packets:bytes]` before a rule. */
  readonly counters?: { readonly packets: number; readonly bytes: number };
  /** The rule has `iptables` or `ip6tables` in front, as in a script. */
  readonly program: boolean;
}

const NO_WORDS: readonly number[] = [];

/** The line that begins at `from`. */
export function cutSaveLine(text: string, from: number): SaveLine {
  let end = text.indexOf('\n', from);
  const next = end === -1 ? text.length : end + 1;
  if (end === -1) end = text.length;
  let start = from;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  if (start === end) return { kind: 'blank', start, end, next, offsets: NO_WORDS, program: false };
  const first = text.charCodeAt(start);
  if (first === 35) return { kind: 'comment', start, end, next, offsets: NO_WORDS, program: false };
  if (first === 42) return { kind: 'table', start, end, next, offsets: NO_WORDS, program: false };
  if (first === 58) return { kind: 'chain', start, end, next, offsets: cutWords(text, start + 1, end), program: false };
  if (text.startsWith('COMMIT', start) && end - start === 6) return { kind: 'commit', start, end, next, offsets: NO_WORDS, program: false };
  let wordsFrom = start;
  let counters: SaveLine['counters'];
  if (first === 91) {
    const close = text.indexOf(']', start);
    const found = close === -1 || close > end ? null : /^\[(\d+):(\d+)\]$/.exec(text.slice(start, close + 1));
    if (found !== null) {
      counters = { packets: Number(found[1]), bytes: Number(found[2]) };
      wordsFrom = close + 1;
    }
  }
  const offsets = cutWords(text, wordsFrom, end);
  const program = (first === 105 || first === 47) && /^(?:\S*\/)?ip6?tables(?:-legacy|-nft)?$/.test(text.slice(offsets[0], offsets[1]));
  return { kind: 'rule', start, end, next, offsets, program, ...(counters === undefined ? {} : { counters }) };
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}

/** Words between blanks; `"` groups, and `\` inside of it keeps the next character. (iptables: xshared.c, add_param_to_argv) */
function cutWords(text: string, from: number, end: number): readonly number[] {
  const offsets: number[] = [];
  let at = from;
  while (at < end) {
    while (at < end && isBlank(text.charCodeAt(at))) at += 1;
    if (at >= end) break;
    const start = at;
    let quoted = false;
    for (; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 34) quoted = !quoted;
      else if (code === 92 && quoted) at += 1;
      else if (!quoted && isBlank(code)) break;
    }
    if (at > end) at = end;
    offsets.push(start, at);
  }
  return offsets;
}
