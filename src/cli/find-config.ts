/** Finds and reads `fwlint.json`, from a file's folder up to the root. */

import { dirname, join, relative, resolve, sep } from 'node:path';

import { parseConfig, settingsFor, type Config, type Settings } from '../config/config.js';
import { readBytes, reasonOf } from './files.js';
import { UsageProblem } from './options.js';

interface Layer {
  readonly folder: string;
  readonly config: Config;
}

const cache = new Map<string, readonly Layer[]>();

/** What the configuration files say about a file. A broken one is a usage problem that names it. */
export function findSettings(file: string, checks: ReadonlySet<string>): Settings {
  const place = resolve(file);
  const layers = findLayers(dirname(place), checks);
  return settingsFor(layers.map(({ folder, config }) => ({ config, path: relative(folder, place).replaceAll(sep, '/') })));
}

/** Nearest first. */
function findLayers(folder: string, checks: ReadonlySet<string>): readonly Layer[] {
  const known = cache.get(folder);
  if (known !== undefined) return known;
  const config = readConfig(join(folder, 'fwlint.json'), checks);
  const own = config === undefined ? [] : [{ folder, config }];
  const parent = dirname(folder);
  const layers = config?.root === true || parent === folder ? own : [...own, ...findLayers(parent, checks)];
  cache.set(folder, layers);
  return layers;
}

function readConfig(file: string, checks: ReadonlySet<string>): Config | undefined {
  let text: string;
  try {
    text = readBytes(file).toString('utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new UsageProblem(`${file}: ${code === 'EISDIR' ? 'is a directory' : reasonOf(error)}`);
  }
  const result = parseConfig(text, checks);
  if (result.kind === 'problem') throw new UsageProblem(`${file}: ${result.reason}`);
  return result.config;
}
