/** `-m time`: the time at which a packet is judged. */

import { compare, match, meta, number, range, setOf } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { defineMatch, exact, flag, value, type GivenOf, type LoweredItem, type Lowering } from '../define.js';
import { date, LAST_DATE, monthdays, SECONDS_PER_DAY, timeOfDay, weekdays } from '../values/time-of-day.js';

const options = {
  timestart: value(timeOfDay),
  timestop: value(timeOfDay),
  monthdays: value(monthdays, { invertible: true }),
  weekdays: value(weekdays, { invertible: true }),
  datestart: value(date),
  datestop: value(date),
  utc: flag(),
  kerneltz: flag(),
  localtz: flag(),
  contiguous: flag(),
};

type TimeGiven = GivenOf<typeof options>;

const ALL_WEEKDAYS = 7;
const ALL_MONTHDAYS = 31;

/** What a use asks for, with what iptables fills in. */
interface Asked {
  /** Seconds since midnight; both are included. */
  readonly start: number;
  readonly stop: number;
  /** Monday 1 to Sunday 7. */
  readonly weekdays: readonly number[];
  readonly monthdays: readonly number[];
  /** Seconds since 1970; both are included. */
  readonly from: number;
  readonly to: number;
  readonly inKernelZone: boolean;
}

/** The days from 1 to `count` that are asked for. */
function daysOf(given: TimeGiven['weekdays'], count: number): readonly number[] {
  const all = Array.from({ length: count }, (_, place) => place + 1);
  return given === undefined ? all : all.filter((day) => given.value.includes(day) !== given.negated);
}

function askedOf(given: TimeGiven): Asked {
  return {
    start: given.timestart?.value ?? 0,
    stop: given.timestop?.value ?? SECONDS_PER_DAY - 1,
    weekdays: daysOf(given.weekdays, ALL_WEEKDAYS),
    monthdays: daysOf(given.monthdays, ALL_MONTHDAYS),
    from: given.datestart?.value ?? 0,
    to: given.datestop?.value ?? LAST_DATE,
    inKernelZone: given.kerneltz !== undefined || given.localtz !== undefined,
  };
}

// Numbers, because nft takes times it is given as text for times of the zone it runs in. (measured with nft 0.9.8 to 1.1.7; up to 1.0.6 it lists some
// of them wrongly in zones west of UTC, but loads them right)
const hour = meta('hour');
const day = meta('day');
const time = meta('time');

/** nft counts days of the week from Sunday, 0. A day later for packets that belong to the day before. */
function weekdayTest(days: readonly number[], later: 0 | 1): readonly Statement[] {
  if (days.length === ALL_WEEKDAYS) return [];
  const numbers = days.map((one) => (one + later) % 7).sort((left, right) => left - right);
  return [match(day, setOf(numbers.map(number)))];
}

/** The stretches of time that the days of the month are, from 1970 to 2038: nft cannot tell the day of the month. */
function monthdayTest(days: readonly number[], later: 0 | 1): readonly Statement[] {
  if (days.length === ALL_MONTHDAYS) return [];
  const stretches: Expr[] = [];
  let begin: number | undefined;
  for (let second = 0; ; second += SECONDS_PER_DAY) {
    const asked = second <= LAST_DATE && days.includes(new Date(second * 1000).getUTCDate());
    if (asked) begin ??= second;
    else if (begin !== undefined) {
      const shift = later * SECONDS_PER_DAY;
      stretches.push(range(number(begin + shift), number(second + shift)));
      begin = undefined;
    }
    if (second > LAST_DATE) break;
  }
  return [match(time, setOf(stretches))];
}

function dateTests({ from, to }: Asked): readonly Statement[] {
  return [
    ...(from === 0 ? [] : [compare(time, '>=', number(from))]),
    // The last second counts to its end. Without --datestop xt_time ends in 2038, which nobody asks for.
    ...(to >= LAST_DATE ? [] : [compare(time, '<', number(to + 1))]),
  ];
}

