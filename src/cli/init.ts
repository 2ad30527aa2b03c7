/** `fwlint init`: writes a configuration to begin with. */

import { existsSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

import type { Target } from '../extensions/define.js';
import { reasonOf } from './files.js';
import { UsageProblem } from './options.js';
import { standardOutput } from './output.js';

export interface InitOptions {
  readonly target: Target;
}

/** Writes `fwlint.json` into a folder; one that is there is left alone, exit status 2. */
export function runInit(folder: string, { target }: InitOptions): number {
  const file = join(folder, 'fwlint.json');
  const schema = findSchema(folder);
  const config = {
    ...(schema === undefined ? {} : { $schema: schema }),
    root: true,
    target: {
      ...(target.kernel === undefined ? {} : { kernel: target.kernel }),
      ...(target.nft === undefined ? {} : { nft: target.nft }),
      ...(target.iptables === undefined ? {} : { iptables: target.iptables }),
      ...(target.backend === undefined ? {} : { backend: target.backend }),
      ...(target.ipPktListTot === undefined ? {} : { ip_pkt_list_tot: target.ipPktListTot }),
      ...(target.ipListTot === undefined ? {} : { ip_list_tot: target.ipListTot }),
      ...(target.hz === undefined ? {} : { hz: target.hz }),
    },
    ignore: [],
    severity: {},
    defines: {},
    overrides: [],
  };
  try {
    writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new UsageProblem(`${file}: is there already; it was left as it is`);
    throw new UsageProblem(`${file}: not written: ${reasonOf(error)}`);
  }
  const versions =
    Object.keys(config.target).length === 0
      ? `\n"target" says what host the rules are for, such as { "kernel": "6.1", "nft": "1.0.6" }; it decides much.`
      : '';
  standardOutput.write(`${file} written.${versions}\n\`fwlint checks\` lists what "ignore" and "severity" can name.\n`);
  return 0;
}

/** Where editors find the schema: beside the project's packages, in this folder or above. */
function findSchema(folder: string): string | undefined {
  let place = resolve(folder);
  for (;;) {
    const schema = join(place, 'node_modules/fwlint/docs/fwlint.schema.json');
    if (existsSync(schema)) {
      const path = relative(resolve(folder), schema).replaceAll(sep, '/');
      return path.startsWith('.') ? path : `./${path}`;
    }
    const parent = resolve(place, '..');
    if (parent === place) return undefined;
    place = parent;
  }
}
