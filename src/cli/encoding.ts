/** Bytes of a file → text, and back without changing a byte that no repair touched. */

/** How the bytes of a file are read. `mixed`: neither; what is no UTF-8 was replaced and cannot be written back. */
export type Encoding = 'utf-8' | 'windows-1252' | 'mixed';

export type Decoded =
  { readonly kind: 'text'; readonly text: string; readonly encoding: Encoding } | { readonly kind: 'problem'; readonly reason: string };

/** What the bytes 0x80 to 0x9f stand for. The five that stand for nothing are kept as control characters. (encoding.spec.whatwg.org) */
const HIGH_CONTROLS =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f' +
  '\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';

/** Bytes looked at to tell text from something else. */
const SAMPLE_BYTES = 8192;

/**
 * Reads bytes as UTF-8, or as Windows-1252 (which has Latin-1 in it) when nothing above ASCII is UTF-8: old scripts and web pages are
 * one or the other, and the dashes and quotes of Windows-1252 are as wrong in a command as those of Unicode.
 */
export function decodeBytes(bytes: Buffer): Decoded {
  const reason = whyNoText(bytes);
  if (reason !== undefined) return { kind: 'problem', reason };
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd') || Buffer.from(text, 'utf8').equals(bytes)) return { kind: 'text', text, encoding: 'utf-8' };
  if (/[\u0080-\ufffc\ufffe\uffff]/.test(text)) return { kind: 'text', text, encoding: 'mixed' };
  const decoded = bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (character) => HIGH_CONTROLS.charAt(character.charCodeAt(0) - 0x80));
  return { kind: 'text', text: decoded, encoding: 'windows-1252' };
}

/** The bytes of a text; undefined when the encoding has no bytes for one of its characters. */
export function encodeText(text: string, encoding: Exclude<Encoding, 'mixed'>): Buffer | undefined {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  const bytes = Buffer.alloc(text.length);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const high = HIGH_CONTROLS.indexOf(text.charAt(index));
    if (high !== -1) bytes[index] = 0x80 + high;
    else if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) bytes[index] = code;
    else return undefined;
  }
  return bytes;
}

/** A few NULs or control characters in a text are damage to be reported; many are no text. */
function whyNoText(bytes: Buffer): string | undefined {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  let even = 0;
  let odd = 0;
  let controls = 0;
  sample.forEach((byte, index) => {
    if (byte === 0) {
      if (index % 2 === 0) even += 1;
      else odd += 1;
    }
    if (byte < 0x09 || (byte > 0x0d && byte < 0x20 && byte !== 0x1b)) controls += 1;
  });
  const wide = sample.length >= 8 && (even * 3 > sample.length || odd * 3 > sample.length);
  if (mark === 0xfffe || mark === 0xfeff || (wide && even * 8 < odd) || (wide && odd * 8 < even))
    return 'is UTF-16 text, which no shell reads; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)';
  if (controls >= 32 && controls * 20 > sample.length) return 'is not a text file';
  return undefined;
}