/** The time of day and the days it is in. `contiguous`: the hours after midnight belong to the day before. */
function dayTests({ start, stop, weekdays: week, monthdays: month }: Asked, contiguous: boolean): readonly LoweredItem[] {
  const days = (later: 0 | 1): readonly Statement[] => [...weekdayTest(week, later), ...monthdayTest(month, later)];
  if (start < stop) {
    if (start === 0) return [...(stop === SECONDS_PER_DAY - 1 ? [] : [compare(hour, '<=', number(stop))]), ...days(0)];
    return [stop === SECONDS_PER_DAY - 1 ? compare(hour, '>=', number(start)) : match(hour, range(number(start), number(stop))), ...days(0)];
  }
  if (contiguous && days(0).length > 0) {
    const evening = compare(hour, '>=', number(Math.max(start, stop + 1)));
    const alternatives = [[compare(hour, '<=', number(stop)), ...days(1)], ...(stop === SECONDS_PER_DAY - 1 ? [] : [[evening, ...days(0)]])];
    return [{ kind: 'anyOf', alternatives }];
  }
  // Neither before the one nor after the other; every time, if nothing is between them.
  const between = stop + 1 === start - 1 ? number(start - 1) : range(number(stop + 1), number(start - 1));
  return [...(stop + 1 < start ? [match(hour, between, true)] : []), ...days(0)];
}

/** What nft does differently, if anything: it counts days of the week in the kernel's zone and everything else in UTC. */
function differenceOf(asked: Asked): string | undefined {
  const weekly = asked.weekdays.length < ALL_WEEKDAYS;
  const otherwise =
    asked.start > 0 || asked.stop < SECONDS_PER_DAY - 1 || asked.monthdays.length < ALL_MONTHDAYS || asked.from > 0 || asked.to < LAST_DATE;
  if (asked.inKernelZone)
    return otherwise ? 'nft counts hours and dates in UTC: the same while the kernel has no zone of its own (hwclock --systz)' : undefined;
  return weekly
    ? 'nft begins days of the week at midnight of the zone the kernel has, which is UTC unless something (hwclock --systz) has set it'
    : undefined;
}

/** (kernel: net/netfilter/xt_time.c, time_mt, and net/netfilter/nft_meta.c, nft_meta_weekday) */
function lower(given: TimeGiven): Lowering {
  const asked = askedOf(given);
  if (asked.weekdays.length === 0 || asked.monthdays.length === 0) return { kind: 'never', why: 'no day is asked for' };
  if (asked.from > asked.to) return { kind: 'never', why: '`--datestop` is before `--datestart`' };
  const items = [...dateTests(asked), ...dayTests(asked, given.contiguous !== undefined)];
  const differs = differenceOf(asked);
  return differs === undefined ? exact(items) : { kind: 'approximate', items, differs };
}

const option = (name: string, text: string): readonly string[] => [`--${name}`, text];

export default defineMatch({
  name: 'time',
  summary: 'time of day, weekdays, days of the month and dates, in UTC',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'excludes', option: 'utc', others: ['kerneltz'] },
    { kind: 'excludes', option: 'localtz', others: ['utc'] },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given.contiguous !== undefined && askedOf(given).start < askedOf(given).stop,
      message: '`--contiguous` is for times that go past midnight: `--timestop` before `--timestart`',
      at: 'contiguous',
      check: 'excluded-option',
      says: 'time: --contiguous only makes sense when stoptime is smaller than starttime',
    },
  ],
  print: (given, family) => {
    const asked = askedOf(given);
    return [
      ...(asked.start === 0 && asked.stop === SECONDS_PER_DAY - 1
        ? []
        : [...option('timestart', timeOfDay.print(asked.start, family)), ...option('timestop', timeOfDay.print(asked.stop, family))]),
      ...(asked.monthdays.length === ALL_MONTHDAYS ? [] : option('monthdays', monthdays.print(asked.monthdays, family))),
      ...(asked.weekdays.length === ALL_WEEKDAYS ? [] : option('weekdays', weekdays.print(asked.weekdays, family))),
      ...(asked.from === 0 ? [] : option('datestart', date.print(asked.from, family))),
      ...(asked.to === 0 ? [] : option('datestop', date.print(asked.to, family))),
      ...(asked.inKernelZone ? ['--kerneltz'] : []),
      ...(given.contiguous === undefined ? [] : ['--contiguous']),
    ];
  },
  toNft: lower,
});
