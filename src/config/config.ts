/** The configuration file `fwlint.json`: its form, and how several of them combine. */

import * as v from 'valibot';

import type { Severity } from '../diagnostics/diagnostic.js';
import type { Target } from '../extensions/define.js';

const SeveritySchema = v.picklist(['error', 'warning', 'info', 'hint', 'off']);
const VersionSchema = v.pipe(v.string(), v.regex(/^\d+(\.\d+)*/, 'a version such as "1.0.6"'));
const TargetSchema = v.strictObject({
  kernel: v.optional(VersionSchema),
  nft: v.optional(VersionSchema),
  iptables: v.optional(VersionSchema),
  backend: v.optional(v.picklist(['legacy', 'nft'])),
  ip_pkt_list_tot: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  ip_list_tot: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  hz: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});
const NamesSchema = v.array(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/, 'the name of a check')));
const ConfigSchema = v.strictObject({
  $schema: v.optional(v.string()),
  root: v.optional(v.boolean()),
  target: v.optional(TargetSchema),
  select: v.optional(NamesSchema),
  ignore: v.optional(NamesSchema),
  severity: v.optional(v.record(v.string(), SeveritySchema)),
  defines: v.optional(v.record(v.string(), v.string())),
});

/** What a configuration file says. */
export interface Config {
  /** Stops the search in the folders above. */
  readonly root: boolean;
  readonly target: Target;
  readonly select: readonly string[] | undefined;
  readonly ignore: readonly string[];
  readonly severities: ReadonlyMap<string, Severity>;
  readonly defines: ReadonlyMap<string, string>;
}

export const EMPTY_CONFIG: Config = { root: false, target: {}, select: undefined, ignore: [], severities: new Map(), defines: new Map() };

export type ConfigResult = { readonly kind: 'config'; readonly config: Config } | { readonly kind: 'problem'; readonly reason: string };

/** Reads the text of a configuration file; a mistake names the key. `checks` are the names that exist. */
export function parseConfig(text: string, checks: ReadonlySet<string>): ConfigResult {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return { kind: 'problem', reason: `is no JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = v.safeParse(ConfigSchema, data);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = issue.path?.map((item) => String(item.key)).join('.') ?? '';
    return { kind: 'problem', reason: `${path === '' ? 'the file' : `\`${path}\``}: ${issue.message}` };
  }
  const { output } = parsed;
  const named = [...(output.select ?? []), ...(output.ignore ?? []), ...Object.keys(output.severity ?? {})];
  const unknown = named.find((name) => !checks.has(name));
  if (unknown !== undefined) return { kind: 'problem', reason: `there is no check \`${unknown}\`` };
  const severities = new Map<string, Severity>();
  const off: string[] = [];
  for (const [name, severity] of Object.entries(output.severity ?? {})) {
    if (severity === 'off') off.push(name);
    else severities.set(name, severity);
  }
  const target = output.target ?? {};
  return {
    kind: 'config',
    config: {
      root: output.root === true,
      target: {
        ...(target.kernel === undefined ? {} : { kernel: target.kernel }),
        ...(target.nft === undefined ? {} : { nft: target.nft }),
        ...(target.iptables === undefined ? {} : { iptables: target.iptables }),
        ...(target.backend === undefined ? {} : { backend: target.backend }),
        ...(target.ip_pkt_list_tot === undefined ? {} : { ipPktListTot: target.ip_pkt_list_tot }),
        ...(target.ip_list_tot === undefined ? {} : { ipListTot: target.ip_list_tot }),
        ...(target.hz === undefined ? {} : { hz: target.hz }),
      },
      select: output.select,
      ignore: [...(output.ignore ?? []), ...off],
      severities,
      defines: new Map(Object.entries(output.defines ?? {})),
    },
  };
}

/** A nearer file's settings win over those of a file further up; ignored checks add up. */
export function combineConfigs(nearer: Config, farther: Config): Config {
  return {
    root: nearer.root || farther.root,
    target: { ...farther.target, ...nearer.target },
    select: nearer.select ?? farther.select,
    ignore: [...farther.ignore, ...nearer.ignore],
    severities: new Map([...farther.severities, ...nearer.severities]),
    defines: new Map([...farther.defines, ...nearer.defines]),
  };
}
