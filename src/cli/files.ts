/** Reading inputs and writing repaired files. */

import { readFileSync, renameSync, statSync, unlinkSync, writeFileSync, realpathSync } from 'node:fs';

import { createSource, type Source } from '../text/source.js';

/** A file that cannot be read or written: exit status 2, the other files are still looked at. */
export interface FileProblem {
  readonly name: string;
  readonly reason: string;
}

export type FileResult = { readonly kind: 'source'; readonly source: Source } | { readonly kind: 'problem'; readonly problem: FileProblem };

/** Largest input, bytes: enough for a dump of some millions of rules, and below what a string can hold. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Reads a file; `-` is standard input. Bytes that are no UTF-8 become U+FFFD: they are kept apart in place, never lost in number. */
export function readSource(name: string, shownName: string): FileResult {
  try {
    if (name !== '-') {
      const status = statSync(name);
      if (status.isDirectory()) return { kind: 'problem', problem: { name, reason: 'is a directory' } };
      if (status.size > MAX_BYTES) return { kind: 'problem', problem: { name, reason: `is larger than ${String(MAX_BYTES / 1024 / 1024)} MiB` } };
    }
    const bytes = readFileSync(name === '-' ? 0 : name);
    if (bytes.includes(0)) {
      const reason =
        bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
          ? 'is UTF-16 text; save it as UTF-8'
          : '';
      if (reason !== '') return { kind: 'problem', problem: { name: shownName, reason } };
    }
    return { kind: 'source', source: createSource(shownName, bytes.toString('utf8')) };
  } catch (error) {
    return { kind: 'problem', problem: { name: shownName, reason: reasonOf(error) } };
  }
}

/** What the system said, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'is a directory';
    case 'EAGAIN':
      return 'nothing to read';
    case 'ENOSPC':
      return 'no space left on the device';
    case 'EROFS':
      return 'the file system is read-only';
    default:
      return typeof code === 'string' ? code : error instanceof Error ? error.message : 'cannot be read';
  }
}

/** Writes a repaired file: beside it first, then in its place, so that a break never leaves half a file. */
export function writeSource(name: string, text: string): FileProblem | undefined {
  try {
    const target = realpathSync(name);
    const temporary = `${target}.fwlint-${String(process.pid)}`;
    const { mode } = statSync(target);
    try {
      writeFileSync(temporary, text, { mode, flag: 'wx' });
      renameSync(temporary, target);
    } catch (error) {
      try {
        unlinkSync(temporary);
      } catch {
        // it was never made
      }
      throw error;
    }
    return undefined;
  } catch (error) {
    return { name, reason: reasonOf(error) };
  }
}
