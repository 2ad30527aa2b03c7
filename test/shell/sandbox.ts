/** Runs scripts in a real shell where the firewall programs are stubs that write their arguments to a log. */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The programs that are stubs. */
export const STUBS: ReadonlySet<string> = new Set([
  ...['iptables', 'ip6tables', 'iptables-save', 'iptables-restore', 'ip6tables-restore', 'ipset', 'nft', 'sudo', 'modprobe', 'sysctl'],
]);

/** Harmless programs the scripts may use. */
const PROGRAMS = ['cat', 'seq', 'basename', 'dirname', 'expr', 'cut', 'tr', 'sed', 'env', 'nice', 'sh', 'true', 'false'];

export type ShellName = 'bash' | 'dash';

/** Whether a shell is installed. */
export function hasShell(shell: ShellName): boolean {
  return existsSync(`/bin/${shell}`);
}

export interface Sandbox {
  /** Runs a script; gives the argument vectors of the stubs, each with the program's name first, and what stood on standard error. */
  readonly run: (
    shell: ShellName,
    script: string,
    files?: ReadonlyMap<string, string>,
  ) => { readonly commands: readonly (readonly string[])[]; readonly errors: string };
  /** Whether the shell takes the script for well-formed. */
  readonly accepts: (shell: ShellName, script: string) => boolean;
  readonly remove: () => void;
}

/** Makes a sandbox: a folder of its own with nothing but the stubs and a few harmless programs on the path. */
export function createSandbox(): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'fwlint-shell-'));
  const bin = join(folder, 'bin');
  const work = join(folder, 'work');
  const log = join(folder, 'log');
  mkdirSync(bin);
  for (const name of STUBS) {
    const stub = join(bin, name);
    // The number of arguments goes first, so that empty ones are not lost.
    writeFileSync(stub, `#!/bin/sh\nprintf '%s\\0' "$(($# + 1))" ${name} "$@" >> "${log}"\n`);
    chmodSync(stub, 0o755);
  }
  for (const name of PROGRAMS) {
    const program = [`/usr/bin/${name}`, `/bin/${name}`].find((path) => existsSync(path));
    if (program !== undefined) symlinkSync(program, join(bin, name));
  }
  const spawn = (
    shell: ShellName,
    args: readonly string[],
    script: string,
    input: string,
  ): { readonly status: number | null; readonly stderr: string } => {
    // The path is what keeps a script away from the real programs, so none may go around it.
    if (/\/s?bin\//.test(script)) throw new Error('a script for the sandbox names a program by its path');
    const result = spawnSync(`/bin/${shell}`, args, {
      cwd: work,
      env: { PATH: bin, LC_ALL: 'C.UTF-8' },
      input,
      encoding: 'utf8',
      timeout: 10_000,
    });
    return { status: result.status, stderr: result.stderr };
  };
  return {
    run: (shell, script, files = new Map()) => {
      rmSync(work, { recursive: true, force: true });
      mkdirSync(work);
      for (const [name, text] of files) writeFileSync(join(work, name), text);
      writeFileSync(log, '');
      const path = join(folder, 'script');
      writeFileSync(path, script);
      const { stderr } = spawn(shell, [path], script, '');
      const fields = readFileSync(log, 'utf8').split('\0');
      const commands: string[][] = [];
      for (let at = 0; at + 1 < fields.length;) {
        const count = Number(fields[at]);
        commands.push(fields.slice(at + 1, at + 1 + count));
        at += 1 + count;
      }
      return { commands, errors: stderr };
    },
    accepts: (shell, script) => {
      mkdirSync(work, { recursive: true });
      return spawn(shell, ['-n'], script, script).status === 0;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
