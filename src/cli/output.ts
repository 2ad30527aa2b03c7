/** Standard output and standard error. Node's streams for them cost milliseconds at every start; what is no terminal is written without them. */

import { fstatSync, statSync, writeSync } from 'node:fs';

/** Where text for people and programs goes. */
export interface Output {
  readonly isTTY: boolean;
  /** Of a terminal. */
  readonly columns?: number;
  /** Writes all of it before it returns, except to a terminal that is slow. */
  readonly write: (text: string | Uint8Array) => void;
}

/** Exit status when output cannot be written. */
const EXIT_UNWRITABLE = 2;

/** Milliseconds between two tries to write to a pipe that is full and was made non-blocking. */
const RETRY_MILLISECONDS = 5;

let opened = 0;

/** Whether all that was written has arrived: not known of terminals. */
export function isAllWritten(): boolean {
  return opened === 0;
}

/** Standard output. */
export const standardOutput: Output = outputTo(1, () => process.stdout);

/** Standard error. */
export const standardError: Output = outputTo(2, () => process.stderr);

/** What goes on around writing to a terminal by standard error: a line of progress is out of the way meanwhile. */
let aroundMessage: ((write: () => void) => void) | undefined;

/** Has each write to a terminal by standard error done by `around`, which calls what it is given; undefined ends that. */
export function writeMessagesBy(around: ((write: () => void) => void) | undefined): void {
  aroundMessage = around;
}

function outputTo(descriptor: 1 | 2, open: () => NodeJS.WriteStream): Output {
  let stream: NodeJS.WriteStream | undefined | null = null;
  // Decided at the first use: most runs never write to standard error.
  const terminal = (): NodeJS.WriteStream | undefined => {
    if (stream !== null) return stream;
    stream = undefined;
    if (mayBeTerminal(descriptor)) {
      stream = open();
      opened += 1;
      stream.on('error', onOutputError);
    }
    return stream;
  };
  return {
    get isTTY() {
      return terminal()?.isTTY === true;
    },
    get columns() {
      return terminal()?.columns ?? 0;
    },
    write: (text) => {
      const to = terminal();
      if (to === undefined) writeAll(descriptor, typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
      else if (descriptor === 2 && aroundMessage !== undefined) aroundMessage(() => to.write(text));
      else to.write(text);
    },
  };
}

/** Terminals are character devices, and so is /dev/null. */
function mayBeTerminal(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor);
    return status.isCharacterDevice() && status.rdev !== statSync('/dev/null', { throwIfNoEntry: false })?.rdev;
  } catch {
    return false;
  }
}

/** What a reader that stops early (`| head`) has no use for is left out; the run goes on to the exit status it would have had. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') onOutputError(error as NodeJS.ErrnoException);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MILLISECONDS);
    }
  }
}

/** Output that cannot be written is a file error; a terminal that is gone is none. */
function onOutputError(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit();
  try {
    writeSync(2, `fwlint: standard output: ${error.code === 'ENOSPC' ? 'no space left on the device' : (error.code ?? error.message)}\n`);
  } catch {
    // Nobody listens.
  }
  process.exit(EXIT_UNWRITABLE);
}
