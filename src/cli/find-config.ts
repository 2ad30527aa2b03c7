/** Finds and reads `fwlint.json`, from a file's folder up to the root. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { combineConfigs, EMPTY_CONFIG, parseConfig, type Config } from '../config/config.js';
import { UsageProblem } from './options.js';

const cache = new Map<string, Config>();

/** The settings for files in a folder. A broken file is a usage problem that names it. */
export function findConfig(folder: string, checks: ReadonlySet<string>): Config {
  const place = resolve(folder);
  const known = cache.get(place);
  if (known !== undefined) return known;
  const own = readConfig(join(place, 'fwlint.json'), checks);
  const parent = dirname(place);
  const config =
    own?.root === true || parent === place
      ? (own ?? EMPTY_CONFIG)
      : own === undefined
        ? findConfig(parent, checks)
        : combineConfigs(own, findConfig(parent, checks));
  cache.set(place, config);
  return config;
}

function readConfig(file: string, checks: ReadonlySet<string>): Config | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageProblem(`${file}: ${code ?? 'cannot be read'}`);
  }
  const result = parseConfig(text, checks);
  if (result.kind === 'problem') throw new UsageProblem(`${file}: ${result.reason}`);
  return result.config;
}
