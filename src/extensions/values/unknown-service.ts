/** The name of a service that is in no list fwlint has. */

import { serviceNames } from '../../net/services.js';
import { nearest } from '../../text/distance.js';
import type { ValueResult } from '../define.js';

/** Slips are told from names of one's own: `htttp` is one, `myapp` is not. Short names are near to everything. */
const SHORTEST = 4;

/** A service that only the host's own list can know, with the well-known one that may be meant. */
export function unknownService(name: string): ValueResult<never> {
  const meant = name.length < SHORTEST ? undefined : nearest(name, serviceNames());
  return { kind: 'unresolved', what: `service \`${name}\``, ...(meant === undefined ? {} : { meant }) };
}
