/** The versions of nft and iptables on this machine: the installed one, and those that support/fetch-versions.sh unpacked. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findProgram } from './kernel.js';
import type { Backend, Iptables } from './kernel.js';

/** An nft to ask. */
export interface NftVersion {
  /** `1.0.6` */
  readonly version: string;
  /** The Debian release it was unpacked from, or `installed`. */
  readonly origin: string;
  /** Its path, for `nftCheck` and the like. */
  readonly binary: string;
}

/** An iptables to ask. */
export interface IptablesVersion {
  /** `1.8.9` */
  readonly version: string;
  /** The Debian release it was unpacked from, or `installed`. */
  readonly origin: string;
  /** For the functions of support/kernel.ts. */
  readonly programs: (backend: Backend) => Iptables;
  /** The path of another program of it: `iptables-restore-translate`. */
  readonly program: (name: string) => string;
}

/** A release whose programs are not on this machine. */
export interface AbsentVersion {
  readonly origin: string;
  /** What to do about it. */
  readonly why: string;
}

/** The Debian releases that fetch-versions.sh unpacks. */
export const fetchedReleases = ['bullseye', 'trixie', 'sid'] as const;

/** Where they are: FWLINT_TOOLS, or fwlint-tools in the user's cache. */
export function toolsFolder(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return process.env['FWLINT_TOOLS'] ?? join(cache, 'fwlint-tools');
}

function releases(): readonly string[] {
  const folder = toolsFolder();
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'bin', 'nft')));
}

const versions = new Map<string, string | undefined>();

/** The number a program gives for `--version`; `undefined` if it does not run. */
function versionOf(binary: string): string | undefined {
  if (!versions.has(binary)) {
    const said = spawnSync(binary, ['--version'], { encoding: 'utf8' });
    versions.set(binary, /v(\d+(?:\.\d+)+)/.exec(said.stdout ?? '')?.[1]);
  }
  return versions.get(binary);
}

function compareVersions(first: { readonly version: string }, second: { readonly version: string }): number {
  return first.version.localeCompare(second.version, 'en', { numeric: true });
}

/** Every nft that runs here, oldest first; of two with the same number, the installed one. */
export function installedNftVersions(): readonly NftVersion[] {
  const found: NftVersion[] = [];
  const candidates = [
    ...(findProgram('nft') === undefined ? [] : [{ origin: 'installed', binary: 'nft' }]),
    ...releases().map((release) => ({ origin: release, binary: join(toolsFolder(), release, 'bin', 'nft') })),
  ];
  for (const { origin, binary } of candidates) {
    const version = versionOf(findProgram(binary) ?? binary);
    if (version !== undefined && !found.some((other) => other.version === version)) found.push({ version, origin, binary });
  }
  return found.sort(compareVersions);
}

/** Every iptables that runs here, oldest first; of two with the same number, the installed one. */
export function installedIptablesVersions(): readonly IptablesVersion[] {
  const found: IptablesVersion[] = [];
  const candidates = [
    ...(findProgram('iptables-nft') === undefined ? [] : [{ origin: 'installed', program: (name: string) => findProgram(name) ?? name }]),
    ...releases().map((release) => ({
      origin: release,
      program: (name: string) => join(toolsFolder(), release, 'bin', name),
    })),
  ];
  for (const { origin, program } of candidates) {
    const version = versionOf(program('iptables-nft'));
    if (version === undefined || found.some((other) => other.version === version)) continue;
    const programs =
      (backend: Backend): Iptables =>
      (family) => {
        const command = program(`${family}tables-${backend}`);
        return { command, save: `${command}-save`, restore: `${command}-restore` };
      };
    found.push({ version, origin, programs, program });
  }
  return found.sort(compareVersions);
}

/** The releases that were not unpacked here, for a word about what a test did not cover. */
export function absentVersions(): readonly AbsentVersion[] {
  const present = releases();
  return fetchedReleases
    .filter((release) => !present.includes(release))
    .map((origin) => ({ origin, why: `not in ${toolsFolder()}; run test/support/fetch-versions.sh` }));
}
