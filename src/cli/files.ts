/** Reading inputs and writing repaired files. */

import { isAbsolute, relative, sep } from 'node:path';
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

import { createSource, type Source } from '../text/source.js';
import { decodeBytes, encodeText, type Encoding } from './encoding.js';
import { standardError } from './output.js';

/** A file that cannot be read or written: exit status 2, the other files are still looked at. */
export interface FileProblem {
  readonly name: string;
  readonly reason: string;
}

export type FileResult =
  { readonly kind: 'source'; readonly source: Source; readonly encoding: Encoding } | { readonly kind: 'problem'; readonly problem: FileProblem };

/** Largest input, bytes: enough for a dump of some millions of rules, and below what a string can hold. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Bytes asked for at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** Milliseconds between two looks at a standard input that has nothing yet. */
const RETRY_MILLISECONDS = 20;

/** Reads a file; `-` is standard input. `shownName` is what findings call it. Never throws. */
export function readSource(name: string, shownName: string): FileResult {
  const problem = (reason: string): FileResult => ({ kind: 'problem', problem: { name: shownName, reason } });
  try {
    const decoded = decodeBytes(readBytes(name));
    if (decoded.kind === 'problem') return problem(decoded.reason);
    return { kind: 'source', source: createSource(shownName, decoded.text), encoding: decoded.encoding };
  } catch (error) {
    return problem(reasonOf(error));
  }
}

/** What is said of a file beside its problems: on standard error. */
function writeRemark(text: string): void {
  standardError.write(`fwlint: ${text}\n`);
}

/**
 * Reads a file and says on standard error why it cannot be read: that is exit status 2 once the other files are done.
 * `remark` takes what else is worth knowing; it goes to standard error without.
 */
export function readTold(name: string, shownName: string, remark: (text: string) => void = writeRemark): FileResult {
  if (name === '-' && process.stdin.isTTY) standardError.write('fwlint: reading standard input; Ctrl-D ends it\n');
  const result = readSource(name, shownName);
  if (result.kind === 'problem') writeProblem(result.problem);
  else if (result.encoding === 'windows-1252') remark(`${shownName}: is not UTF-8; read as Windows-1252`);
  else if (result.encoding === 'mixed') remark(`${shownName}: some bytes are not UTF-8; read as U+FFFD`);
  return result;
}

/** As `readTold`; undefined when the file cannot be read. */
export function readNamed(
  name: string,
  shownName: string,
  remark?: (text: string) => void,
): { readonly source: Source; readonly encoding: Encoding } | undefined {
  const result = readTold(name, shownName, remark);
  return result.kind === 'problem' ? undefined : result;
}

/** Says on standard error what is wrong with a file. */
export function writeProblem({ name, reason }: FileProblem): void {
  standardError.write(`fwlint: ${name}: ${reason}\n`);
}

/** What pipes, and standard input, have given: a second reading would find nothing. By their names. */
const givenOnce = new Map<string, Buffer>();

/** All bytes of a file; `-` is standard input. Throws what the system says, and EFBIG when there are more than MAX_BYTES. */
export function readBytes(name: string): Buffer {
  const given = givenOnce.get(name);
  if (given !== undefined) return given;
  const descriptor = name === '-' ? 0 : openSync(name, 'r');
  try {
    const bytes = readDescriptor(descriptor);
    if (!fstatSync(descriptor).isFile()) givenOnce.set(name, bytes);
    return bytes;
  } finally {
    if (descriptor !== 0) closeSync(descriptor);
  }
}

/** All bytes of an open file, pipe or terminal. Throws EFBIG when there are more than MAX_BYTES. */
function readDescriptor(descriptor: number): Buffer {
  const tooLarge = (): Error => Object.assign(new Error('too large'), { code: 'EFBIG' });
  const status = fstatSync(descriptor);
  if (status.isFile() && status.size > MAX_BYTES) throw tooLarge();
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    // A file comes in one piece, then nothing: putting pieces together would take the memory of the file again.
    const left = status.isFile() ? status.size - total : CHUNK_BYTES;
    const chunk = Buffer.allocUnsafe(left > 0 ? left : 4096);
    const count = readSome(descriptor, chunk);
    if (count === 0) return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, total);
    total += count;
    if (total > MAX_BYTES) throw tooLarge();
    chunks.push(chunk.subarray(0, count));
  }
}

/** One read. A pipe that another program made non-blocking says EAGAIN until there is something. */
function readSome(descriptor: number, chunk: Buffer): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk, 0, chunk.length, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }
}

/** What the system said, in words. */
export function reasonOf(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  switch (code) {
    case 'ENOENT':
      return 'no such file';
    case 'ENOTDIR':
      return 'no such file: a part of its path is not a directory';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'EISDIR':
      return 'is a directory; name the files in it';
    case 'ELOOP':
      return 'is a symbolic link that leads in a circle';
    case 'ENAMETOOLONG':
      return 'the name is too long';
    case 'EFBIG':
      return `is larger than ${String(MAX_BYTES / 1024 / 1024)} MiB`;
    case 'ENOSPC':
      return 'no space left on the device';
    case 'EROFS':
      return 'the file system is read-only';
    default:
      return typeof code === 'string' ? code : error instanceof Error ? error.message : 'cannot be read';
  }
}

/** The bytes of a repaired text in the encoding it was read in, or why there are none. */
export function encodeRepaired(text: string, encoding: Encoding): Buffer | string {
  if (encoding === 'mixed')
    return 'not repaired: some bytes are not UTF-8 and would be lost; convert the file first (iconv -f WINDOWS-1252 -t UTF-8)';
  return encodeText(text, encoding) ?? 'not repaired: a repair needs a character that Windows-1252 does not have; convert the file to UTF-8';
}

/**
 * Writes a repaired file: beside it first, then in its place, so that a break never leaves half a file.
 * Why it was not written, or undefined. Mode and owner stay. A file that has several hard links, or an owner or folder that would not allow this, is written in place.
 */
export function writeFile(name: string, bytes: Buffer): string | undefined {
  try {
    const target = realpathSync(name);
    const status = statSync(target);
    if (!status.isFile()) return 'not repaired: is not a regular file';
    accessSync(target, constants.W_OK);
    if (status.nlink > 1 || !replaceFile(target, bytes, status)) writeFileSync(target, bytes);
    return undefined;
  } catch (error) {
    return `not repaired: ${reasonOf(error)}`;
  }
}

/** Puts a new file in the place of an old one; false, with nothing changed, where its mode or owner could not be kept. */
function replaceFile(target: string, bytes: Buffer, status: { readonly mode: number; readonly uid: number; readonly gid: number }): boolean {
  const temporary = `${target}.fwlint-${String(process.pid)}`;
  let descriptor: number;
  try {
    descriptor = openSync(temporary, 'wx', status.mode & 0o700);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM' || code === 'ENAMETOOLONG' || code === 'EEXIST') return false;
    throw error;
  }
  let placed = false;
  try {
    try {
      writeFileSync(descriptor, bytes);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    const made = statSync(temporary);
    try {
      if (made.uid !== status.uid || made.gid !== status.gid) chownSync(temporary, status.uid, status.gid);
      chmodSync(temporary, status.mode & 0o7777);
    } catch {
      return false;
    }
    renameSync(temporary, target);
    placed = true;
    return true;
  } finally {
    if (!placed) unlinkSync(temporary);
  }
}

/** Whether a path is the folder's own or leads below it. Both are taken as they are written: links are not followed. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
