/** What makes a finding the same one after lines above it have come or gone: its check and the text of its line. */

import { lineIndexAt, lineText } from '../text/source.js';
import type { Diagnostic } from './diagnostic.js';

/** The text of the line a finding stands on. Blanks at its ends are left out and those within count as one: indenting changes nothing. */
export function lineOfFinding(finding: Diagnostic): string {
  const { source, start } = finding.at;
  return lineText(source, lineIndexAt(source, start)).trim().replace(/\s+/g, ' ');
}

/**
 * A fingerprint for each finding of a file, in their order: 32 hexadecimal digits that stay the same while path, check and text of the
 * line do, and differ for each of several findings that have these in common.
 */
export function fingerprintsOf(path: string, findings: readonly Diagnostic[]): readonly string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const key = [path, finding.check, lineOfFinding(finding)].join('\0');
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return digest(`${key}\0${String(before)}`);
  });
}

/** FNV-1a with 128 bits over UTF-16 code units. Core code has no cryptography, and none is needed to tell findings apart. (draft-eastlake-fnv) */
function digest(text: string): string {
  const prime = 0x1000000000000000000013bn;
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (let index = 0; index < text.length; index += 1) hash = BigInt.asUintN(128, (hash ^ BigInt(text.charCodeAt(index))) * prime);
  return hash.toString(16).padStart(32, '0');
}
