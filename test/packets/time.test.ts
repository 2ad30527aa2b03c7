/**
 * `-m time` against the clock: windows that begin and end around this moment, through iptables-legacy and through every nft, each started in several
 * time zones. What the rules say may depend on the moment; that both say the same may not.
 */

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loggingSides } from '../support/logging-rules.js';
import { findProgram } from '../support/kernel.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions, type NftVersion } from '../support/versions.js';

const ZONES = ['UTC', 'EST5', 'JST-9', 'IST-5:30'];
const DAY = 86_400;

const two = (value: number): string => String(value).padStart(2, '0');
/** Any number of seconds as a time of day. */
const clock = (seconds: number): string => {
  const inDay = ((seconds % DAY) + DAY) % DAY;
  return `${two(Math.floor(inDay / 3600))}:${two(Math.floor(inDay / 60) % 60)}:${two(inDay % 60)}`;
};
const date = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
/** Monday 1 to Sunday 7. */
const weekday = (seconds: number): string => String(new Date(seconds * 1000).getUTCDay() || 7);
const monthday = (seconds: number): string => String(new Date(seconds * 1000).getUTCDate());

/** Rules around a moment, in seconds since 1970: an hour to each side, so that a test that takes some seconds stays in its windows. */
function rulesAround(now: number): readonly string[] {
  const [before, after, later] = [now - 3600, now + 3600, now + 7200];
  const times = [
    [before, after],
    [after, later],
    [after, before],
    [later, after],
    [before, before],
    [after, after],
  ].map(([start = 0, stop = 0]) => ({ start: clock(start), stop: clock(stop) }));
  const window = ({ start, stop }: { readonly start: string; readonly stop: string }): string => `-m time --timestart ${start} --timestop ${stop}`;
  const windows = times.map(window);
  // iptables takes --contiguous only over midnight, and which windows lie over midnight depends on the hour this runs in.
  const contiguous = times.filter(({ start, stop }) => stop <= start).map((time) => `${window(time)} --contiguous`);
  const days = [now - DAY, now, now + DAY];
  return [
    '-m time',
    ...windows,
    ...[before, after].flatMap((moment) => [`-m time --timestart ${clock(moment)}`, `-m time --timestop ${clock(moment)}`]),
    ...days.flatMap((moment) => [`-m time --weekdays ${weekday(moment)}`, `-m time ! --weekdays ${weekday(moment)}`]),
    ...days.flatMap((moment) => [`-m time --monthdays ${monthday(moment)}`, `-m time ! --monthdays ${monthday(moment)}`]),
    '-m time --monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15',
    '-m time --monthdays 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31',
    ...[...windows, ...contiguous].flatMap((rule) =>
      days.flatMap((moment) => [
        `${rule} --weekdays ${weekday(moment)}`,
        `${rule} --monthdays ${monthday(moment)}`,
        `${rule} ! --weekdays ${weekday(moment)}`,
      ]),
    ),
    ...[before, after].flatMap((moment) => [`-m time --datestart ${date(moment)}`, `-m time --datestop ${date(moment)}`]),
    `-m time --datestart ${date(before)} --datestop ${date(after)}`,
    `-m time --datestart ${date(after)} --datestop ${date(later)}`,
    `-m time --datestart ${date(now - 3 * DAY)} --datestop ${date(now + 3 * DAY)} --timestart ${clock(before)} --timestop ${clock(after)} --weekdays ${weekday(now)}`,
  ];
}

const folder = mkdtempSync(join(tmpdir(), 'fwlint-time-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The same nft, in a time zone. */
function inZone({ binary, version, origin }: NftVersion, zone: string): NftVersion {
  const script = join(folder, `nft-${version}-${zone.replace(/\W/g, '_')}`);
  writeFileSync(script, `#!/bin/sh\nTZ='${zone}' exec ${findProgram(binary) ?? binary} "$@"\n`);
  chmodSync(script, 0o755);
  return { binary: script, version, origin };
}

const PACKETS: Readonly<Record<4 | 6, Packet>> = {
  4: { src: '192.0.2.1', dst: '203.0.113.7' },
  6: { src: '2001:db8::1', dst: '2001:db8:7::7' },
};

async function passed(rules: readonly string[], family: 4 | 6, nft: NftVersion, packets: readonly Packet[]): Promise<ReadonlySet<string>> {
  const sides = loggingSides(rules, { table: 'filter', chain: 'INPUT', family: family === 4 ? 'ip' : 'ip6' }, nft);
  const job: PacketJob = { sides, packets, family };
  const outcome = await sendPackets(job);
  expect(describeDifferences(differences(job, outcome)), rules.map((rule, place) => `${String(place)} ${rule}`).join('\n')).toBe('');
  return new Set(outcome.packets.flatMap(({ sides: [first] }) => first?.nflog?.map(({ prefix }) => prefix) ?? []));
}

describePackets('-m time', () => {
  for (const nft of installedNftVersions())
    test.each(ZONES)(
      `around this moment, nft ${nft.version} in zone %s`,
      // A second may begin between the packet of the one ruleset and that of the other.
      { retry: 2, timeout: 30_000 },
      async (zone) => {
        const rules = rulesAround(Math.floor(Date.now() / 1000));
        for (const family of [4, 6] as const) {
          const hit = await passed(rules, family, inZone(nft, zone), [PACKETS[family]]);
          expect(hit.size).toBeGreaterThan(25);
          expect(hit.size).toBeLessThan(rules.length - 25);
        }
      },
    );

  test('to the second', async () => {
    const [nft] = installedNftVersions();
    if (nft === undefined) throw new Error('no nft');
    const now = Math.floor(Date.now() / 1000);
    const rules = [2, 3, 4].flatMap((seconds) => [
      `-m time --timestart ${clock(now + seconds)} --timestop ${clock(now + 600)}`,
      `-m time --timestart ${clock(now - 600)} --timestop ${clock(now + seconds)}`,
      // Shortly before midnight this window would not lie over it.
      ...(clock(now + 600) > clock(now + seconds)
        ? [`-m time --timestart ${clock(now + 600)} --timestop ${clock(now + seconds)} --contiguous --weekdays ${weekday(now - DAY)}`]
        : []),
    ]);
    const packets = Array.from({ length: 50 }, (_, place): Packet => ({ ...PACKETS[4], sport: 1000 + place, t: place / 10 }));
    expect((await passed(rules, 4, nft, packets)).size).toBe(rules.length);
  }, 30_000);
});
