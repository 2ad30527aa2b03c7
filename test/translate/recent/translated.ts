/** Commands → nftables, for tests of what `-m recent` becomes. */

import { createSource, printNft, read, translate } from '../../../src/api.js';
import type { Target } from '../../../src/extensions/define.js';

export interface Translated {
  readonly text: string;
  /** The rules of the built-in chains, without comments. */
  readonly rules: readonly string[];
  /** Why rules are approximate. */
  readonly reasons: readonly string[];
  readonly unsupported: readonly string[];
}

export function translated(commands: string, options: Target & { readonly rates?: 'meter' | 'exact'; readonly tableName?: string } = {}): Translated {
  const { rates = 'meter', tableName, ...target } = options;
  const input = read(createSource('rules.sh', commands.trim().replace(/^\s+/gm, '')), { target });
  const { file, report } = translate(input, {
    target,
    rates,
    replace: 'none',
    counters: 'drop',
    partial: true,
    ...(tableName === undefined ? {} : { tableName }),
  });
  const text = printNft(file);
  const rules: string[] = [];
  let inside = false;
  for (const line of text.split('\n').map((indented) => indented.trim())) {
    if (line.startsWith('type filter hook')) inside = true;
    else if (line === '}') inside = false;
    else if (inside && !line.startsWith('#')) rules.push(line);
  }
  const of = (kind: string): readonly string[] => report.items.filter((item) => item.kind === kind).map(({ reason }) => reason ?? '');
  return { text, rules, reasons: of('approximate'), unsupported: of('unsupported') };
}
