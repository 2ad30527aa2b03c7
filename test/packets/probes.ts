/** Packets for matches that look at headers which few packets have. */

import type { Packet, Path } from '../support/packets.js';

/** What the packets of one match need. */
export interface Probes {
  readonly packets: (family: 4 | 6, path: Path) => readonly Packet[];
  /** Whether connections are tracked; fragments are put together then. */
  readonly conntrack?: false;
}

/** By the name of the match. */
export const PROBES: ReadonlyMap<string, Probes> = new Map<string, Probes>([]);
