/** How far a long run is, on standard error: only when that is a terminal, and only after a second. */

import { statSync, writeSync } from 'node:fs';

import { standardError, writeMessagesBy } from './output.js';

/** Told when a file is done. */
export interface Progress {
  readonly step: () => void;
  /** Takes the line away again. */
  readonly end: () => void;
}

/** Bytes and files below which nothing takes a second: no thread is started for them. */
const LITTLE_BYTES = 512 * 1024;
const FEW_FILES = 20;

/** Places in the shared memory. */
const DONE = 0;
const LOCK = 1;
const SHOWN = 2;

/**
 * Reading and checking never pause, so the line is written by a thread of its own, which looks every fifth of a second how many files
 * are done. Whoever holds the lock writes: the main thread takes it for its messages, and in the end keeps it.
 */
const THREAD = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const state = new Int32Array(workerData.memory);
const marks = ['|', '/', '-', '\\\\'];
let turn = 0;
const show = () => {
  if (Atomics.compareExchange(state, ${String(LOCK)}, 0, 1) !== 0) return;
  try {
    const done = Atomics.load(state, ${String(DONE)});
    const files = workerData.files === 1 ? 'reading' : 'file ' + Math.min(done + 1, workerData.files) + ' of ' + workerData.files;
    writeSync(2, '\\r\\u001b[K' + marks[turn++ % marks.length] + ' fwlint: ' + files + ', ' + Math.round((Date.now() - workerData.begin) / 1000) + ' s');
    Atomics.store(state, ${String(SHOWN)}, 1);
  } catch {}
  Atomics.store(state, ${String(LOCK)}, 0);
  setTimeout(show, 200);
};
setTimeout(show, Math.max(0, workerData.begin + 1000 - Date.now()));
`;

const NONE: Progress = { step: () => undefined, end: () => undefined };

/** Begins to count the files of these names. */
export async function startProgress(names: readonly string[]): Promise<Progress> {
  if (!standardError.isTTY || (names.length < FEW_FILES && bytesOf(names) < LITTLE_BYTES)) return NONE;
  const files = names.length;
  const memory = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  const state = new Int32Array(memory);
  // Loading it takes milliseconds, which a short run has better use for.
  const { Worker } = await import('node:worker_threads');
  const worker = new Worker(THREAD, { eval: true, workerData: { memory, files, begin: Date.now() } });
  worker.unref();
  // Without progress there is still a result.
  worker.on('error', () => undefined);
  const takeLineAway = (): void => {
    while (Atomics.compareExchange(state, LOCK, 0, 1) !== 0) Atomics.wait(state, LOCK, 1, 10);
    if (Atomics.exchange(state, SHOWN, 0) === 1) writeSync(2, '\r\u001b[K');
  };
  writeMessagesBy((write) => {
    takeLineAway();
    write();
    Atomics.store(state, LOCK, 0);
  });
  return {
    step: () => {
      Atomics.add(state, DONE, 1);
    },
    end: () => {
      writeMessagesBy(undefined);
      takeLineAway();
      void worker.terminate();
    },
  };
}

/** How much there is to read; standard input may be long. */
function bytesOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (name === '-' ? LITTLE_BYTES : sizeOf(name)), 0);
}

/** What cannot be looked at will be reported when it is read. */
function sizeOf(name: string): number {
  try {
    return statSync(name).size;
  } catch {
    return 0;
  }
}
