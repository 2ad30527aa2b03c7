/** What text nft can carry between quotes: log prefixes, comments, interface names. nft knows no escape for a quote. */

/** Where the text stands. */
export type QuotedPlace = 'log prefix' | 'comment';

/**
 * The longest text in UTF-8 bytes. Log prefix: NF_LOG_PREFIXLEN is 128 with the closing NUL.
 * Comment: NFTNL_UDATA_COMMENT_MAXLEN is 128. Both measured with nft 1.0.6, which refuses one byte more.
 */
const LONGEST: Readonly<Record<QuotedPlace, number>> = { 'log prefix': 127, comment: 128 };

/** What had to change so that nft takes a text. */
export type TextLoss =
  /** `"` became `'`. */
  | 'quote'
  /** `$` became `S`: nft reads it as a variable in log prefixes, and where a variable smuggles one in, the listing nft saves cannot be loaded again. */
  | 'dollar'
  /** A line break or another control character became a space. */
  | 'control character'
  /** The end was cut off. */
  | 'length';

/** A text as nft can carry it, and what was lost on the way; nothing lost means the text is the same. */
export interface CarriedText {
  readonly text: string;
  readonly losses: readonly TextLoss[];
}

const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f]+/g;

/** Whether nft carries the text unchanged. */
export function isQuotable(place: QuotedPlace, text: string): boolean {
  if (text.includes('"') || CONTROL.test(text)) return false;
  if (place === 'log prefix' && text.includes('$')) return false;
  const longest = LONGEST[place];
  // UTF-8 takes at most three bytes for each UTF-16 unit.
  return text.length * 3 <= longest || utf8Length(text) <= longest;
}

/** The text, changed as little as nft needs, with every change named. */
export function carriedText(place: QuotedPlace, text: string): CarriedText {
  if (isQuotable(place, text)) return { text, losses: [] };
  const losses: TextLoss[] = [];
  let carried = text;
  if (carried.includes('"')) {
    carried = carried.replaceAll('"', "'");
    losses.push('quote');
  }
  if (place === 'log prefix' && carried.includes('$')) {
    carried = carried.replaceAll('$', 'S');
    losses.push('dollar');
  }
  if (CONTROL.test(carried)) {
    carried = carried.replace(CONTROLS, ' ');
    losses.push('control character');
  }
  if (utf8Length(carried) > LONGEST[place]) {
    carried = cutToBytes(carried, LONGEST[place]);
    losses.push('length');
  }
  return { text: carried, losses };
}

/** Bytes of the text in UTF-8; a lone surrogate counts as the three bytes of U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += characterBytes(character);
  return bytes;
}

function characterBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

/** The longest beginning of whole characters that fits. */
function cutToBytes(text: string, limit: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += characterBytes(character);
    if (bytes > limit) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** The longest name of a network device in bytes: IFNAMSIZ is 16 with the closing NUL. */
const LONGEST_INTERFACE = 15;

/**
 * The text of an interface name for nft's quotes, where a last `*` matches any ending: `eth*` for a
 * wildcard, `eth\*` for a device that is really called `eth*`. Undefined where nft cannot say it:
 * the empty name, the wildcard alone (it matches every name; leave the match out), more than 15 bytes,
 * a quote, a real last `*` after a backslash or in a name that fills all 15 bytes with it
 * (nft drops every backslash of such a text, xstrunescape() in utils.c, and counts the escape as a byte).
 */
export function interfaceText(name: string, wildcard: boolean): string | undefined {
  if (name === '' || name.includes('"') || CONTROL.test(name) || name.includes('\n')) return undefined;
  if (wildcard) {
    if (utf8Length(name) > LONGEST_INTERFACE - 1 || name.endsWith('\\')) return undefined;
    return name + '*';
  }
  if (!name.endsWith('*')) return utf8Length(name) > LONGEST_INTERFACE ? undefined : name;
  if (utf8Length(name) > LONGEST_INTERFACE - 1 || name.includes('\\')) return undefined;
  return name.slice(0, -1) + '\\*';
}
