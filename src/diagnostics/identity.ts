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

/** Where each of the four sums of a digest begins. */
const BASES = [0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35];

/**
 * 128 bits as hexadecimal digits: four times FNV-1a with 32 bits over UTF-16 code units, each from another base and well mixed at its end.
 * It tells texts apart that nobody made to be alike; core code has no cryptography. (FNV: draft-eastlake-fnv; the end: MurmurHash3, fmix32)
 */
function digest(text: string): string {
  return BASES.map((base) => {
    let hash = base;
    for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return ((hash ^ (hash >>> 16)) >>> 0).toString(16).padStart(8, '0');
  }).join('');
}
