/** Cuts a line of an iptables-save dump into words. */

/** Blank, tab, and the CR of a CR LF. */
export function isSaveBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 13;
}

/**
 * Start and end of each word between `from` and `end`, in turn: blanks separate, `"` groups, and `\\` inside of quotes keeps the
 * next character. (iptables: iptables/xshared.c, add_param_to_argv)
 */
export function cutSaveWords(text: string, from: number, end: number): readonly number[] {
  const offsets: number[] = [];
  let at = from;
  while (at < end) {
    while (at < end && isSaveBlank(text.charCodeAt(at))) at += 1;
    if (at >= end) break;
    const start = at;
    let quoted = false;
    for (; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 34) quoted = !quoted;
      else if (code === 92 && quoted) at += 1;
      else if (!quoted && isSaveBlank(code)) break;
    }
    if (at > end) at = end;
    offsets.push(start, at);
  }
  return offsets;
}
