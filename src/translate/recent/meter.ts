/** `--rates meter`: a limit as a person would write it by hand: a token bucket for each address, and a set of those that went over. */

import type { LoweredItem } from '../../extensions/define.js';
import { limitPer } from '../../extensions/values/rate.js';
import type { Expr, Limit, NamedSet, Statement } from '../../nft/ir.js';
import { bucketBounds } from '../../policy/limiters.js';
import type { Pair } from './pair.js';
import { isIn, isNotIn, update } from './window.js';

/** A limit as a token bucket. */
export interface Meter {
  readonly sets: readonly NamedSet[];
  readonly branches: Branches;
  /** How it differs, with bounds. */
  readonly differs: string;
}

/** What stands behind the conditions of the check, a rule for each: with its action, and without. */
export interface Branches {
  readonly acting: readonly (readonly LoweredItem[])[];
  readonly counting: readonly (readonly LoweredItem[])[];
}

/** Packets of a pair as people call them. */
export interface MeterNames {
  readonly list: string;
  readonly set: string;
  readonly blocked: string;
  /** A set of those blocked already, where there is none by itself. */
  readonly carried: string | undefined;
  /** `new connections`, `packets`. */
  readonly counted: string;
  readonly key: Expr;
  readonly type: string;
  readonly milliseconds: number;
  readonly per: string;
}

/** Whether nft's units hold the rate of a pair: whole numbers a second, minute, hour, day or week. */
export function rateOf({ lets, seconds }: Pair): Limit | undefined {
  const limit = limitPer(lets, seconds, lets, true);
  const UNITS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };
  // Rounded down it is stricter; the least of one a week may be more than was asked for.
  return limit.rate * seconds <= lets * UNITS[limit.per] ? limit : undefined;
}

/** Makes the token bucket of a pair. */
export function meterOf(pair: Pair, rate: Limit, names: MeterNames): Meter {
  const { lets, seconds, stampsWhenBlocked, admits } = pair;
  const { key, set, blocked, carried, type, milliseconds } = names;
  const bucket: NamedSet = {
    kind: 'set',
    name: set,
    type: [type],
    flags: ['dynamic', 'timeout'],
    timeout: milliseconds,
    comments: [`list ${names.list}: ${String(lets)} ${names.counted} per ${String(seconds)} s and ${names.per}`],
  };
  const over: Statement = { kind: 'setUpdate', operation: 'update', set, key, statements: [admits ? { ...rate, over: false } : rate] };
  const bounds = boundsText(pair);
  if (stampsWhenBlocked === 0) {
    const before: NamedSet | undefined =
      carried === undefined
        ? undefined
        : {
            kind: 'set',
            name: carried,
            type: [type],
            flags: ['timeout'],
            timeout: milliseconds,
            comments: ['over the limit when these rules were written'],
          };
    return {
      sets: [bucket, ...(before === undefined ? [] : [before])],
      branches: {
        acting: carried === undefined ? [[over]] : admits ? [[isNotIn(key, carried), over]] : [[isIn(key, carried)], [over]],
        counting: [],
      },
      differs: `${bounds}, the next ${String(round(seconds / lets))} s later instead of when the oldest of ${String(lets)} is ${String(seconds)} s old`,
    };
  }
  const ban: NamedSet = {
    kind: 'set',
    name: blocked,
    type: [type],
    flags: ['dynamic', 'timeout'],
    timeout: milliseconds,
    comments: [`over the limit; stays while it keeps trying, leaves after ${String(seconds)} s of silence`],
  };
  return {
    sets: [bucket, ban],
    branches: admits
      ? { acting: [[isNotIn(key, blocked), over]], counting: [[update(blocked, key)]] }
      : {
          acting: [
            [isIn(key, blocked), update(blocked, key)],
            [over, { kind: 'setUpdate', operation: 'add', set: blocked, key }],
          ],
          counting: [],
        },
    differs: `${bounds}, blocked while it keeps trying and ${String(seconds)} s longer; a client that retries slower than ${perSecond(pair)} but more often than every ${String(seconds)} s stays blocked longer than before`,
  };
}

function boundsText(pair: Pair): string {
  const { lets, seconds } = pair;
  const { most } = bucketBounds(lets, seconds);
  return `a window of ${String(lets)} per ${String(seconds)} s became a token bucket: at most ${String(most)} in any ${String(seconds)} s (${String(lets)} at once, then ${perSecond(pair)})`;
}

/** `5.2/s`; below one a second `one every 20 s`. */
function perSecond({ lets, seconds }: Pair): string {
  const rate = bucketBounds(lets, seconds).perSecond;
  return rate >= 1 ? `${String(round(rate))}/s` : `one every ${String(round(1 / rate))} s`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
