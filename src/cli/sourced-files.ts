/** The files a script sources, read from its own folder and those the user allows. Nothing else is opened. */

import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

import type { Options } from '../lint/lint.js';
import { createSource, type Source } from '../text/source.js';
import { decodeBytes } from './encoding.js';
import { isWithin } from './files.js';

/** Largest file, bytes: far beyond what people write by hand. */
const MAX_BYTES = 4 * 1024 * 1024;

/** All files one script sources, bytes. */
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;

/**
 * Gives what `script` may source: files in its folder and below, and in the folders allowed. Links are followed first, so none leads out of them.
 * Standard input (undefined) has no folder. A file that is not there, too large, or no text is not known.
 */
export function createSourceReader(script: string | undefined, allowed: readonly string[]): NonNullable<Options['readFile']> {
  let folders: readonly string[] | undefined;
  const read = new Map<string, Source | undefined>();
  let total = 0;
  return (file, from) => {
    if (file === '' || file.includes('\0') || (script === undefined && !isAbsolute(file))) return undefined;
    const name = isAbsolute(file) ? file : join(dirname(from.name), file);
    folders ??= [...(script === undefined ? [] : [dirname(resolve(script))]), ...allowed].flatMap((folder) => realPath(folder) ?? []);
    const path = realPath(name);
    if (path === undefined || !folders.some((folder) => isWithin(folder, path))) return undefined;
    if (!read.has(path)) {
      const bytes = readBytes(path, Math.min(MAX_BYTES, MAX_TOTAL_BYTES - total));
      const decoded = bytes === undefined ? undefined : decodeBytes(bytes);
      total += bytes?.length ?? 0;
      read.set(path, decoded === undefined || decoded.kind === 'problem' ? undefined : createSource(name, decoded.text));
    }
    return read.get(path);
  };
}

function realPath(name: string): string | undefined {
  try {
    return realpathSync(name);
  } catch {
    return undefined;
  }
}

/** The bytes of a regular file of at most `most` bytes. A pipe is not waited for. */
function readBytes(path: string, most: number): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const status = fstatSync(descriptor);
    return status.isFile() && status.size <= most ? readFileSync(descriptor) : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
