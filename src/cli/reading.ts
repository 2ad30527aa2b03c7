/** What the input options amount to, together with the configuration files. */

import { CHECKS } from '../checks/index.js';
import type { Severity } from '../diagnostics/diagnostic.js';
import type { Options } from '../lint/lint.js';
import { EMPTY_SETTINGS } from '../config/config.js';
import { findSettings } from './find-config.js';
import type { InputOptions } from './input-options.js';
import { createSourceReader } from './sourced-files.js';

/** What they mean for reading `file`, together with the `fwlint.json` that counts for it; the command line wins. */
export function readingOptions(options: InputOptions, file: string, asked: AskedChecks = { select: [], ignore: [] }): Options {
  const settings = options.config ? findSettings(file === '-' ? options.stdinFilename : file, CHECK_NAMES) : EMPTY_SETTINGS;
  const select = asked.select.length > 0 ? asked.select : settings.select;
  const ignore = new Set(asked.ignore);
  const severities = new Map<string, Severity>();
  for (const [name, severity] of settings.severities) {
    if (severity !== 'off') severities.set(name, severity);
    else if (!asked.select.includes(name)) ignore.add(name);
  }
  return {
    target: { ...settings.target, ...options.target },
    defines: new Map([...settings.defines, ...options.define]),
    readFile: createSourceReader(file === '-' ? undefined : file, options.allowSource),
    selection: {
      ...(select === undefined ? {} : { select: new Set(select) }),
      ignore,
      severities,
      reportUnusedIgnores: asked.reportUnusedIgnores === true,
    },
    ...(options.input === 'auto' ? {} : { kind: options.input }),
    ...(options.family === 'auto' ? {} : { family: options.family }),
  };
}

/** The names that checks have. */
export const CHECK_NAMES: ReadonlySet<string> = new Set(CHECKS.map((check) => check.name));

/** Which checks the command line asks for. */
export interface AskedChecks {
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly reportUnusedIgnores?: true;
}
