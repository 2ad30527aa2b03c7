/** Runs the built command as a process, in a folder of its own. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** What a process did. */
export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  /** The file that is run. */
  readonly file: string;
  /** A fresh folder with these files, and `"root": true` above it, so that no configuration of this machine counts. */
  readonly folder: (files?: Readonly<Record<string, string | Buffer>>) => Folder;
}

export interface Folder {
  readonly path: string;
  readonly run: (parameters: readonly string[], options?: RunOptions) => Outcome;
  /** A command line for bash in which `fwlint` is the program. */
  readonly shell: (line: string, options?: RunOptions) => Outcome;
  readonly read: (name: string) => string;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  /** Below the folder. */
  readonly cwd?: string;
}

/** A hang is a failure. */
const TIMEOUT_MILLISECONDS = 20_000;

/**
 * Builds fwlint into a folder of its own before the tests of a file (so that they test the sources as they are, and no other build gets
 * in between). FWLINT_PROGRAM names a built `fwlint.cjs` to be tested instead.
 */
export function useProgram(): Program {
  let place = '';
  const program = { file: process.env['FWLINT_PROGRAM'] ?? '' };
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'fwlint-test-'));
    writeFileSync(join(place, 'fwlint.json'), '{"root": true}');
    if (program.file !== '') return;
    const built = spawnSync(process.execPath, [join(root, 'tools/build.mjs'), join(place, 'dist')], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(`fwlint does not build:\n${built.stderr}`);
    program.file = join(place, 'dist/fwlint.cjs');
  });
  afterAll(() => {
    rmSync(place, { recursive: true, force: true });
  });
  let count = 0;
  return {
    get file() {
      return program.file;
    },
    folder: (files = {}) => {
      count += 1;
      const path = join(place, `t${String(count)}`);
      mkdirSync(path);
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), content);
      }
      const start = (command: string, parameters: readonly string[], options: RunOptions): Outcome => {
        const { status, signal, stdout, stderr, error } = spawnSync(command, parameters, {
          cwd: join(path, options.cwd ?? '.'),
          input: options.input ?? '',
          encoding: 'utf8',
          timeout: TIMEOUT_MILLISECONDS,
          maxBuffer: 256 * 1024 * 1024,
          env: { PATH: process.env['PATH'] ?? '', HOME: path, FWLINT: program.file, NODE: process.execPath, ...options.env },
        });
        if (error !== undefined) throw error;
        return { status, signal, stdout, stderr };
      };
      return {
        path,
        run: (parameters, options = {}) => start(process.execPath, [program.file, ...parameters], options),
        shell: (line, options = {}) => start('bash', ['-c', `fwlint() { "$NODE" "$FWLINT" "$@"; }\n${line}`], options),
        read: (name) => readFileSync(join(path, name), 'utf8'),
      };
    },
  };
}

/** Refused by iptables, has one reading, is repaired by a safe fix: one error. */
export const DASH = 'iptables -A INPUT \u2013p tcp --dport 22 -j ACCEPT\n';
export const DASH_REPAIRED = 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n';

/** Nothing to find. */
export const CLEAN = 'iptables -A INPUT -i lo -j ACCEPT\n';

/** Refused, and nobody can say what was meant: one error without a fix. */
export const BROKEN = 'iptables -A INPUT -p tcp --dport 99999 -j ACCEPT\n';
