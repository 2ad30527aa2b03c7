/** The nft table that an ipset stands in, and how it stands there. */

import type { Family, Target } from '../../extensions/define.js';
import type { SetForm } from './classes.js';
import type { NamedClass } from './condition.js';

/** One nft table the rules of which are translated. */
export interface TablePlace {
  readonly family: Family;
  /** The iptables tables that stand in it. */
  readonly tables: ReadonlySet<string>;
  /** A name for a set that is not taken yet; remembers it. */
  readonly freeName: (wanted: string) => string;
  readonly target: Target;
}

/** An ipset as it stands in the table. */
export interface Declared {
  readonly classes: readonly NamedClass[];
  readonly form: SetForm;
}
