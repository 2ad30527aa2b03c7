/** The configuration file `fwlint.json`: its form, and what several of them say about one file. */

import * as v from 'valibot';

import type { Severity } from '../diagnostics/diagnostic.js';
import type { Target } from '../extensions/define.js';
import { DEFINABLE_NAME } from '../shell/definable-name.js';
import { nearest } from '../text/distance.js';
import { VERSION, versionNumbers } from '../text/version.js';
import { placeInText, readJson, type JsonPlaces } from './json-text.js';
import { matchesPattern } from './pattern.js';

const SeveritySchema = v.pipe(
  v.picklist(['error', 'warning', 'info', 'hint', 'off'], 'must be one of "error", "warning", "info", "hint" and "off"'),
  v.description('how bad findings of the check are; off: it is not run'),
);
const version = (what: string, example: string) => {
  const message = `must be a version such as "${example}"`;
  return v.pipe(
    v.string(message),
    v.regex(VERSION, message),
    v.description(`version of ${what} on the host the rules are for, such as "${example}"`),
  );
};
const count = (what: string) => {
  const message = 'must be a whole number of at least 1';
  return v.pipe(v.number(message), v.integer(message), v.minValue(1, message), v.description(what));
};
const TargetSchema = v.pipe(
  v.strictObject({
    kernel: v.optional(version('the kernel', '6.1')),
    nft: v.optional(version('nft', '1.0.6')),
    iptables: v.optional(version('iptables', '1.8.9')),
    backend: v.optional(
      v.pipe(
        v.picklist(['legacy', 'nft'], 'must be "legacy" or "nft"'),
        v.description('what iptables is on the host: iptables-legacy or iptables-nft'),
      ),
    ),
    ip_pkt_list_tot: v.optional(count('module parameter of xt_recent: packets remembered per address')),
    ip_list_tot: v.optional(count('module parameter of xt_recent: addresses remembered per list')),
    hz: v.optional(count('timer interrupts a second of the kernel (CONFIG_HZ)')),
  }),
  v.description('the host the rules are for, as with --target'),
);
const NamesSchema = v.array(v.string('must be the name of a check'), 'must be a list of names of checks');
const SETTINGS = {
  target: v.optional(TargetSchema),
  select: v.optional(v.pipe(NamesSchema, v.description('only these checks are run'))),
  ignore: v.optional(v.pipe(NamesSchema, v.description('these checks are not run'))),
  severity: v.optional(v.pipe(v.record(v.string(), SeveritySchema, 'must be an object'), v.description('severities of checks, by their names'))),
  defines: v.optional(
    v.pipe(
      v.record(
        v.pipe(v.string(), v.regex(DEFINABLE_NAME, 'must be the name of a variable, or the number of a parameter')),
        v.string('must be a text: the value the variable has at run time'),
        'must be an object',
      ),
      v.description('values shell variables have at run time, as with --define'),
    ),
  ),
};
const OverrideSchema = v.strictObject({
  files: v.pipe(
    v.array(v.string('must be a pattern such as "hosts/*.save"'), 'must be a list of patterns such as "hosts/*.save"'),
    v.minLength(1, 'must have a pattern such as "hosts/*.save"'),
    v.description('patterns of paths from the folder of this file; one without "/" means files of that name in any folder; * ** ? {a,b}'),
  ),
  ...SETTINGS,
});

/** The form of `fwlint.json`; docs/fwlint.schema.json is made from it. */
export const ConfigSchema = v.strictObject({
  $schema: v.optional(v.string('must be a text: where the JSON schema is')),
  root: v.optional(v.pipe(v.boolean('must be true or false'), v.description('do not look for fwlint.json in the folders above'))),
  ...SETTINGS,
  overrides: v.optional(
    v.pipe(
      v.array(OverrideSchema, 'must be a list of objects with `files`'),
      v.description('other settings for some of the files; a later entry wins over an earlier one'),
    ),
  ),
});

