/** `-j SET`: adds to an ipset, deletes from it, or takes marks out of it. */

import { defineTarget, flag, unsupported, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, shown } from '../values/number.js';
import { GIVE_SETS, missingSet, setUse } from '../values/set-use.js';

const LONGEST = 0xfffffffe;

/** Seconds. */
const timeout: ValueType<number> = {
  name: 'number of seconds',
  read: (text): ValueResult<number> => {
    const number = leadingNumber(text, 0, LONGEST);
    if (number?.rest === '') return { kind: 'read', value: number.value };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no number of seconds from 0 to ${String(LONGEST)}`,
      says: 'Invalid value for option --timeout or out of range 0-4294967294',
    };
  },
  print: String,
};

// iptables takes a `!` before these, and ignores it.
const use = (option: string) => ({ words: 2, invertible: true, twice: `--${option} can be specified only once` }) as const;

const options = {
  'add-set': value(setUse, use('add-set')),
  'del-set': value(setUse, use('del-set')),
  exist: flag(),
  timeout: value(timeout),
  'map-set': value(setUse, use('map-set')),
  'map-mark': flag(),
  'map-prio': flag(),
  'map-queue': flag(),
};

function maps(given: GivenOf<typeof options>): boolean {
  return given['map-mark'] !== undefined || given['map-prio'] !== undefined || given['map-queue'] !== undefined;
}

export default defineTarget({
  name: 'SET',
  summary: 'adds to an ipset, deletes from it, or takes marks out of it',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['add-set', 'del-set', 'map-set'], says: "You must specify either `--add-set' or `--del-set' or `--map-set'" },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) =>
        given['add-set'] === undefined && given.exist !== undefined && (given['del-set'] !== undefined || given['map-set'] !== undefined),
      at: 'exist',
      check: 'missing-required-option',
      message: '`--exist` belongs to `--add-set`',
      says: "Flag `--exist' can be used with `--add-set' only",
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) =>
        given['add-set'] === undefined && given.timeout !== undefined && (given['del-set'] !== undefined || given['map-set'] !== undefined),
      at: 'timeout',
      check: 'missing-required-option',
      message: '`--timeout` belongs to `--add-set`',
      says: "Option `--timeout' can be used with `--add-set' only",
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given['map-set'] !== undefined && !maps(given),
      at: 'map-set',
      check: 'missing-required-option',
      message: '`--map-set` needs one of `--map-mark`, `--map-prio`, `--map-queue`',
      says: "You must specify flags `--map-mark' or '--map-prio` or `--map-queue'",
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, context) => given['map-set'] !== undefined && context.table !== 'mangle',
      at: 'map-set',
      check: 'target-not-in-table',
      message: '`--map-set` only works in the mangle table',
      says: '--map-set only usable from mangle table',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, context) =>
        given['map-set'] !== undefined &&
        (given['map-prio'] !== undefined || given['map-queue'] !== undefined) &&
        (context.chain === 'PREROUTING' || context.chain === 'INPUT'),
      at: 'map-set',
      check: 'target-not-in-hook',
      message: '`--map-prio` and `--map-queue` work where packets leave: in FORWARD, OUTPUT and POSTROUTING',
      says: 'mapping of prio or/and queue is allowed only from OUTPUT/FORWARD/POSTROUTING chains',
    },
  ],
  print: (given, family) => {
    const words: string[] = [];
    const add = (name: 'add-set' | 'del-set' | 'map-set'): void => {
      const use = given[name];
      if (use !== undefined) words.push(`--${name}`, ...setUse.print(use.value, family).split(' '));
    };
    add('add-set');
    if (given.exist !== undefined) words.push('--exist');
    if (given.timeout !== undefined) words.push('--timeout', String(given.timeout.value));
    add('del-set');
    add('map-set');
    for (const name of ['map-mark', 'map-prio', 'map-queue'] as const) if (given[name] !== undefined) words.push(`--${name}`);
    return words;
  },
  toNft: (given, context) => {
    const add = given['add-set']?.value;
    const removed = given['del-set']?.value;
    const map = given['map-set']?.value;
    if (context.ipsets === undefined) return unsupported(missingSet((add ?? removed ?? map)?.set ?? ''), GIVE_SETS);
    return context.ipsets.change(
      {
        exist: given.exist !== undefined,
        ...(add === undefined ? {} : { add }),
        ...(given.timeout === undefined ? {} : { timeout: given.timeout.value }),
        ...(removed === undefined ? {} : { delete: removed }),
        ...(map === undefined
          ? {}
          : {
              map: {
                use: map,
                mark: given['map-mark'] !== undefined,
                priority: given['map-prio'] !== undefined,
                queue: given['map-queue'] !== undefined,
              },
            }),
      },
      context,
    );
  },
});
