/** Times of day, days, and dates as `-m time` takes them. */

import type { Changed, ValueResult, ValueType } from '../define.js';
import { shown } from './number.js';

export const SECONDS_PER_DAY = 86_400;
/** The last second the kernel's counter of 32 bits with sign reaches: 2038-01-19T03:14:07. */
export const LAST_DATE = 0x7fffffff;

const two = (value: number): string => String(value).padStart(2, '0');

function refused(message: string, says: string): ValueResult<never> {
  return { kind: 'refused', by: 'iptables', message, says };
}

/** Seconds since midnight, 0 to 86399. (iptables: extensions/libxt_time.c, time_parse_minutes) */
export const timeOfDay: ValueType<number> = {
  name: 'time of day',
  read: (text) => {
    const parts = text.split(':');
    const limits = [23, 59, 59];
    let seconds = 0;
    for (const [place, limit] of limits.entries()) {
      const part = parts[place] ?? '';
      const rest = parts.slice(place).join(':');
      const number = /^[ \t\n\v\f\r]*\+?\d*$/.test(part) ? Number(part.trim() === '' ? 0 : part.trim()) : Number.NaN;
      if (!(number <= limit) || (place === 0 && parts.length < 2) || (place === 2 && parts.length > 3))
        return refused(
          `${shown(text)} is no time of day, which is written hh:mm or hh:mm:ss, from 00:00 to 23:59:59`,
          `invalid time "${rest}" specified, should be hh:mm[:ss] format and within the boundaries`,
        );
      seconds = seconds * 60 + number;
      if (place === 1 && parts.length === 2) return { kind: 'read', value: seconds * 60 };
    }
    return { kind: 'read', value: seconds };
  },
  print: (seconds) => `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`,
};

/** The part of a date that each letter or mark begins, with its smallest and largest number. */
const DATE_PARTS = [
  { until: '-', least: 1970, most: 2038 },
  { until: '-', least: 0, most: 12 },
  { until: 'T', least: 0, most: 31 },
  { until: ':', least: 0, most: 23 },
  { until: ':', least: 0, most: 59 },
  { until: '', least: 0, most: 59 },
] as const;

function readDate(text: string): number | undefined {
  const numbers: number[] = [];
  let rest = text;
  for (const { until, least, most } of DATE_PARTS) {
    const digits = /^[ \t\n\v\f\r]*\+?(\d*)/.exec(rest);
    const number = Number(digits?.[1] ?? '');
    if (number < least || number > most) return undefined;
    numbers.push(number);
    rest = rest.slice(digits?.[0].length ?? 0);
    if (rest === '') break;
    if (until === '' || !rest.startsWith(until)) return undefined;
    rest = rest.slice(1);
  }
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = numbers;
  const time = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  return time < 0 ? undefined : time;
}

function printDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** Seconds since 1970 in UTC; days that a month does not have count on into the next. (iptables: extensions/libxt_time.c, time_parse_date) */
export const date: ValueType<number> = {
  name: 'date',
  read: (text) => {
    const time = readDate(text);
    if (time === undefined)
      return refused(
        `${shown(text)} is no date from 1970 to 2038, which is written YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`,
        `Invalid date "${text}" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`,
      );
    const becomes = printDate(time);
    const day = /^\d{4}-0?(\d+)-0?(\d+)/.exec(text);
    if (day === null || becomes.startsWith(`${text.slice(0, 4)}-${two(Number(day[1]))}-${two(Number(day[2]))}`)) return { kind: 'read', value: time };
    const changed: Changed = { check: 'invalid-value', message: `there is no such day: iptables takes \`${text}\` for ${becomes}`, becomes };
    return { kind: 'read', value: time, changed };
  },
  print: printDate,
};

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Days between commas, of each of which only some first characters count. */
function readDays(
  text: string,
  counts: number,
  read: (day: string) => number | ValueResult<never>,
): { readonly days: readonly number[]; readonly cut: boolean } | ValueResult<never> {
  const days = new Set<number>();
  let cut = false;
  const items = text.split(',');
  if (items.at(-1) === '') items.pop();
  for (const item of items) {
    const day = read(item.slice(0, counts));
    if (typeof day === 'object') return day;
    days.add(day);
    cut ||= item.length > counts;
  }
  return { days: [...days].sort((left, right) => left - right), cut };
}

/** Days of the week, Monday 1 to Sunday 7; others are none. (iptables: extensions/libxt_time.c, time_parse_weekdays) */
export const weekdays: ValueType<readonly number[]> = {
  name: 'list of weekdays',
  read: (text): ValueResult<readonly number[]> => {
    const read = readDays(text, 3, (day) => {
      if (/^[ \t\n\v\f\r]*\+?\d*$/.test(day)) {
        const number = Number(day.trim());
        return number === 0
          ? refused('the week begins with Monday, which is 1, and Sunday is 7', 'No, the week does NOT begin with Sunday.')
          : number;
      }
      const place = WEEKDAYS.findIndex((name) => day.length > 1 && name.startsWith(day.slice(0, 2)));
      return place === -1
        ? refused(`\`${day}\` is no weekday; there are ${WEEKDAYS.join(', ')}, and 1 to 7`, `${day} is not a valid day specifier`)
        : place + 1;
    });
    return 'kind' in read
      ? read
      : daysRead(
          text,
          read.days.filter((day) => day <= 7),
          read.cut,
          printWeekdays,
        );
  },
  print: printWeekdays,
};

function printWeekdays(days: readonly number[]): string {
  return days.map((day) => WEEKDAYS[day - 1] ?? '').join(',');
}

/** Days of the month, 1 to 31. (iptables: extensions/libxt_time.c, time_parse_monthdays) */
export const monthdays: ValueType<readonly number[]> = {
  name: 'list of days of the month',
  read: (text): ValueResult<readonly number[]> => {
    const read = readDays(text, 2, (day) => {
      const number = /^[ \t\n\v\f\r]*\+?\d*$/.test(day) ? Number(day.trim()) : Number.NaN;
      return number <= 31 ? number : refused(`\`${day}\` is no day of the month, 1 to 31`, `${day} is not a valid day for --monthdays`);
    });
    return 'kind' in read
      ? read
      : daysRead(
          text,
          read.days.filter((day) => day > 0),
          read.cut,
          printMonthdays,
        );
  },
  print: printMonthdays,
};

function printMonthdays(days: readonly number[]): string {
  return days.join(',');
}

/** iptables passes over what stands behind the characters that count, and makes no days of what is none. */
function daysRead(text: string, days: readonly number[], cut: boolean, print: (days: readonly number[]) => string): ValueResult<readonly number[]> {
  const becomes = print(days);
  if (days.length === 0)
    return { kind: 'read', value: days, changed: { check: 'contradictory-match', message: `${shown(text)} names no day`, becomes } };
  // `Sunday` and `15th` mean what they say.
  const misread = cut && text.split(',').some((item) => /[^A-Za-z0-9]/.test(item) || /^\d{3}/.test(item));
  if (!misread) return { kind: 'read', value: days };
  return { kind: 'read', value: days, changed: { check: 'invalid-value', message: `iptables takes \`${text}\` for ${becomes}`, becomes } };
}