/** What a configuration says about a file. */
export interface Settings {
  readonly target: Target;
  readonly select: readonly string[] | undefined;
  /** `off`: the check is not run. */
  readonly severities: ReadonlyMap<string, Severity | 'off'>;
  readonly defines: ReadonlyMap<string, string>;
}

/** A configuration file after reading. */
export interface Config extends Settings {
  /** Stops the search in the folders above. */
  readonly root: boolean;
  readonly overrides: readonly (Settings & { readonly files: readonly string[] })[];
}

export const EMPTY_SETTINGS: Settings = { target: {}, select: undefined, severities: new Map(), defines: new Map() };

export type ConfigResult = { readonly kind: 'config'; readonly config: Config } | { readonly kind: 'problem'; readonly reason: string };

/** What is wrong with a configuration: a sentence that names the key, and the path of that key where there is one. */
interface Fault {
  readonly reason: string;
  readonly path: string;
}

/** Reads the text of a configuration file; a mistake names the key and its place. `checks` are the names that exist. */
export function parseConfig(text: string, checks: ReadonlySet<string>): ConfigResult {
  const json = readJson(text);
  if (json.kind === 'mistake') return { kind: 'problem', reason: `is not JSON: ${json.message} (${placeInText(text, json.offset)})` };
  const result = readConfig(json.value, checks);
  if ('root' in result) return { kind: 'config', config: result };
  const offset = offsetOf(result.path, json.places);
  return { kind: 'problem', reason: offset === undefined ? result.reason : `${result.reason} (${placeInText(text, offset)})` };
}

/** Where the key of a path stands; of one that is missing, the object it is missing in. */
function offsetOf(path: string, places: JsonPlaces): number | undefined {
  const offset = places.get(path);
  if (offset !== undefined || path === '') return offset;
  return offsetOf(path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '', places);
}

function readConfig(data: unknown, checks: ReadonlySet<string>): Config | Fault {
  const missed = missedBySchema(data);
  if (missed !== undefined) return missed;
  const parsed = v.safeParse(ConfigSchema, data);
  if (!parsed.success) return faultOf(parsed.issues[0]);
  const { output } = parsed;
  for (const [index, part] of [output, ...(output.overrides ?? [])].entries()) {
    const fault = unknownName(part, checks, index === 0 ? '' : `overrides.${String(index - 1)}.`);
    if (fault !== undefined) return fault;
  }
  return {
    root: output.root === true,
    ...settingsOf(output),
    overrides: (output.overrides ?? []).map((part) => ({ files: part.files, ...settingsOf(part) })),
  };
}

type WrittenSettings = Omit<v.InferOutput<typeof OverrideSchema>, 'files'>;

function unknownName(part: WrittenSettings, checks: ReadonlySet<string>, prefix: string): Fault | undefined {
  for (const [key, names, isList] of [
    ['select', part.select ?? [], true],
    ['ignore', part.ignore ?? [], true],
    ['severity', Object.keys(part.severity ?? {}), false],
  ] as const) {
    const index = names.findIndex((name) => !checks.has(name));
    const unknown = names[index];
    if (unknown === undefined) continue;
    const path = `${prefix}${key}.${isList ? String(index) : unknown}`;
    return { reason: `\`${prefix}${key}\`: ${noSuchCheck(unknown, checks)}`, path };
  }
  return undefined;
}

