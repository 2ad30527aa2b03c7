/** `-j RATEEST`: estimates the rate of the packets it meets, for `-m rateest`. */

import { defineTarget, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { estimatorName } from '../values/estimator.js';
import { shown } from '../values/number.js';

const UNITS: ReadonlyMap<string, number> = new Map([
  ...['s', 'sec', 'secs'].map((unit): [string, number] => [unit, 1_000_000]),
  ...['ms', 'msec', 'msecs'].map((unit): [string, number] => [unit, 1000]),
  ...['', 'us', 'usec', 'usecs'].map((unit): [string, number] => [unit, 1]),
]);

/** Microseconds. (iptables: extensions/libxt_RATEEST.c, RATEEST_get_time) */
function time(what: string): ValueType<number> {
  return {
    name: 'time',
    read: (text): ValueResult<number> => {
      const found = /^\s*([+]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(.*)$/s.exec(text);
      const unit = UNITS.get((found?.[2] ?? '?').toLowerCase());
      if (found !== null && unit !== undefined) return { kind: 'read', value: Math.trunc(Number(found[1]) * unit) };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is no time`,
        says: `RATEEST: bad ${what} value "${text}"`,
        do: 'give a number with s, ms or us behind',
      };
    },
    print: printTime,
  };
}

function printTime(microseconds: number): string {
  if (microseconds >= 1_000_000) return `${(microseconds / 1_000_000).toFixed(1)}s`;
  if (microseconds >= 1000) return `${(microseconds / 1000).toFixed(1)}ms`;
  return `${String(microseconds)}us`;
}

const options = {
  'rateest-name': value(estimatorName),
  'rateest-interval': value(time('interval')),
  'rateest-ewmalog': value(time('ewmalog')),
};

/** Both are kept as powers of two: the interval counts from 250 ms, the log from the interval. (iptables: extensions/libxt_RATEEST.c, RATEEST_final_check) */
function powers(given: GivenOf<typeof options>): { readonly interval: number; readonly log: number } {
  const wanted = given['rateest-interval']?.value ?? 0;
  let interval = 0;
  while (interval <= 5 && wanted > 250_000 * 2 ** interval) interval += 1;
  let log = 1;
  while (log < 32 && wanted / -Math.log(1 - 1 / 2 ** log) <= (given['rateest-ewmalog']?.value ?? 0)) log += 1;
  return { interval, log: log - 1 };
}

export default defineTarget({
  name: 'RATEEST',
  summary: 'estimates the rate of the packets it meets, for -m rateest',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options,
  constraints: [
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => powers(given).interval > 5,
      at: 'rateest-interval',
      check: 'invalid-value',
      message: 'the interval is at most 8 s',
      says: 'RATEEST: interval value is too large',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => powers(given).interval <= 5 && (powers(given).log === 0 || powers(given).log >= 31),
      check: 'invalid-value',
      message: '`--rateest-ewmalog` is the time the estimate looks back; it is longer than `--rateest-interval`',
      says: 'RATEEST: ewmalog value is out of range',
    },
    { kind: 'atLeastOne', of: ['rateest-name'], says: 'RATEEST: option "--rateest-name" must be specified' },
  ],
  print: (given) => {
    const { interval, log } = powers(given);
    const microseconds = 250_000 * 2 ** interval;
    return [
      '--rateest-name',
      given['rateest-name']?.value ?? '',
      '--rateest-interval',
      printTime(microseconds),
      '--rateest-ewmalog',
      printTime(microseconds * 2 ** log),
    ];
  },
  toNft: () => ({
    kind: 'approximate',
    items: [],
    differs: 'the rule does nothing to packets, and nft estimates no rates; the counter of the rule tells how many it met',
  }),
});