/** What is said of a name that none of the checks has. */
export function noSuchCheck(name: string, checks: Iterable<string>): string {
  const close = nearest(name, checks);
  return `there is no check \`${name}\`; ${close === undefined ? '`fwlint checks` lists them' : `did you mean \`${close}\`?`}`;
}

const NO_OBJECT = 'must be an object with settings, such as {"target": {"kernel": "6.1"}}';

/** Keys a valibot record passes over without a word. (valibot: _isValidObjectKey) */
const PASSED_OVER = ['__proto__', 'prototype', 'constructor'];

/** What valibot lets through and fwlint would not heed: a list for an object (an empty one passes), names that every object has. */
function missedBySchema(data: unknown): Fault | undefined {
  if (Array.isArray(data)) return { reason: NO_OBJECT, path: '' };
  const at = (value: unknown, key: string): unknown =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  const inPart = (part: unknown, prefix: string): Fault | undefined => {
    for (const name of ['target', 'severity', 'defines']) {
      const value = at(part, name);
      const path = `${prefix}${name}`;
      if (Array.isArray(value)) return { reason: `\`${path}\` must be an object`, path };
      const key = PASSED_OVER.find((candidate) => name !== 'target' && at(value, candidate) !== undefined);
      if (key !== undefined) return { reason: `\`${path}.${key}\` cannot be set`, path: `${path}.${key}` };
    }
    return undefined;
  };
  const overrides = at(data, 'overrides');
  const entries: readonly unknown[] = Array.isArray(overrides) ? overrides : [];
  for (const [index, entry] of entries.entries()) {
    const path = `overrides.${String(index)}`;
    const found = Array.isArray(entry) ? { reason: `\`${path}\` must be an object`, path } : inPart(entry, `${path}.`);
    if (found !== undefined) return found;
  }
  return inPart(data, '');
}

/** One sentence with the key. A strict object says `never` of a key it does not have. (valibot: strictObject) */
function faultOf(issue: v.BaseIssue<unknown>): Fault {
  const keys = (issue.path ?? []).map((item) => String(item.key));
  const path = keys.join('.');
  if (path === '') return { reason: NO_OBJECT, path };
  if (issue.expected === 'never') {
    const known = knownKeys(keys.slice(0, -1));
    const close = nearest(keys.at(-1) ?? '', known);
    const advice = close === undefined ? `there are ${known.slice(0, -1).join(', ')} and ${known.at(-1) ?? ''}` : `did you mean \`${close}\`?`;
    return { reason: `\`${path}\` is not a setting; ${advice}`, path };
  }
  const what = issue.type === 'strict_object' ? (issue.received === 'undefined' ? 'is missing' : 'must be an object') : issue.message;
  return { reason: `\`${path}\` ${what}`, path };
}

/** The keys an object of the configuration can have. */
function knownKeys(path: readonly string[]): readonly string[] {
  if (path.at(-1) === 'target') return Object.keys(TargetSchema.pipe[0].entries);
  return Object.keys(path[0] === 'overrides' ? OverrideSchema.entries : ConfigSchema.entries);
}

function settingsOf(part: WrittenSettings): Settings {
  const target = part.target ?? {};
  const versions: { kernel?: string; nft?: string; iptables?: string } = {};
  for (const key of ['kernel', 'nft', 'iptables'] as const) {
    const numbers = versionNumbers(target[key] ?? '');
    if (numbers !== undefined) versions[key] = numbers;
  }
  const severities = new Map<string, Severity | 'off'>(Object.entries(part.severity ?? {}));
  for (const name of part.ignore ?? []) severities.set(name, 'off');
  return {
    target: {
      ...versions,
      ...(target.backend === undefined ? {} : { backend: target.backend }),
      ...(target.ip_pkt_list_tot === undefined ? {} : { ipPktListTot: target.ip_pkt_list_tot }),
      ...(target.ip_list_tot === undefined ? {} : { ipListTot: target.ip_list_tot }),
      ...(target.hz === undefined ? {} : { hz: target.hz }),
    },
    select: part.select,
    severities,
    defines: new Map(Object.entries(part.defines ?? {})),
  };
}

/**
 * What configuration files say about one file. `layers`: nearest first, each with the path of the file from the folder of the
 * configuration, with `/`. What stands nearer wins, and in one file a later override.
 */
export function settingsFor(layers: readonly { readonly config: Config; readonly path: string }[]): Settings {
  const parts = [...layers]
    .reverse()
    .flatMap(({ config, path }) => [config, ...config.overrides.filter(({ files }) => files.some((pattern) => matchesPattern(pattern, path)))]);
  return parts.reduce<Settings>(
    (before, part) => ({
      target: { ...before.target, ...part.target },
      select: part.select ?? before.select,
      severities: new Map([...before.severities, ...part.severities]),
      defines: new Map([...before.defines, ...part.defines]),
    }),
    EMPTY_SETTINGS,
  );
}
