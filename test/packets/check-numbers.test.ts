// The numbers in findings are what packets show: every story of the corpus is linted, and each number that a message states is tried on
// iptables-legacy with real packets.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, dumpRuleset, fix, lint, read, type Diagnostic, type Input } from '../../src/api.js';
import { applyEdits } from '../../src/diagnostics/apply-fixes.js';
import { intendedRulesets } from '../../src/input/intended-ruleset.js';
import { intendedRecentLimiters } from '../../src/policy/intended-limiters.js';
import type { RecentLimiter } from '../../src/policy/limiters.js';
import { conditionsOf } from '../../src/ruleset/conditions.js';
import type { Rule, Ruleset } from '../../src/ruleset/model.js';
import { describePackets, sendPacketJobs, type Outcome, type Packet, type PacketJob } from '../support/packets.js';

const corpus = resolve(import.meta.dirname, '../../corpus');
const names = ['scripts', 'snippets'].flatMap((folder) => readdirSync(join(corpus, folder)).map((name) => `${folder}/${name}`));

/** A story after its safe repairs, with what is still said about it. */
interface Story {
  readonly name: string;
  readonly input: Input;
  readonly findings: readonly Diagnostic[];
}

const stories = names.map((name): Story => {
  const source = createSource(name, readFileSync(join(corpus, name), 'utf8'));
  const { kind } = lint(source).input;
  const fixed = fix(source, ['safe'], { kind }).source;
  return { name, ...lint(fixed, { kind }) };
});

/** Everything a finding says, in one text. */
const textOf = ({ message, notes }: Diagnostic): string => [message, ...notes.map((note) => note.text)].join('\n');

/** The rule of the intended ruleset that a finding stands in or at, and its ruleset. */
function ruleAt(story: Story, { at, labels }: Diagnostic): { readonly rule: Rule; readonly ruleset: Ruleset } | undefined {
  const places = [at, ...labels.map((label) => label.span)];
  for (const { ruleset } of intendedRulesets(story.input))
    for (const table of ruleset.tables.values())
      for (const chain of table.chains.values())
        for (const rule of chain.rules)
          if (places.some((place) => rule.command.at.start <= place.start && place.end <= rule.command.at.end)) return { rule, ruleset };
  return undefined;
}

/** A packet that a rule asks for, from a client of its own. */
function packetFor(rule: Rule, client: number, port: number): Packet {
  const { all } = conditionsOf(rule.spec, 'ip');
  const ports = all.find((condition) => condition.kind === 'ports' && condition.side === 'destination');
  const way = all.find((condition) => condition.kind === 'interface' && condition.side === 'in');
  const isPing = all.some((condition) => condition.kind === 'icmpType');
  const address = { src: `203.0.${String(113 + Math.floor(client / 250))}.${String(1 + (client % 250))}`, dst: '100.100.1.1' };
  const on = way?.kind === 'interface' ? { iif: way.name.name } : {};
  const forwarded =
    rule.command.kind !== 'policy' && 'chain' in rule.command && rule.command.chain?.text === 'FORWARD'
      ? { path: 'fwd' as const, dst: '100.100.2.9' }
      : {};
  if (isPing) return { ...address, ...on, ...forwarded, proto: 'icmp', icmp: [8, 0], icmpId: port };
  const dport = ports?.kind === 'ports' ? (ports.ranges[0]?.from ?? 0) : 22;
  return { ...address, ...on, ...forwarded, proto: 'tcp', flags: 'SYN', sport: port, dport };
}

/** So many tries of one client, one after the other. */
const tries = (rule: Rule, count: number, client = 1): Packet[] =>
  Array.from({ length: count }, (_, index) => packetFor(rule, client, 20_000 + index));

/** `26`, and where it went on from the first that was stopped, how. */
function countOf(outcome: Outcome | undefined): { readonly through: number; readonly then: string } {
  if (outcome?.sides[0]?.loaded !== true) throw new Error(`not loaded: ${outcome?.sides[0]?.stderr ?? ''}`);
  const verdicts = outcome.packets.map(({ sides }) => sides[0]?.verdict ?? 'nothing');
  const through = verdicts.findIndex((verdict) => verdict !== 'accepted');
  return through === -1
    ? { through: verdicts.length, then: 'accepted' }
    : { through, then: new Set(verdicts.slice(through)).size === 1 ? (verdicts[through] ?? '') : 'mixed' };
}

const VERDICTS: Readonly<Record<string, string>> = { dropped: 'dropped', refused: 'rejected' };

/** Something a finding says, and packets that show whether it is so. */
interface Claim {
  readonly story: string;
  readonly check: string;
  readonly says: string;
  readonly job: PacketJob;
  readonly judge: (outcome: Outcome | undefined) => unknown;
  readonly expected: unknown;
}

const jobOf = (ruleset: Ruleset, packets: readonly Packet[]): PacketJob => ({
  sides: [{ kind: 'iptables-save', text: dumpRuleset(ruleset) }],
  packets,
  family: 4,
});

function claimsOf(story: Story, finding: Diagnostic): Claim[] {
  const text = textOf(finding);
  const place = ruleAt(story, finding);
  if (place === undefined) return [];
  const { rule, ruleset } = place;
  const claims: Claim[] = [];
  const claim = (says: string, job: PacketJob, judge: Claim['judge'], expected: unknown): void => {
    claims.push({ story: story.name, check: finding.check, says, job, judge, expected });
  };
  const through = /(\d+) (?:connection|packet)s? in \d+ s gets? through, the (\d+)(?:st|nd|rd|th) is (dropped|refused)/.exec(text);
  if (through !== null) {
    const [says, lets = '', next = '', how = ''] = through;
    claim(says, jobOf(ruleset, tries(rule, Number(next) + 2)), countOf, { through: Number(lets), then: VERDICTS[how] });
    expect(Number(next)).toBe(Number(lets) + 1);
  }
  const appended = /with -A in this order (?:it would be (\d+)|(there would be no limit))/.exec(text);
  if (appended !== null && through !== null) {
    // What somebody gets who only turns -I into -A.
    const plain = story.input.source.text.replace(/\s-I (INPUT|FORWARD)(?: \d+)?/g, ' -A $1');
    const other = { ...story, input: read(createSource(story.name, plain), { kind: story.input.kind }) };
    const moved = { ...finding, at: { ...finding.at, start: finding.at.start, end: finding.at.start + 1 }, labels: [] };
    const swapped = ruleAt(other, moved);
    if (swapped === undefined) throw new Error(`${story.name}: no rule where one was`);
    const most = Number(through[2]) + 2;
    claim(
      appended[0],
      jobOf(swapped.ruleset, tries(swapped.rule, most)),
      (outcome) => countOf(outcome).through,
      appended[1] === undefined ? most : Number(appended[1]),
    );
  }
  // What a repair promises to keep, or to make of it.
  const [repair] = finding.fixes;
  const wanted =
    through === null
      ? undefined
      : (/which lets (\d+) through/.exec(repair?.title ?? '')?.[1] ?? (finding.check === 'insert-reverses-order' ? through[1] : undefined));
  if (repair !== undefined && through !== null && wanted !== undefined) {
    const text = applyEdits(story.input.source.text, repair.edits);
    const mended = { ...story, input: read(createSource(story.name, text), { kind: story.input.kind }) };
    const after = ruleAt(mended, { ...finding, labels: [] });
    if (after === undefined) throw new Error(`${story.name}: no rule where one was`);
    claim(repair.title, jobOf(after.ruleset, tries(after.rule, Number(through[2]) + 2)), countOf, {
      through: Number(wanted),
      then: VERDICTS[through[3] ?? ''],
    });
  }
  const burst = /(\d+) packets get through at once before/.exec(text);
  if (burst !== null) {
    // Alone the limit lets the rest fall through to what is below: only what the rule itself takes is counted.
    const alone = dumpRuleset(ruleset).replace(/^COMMIT$/m, `${['-A INPUT', '-j DROP'].join(' ')}\nCOMMIT`);
    const packets = tries(rule, Number(burst[1]) + 3);
    claim(
      burst[0],
      { ...jobOf(ruleset, packets), sides: [{ kind: 'iptables-save', text: alone }] },
      (outcome) => countOf(outcome).through,
      Number(burst[1]),
    );
  }
  switch (finding.check) {
    case 'limit-accept-without-drop':
      claim('the limit does nothing', jobOf(ruleset, tries(rule, 20)), countOf, { through: 20, then: 'accepted' });
      break;
    case 'connlimit-zero':
      claim('every connection is refused', jobOf(ruleset, tries(rule, 3)), countOf, { through: 0, then: 'rejected' });
      break;
    case 'recent-name-mismatch': {
      // Where the rule jumps to a chain that the story does not make, that chain drops.
      const { action } = rule.spec;
      const drops = action?.kind === 'chain' ? `-A ${action.name.text} -j DROP\nCOMMIT` : 'COMMIT';
      const job = {
        ...jobOf(ruleset, tries(rule, 120)),
        sides: [{ kind: 'iptables-save' as const, text: dumpRuleset(ruleset).replace(/^COMMIT$/m, drops) }],
      };
      claim('it never matches', job, countOf, { through: 120, then: 'accepted' });
      break;
    }
    case 'accept-before-limiter':
      claim('never asked', jobOf(ruleset, tries(rule, 60)), countOf, { through: 60, then: 'accepted' });
      break;
    case 'established-defeats-limit': {
      // One ping that is answered makes a stream of those that follow; others are limited.
      const ping = packetFor(rule, 1, 7777);
      const stream = [{ ...ping, reply: true }, ...Array.from({ length: 60 }, () => ping)];
      claim('a stream passes', jobOf(ruleset, stream), countOf, { through: 61, then: 'accepted' });
      const limiter = intendedRecentLimiters(story.input).find((each) => each.rule === rule);
      if (limiter?.lets !== undefined)
        claim('single ones do not', jobOf(ruleset, tries(rule, limiter.lets + 3)), countOf, { through: limiter.lets, then: 'dropped' });
      break;
    }
    case 'recent-set-accepts':
      claim('there is no limit', jobOf(ruleset, tries(rule, 60)), countOf, { through: 60, then: 'accepted' });
      break;
    case 'recent-list-size': {
      const limiter = intendedRecentLimiters(story.input).find(
        (each) => each.others.some((other) => other.rule === rule) && each.effect === 'blocks',
      );
      const remembers = Number(/remembers (\d+) addresses/.exec(text)?.[1]);
      if (limiter?.lets === undefined) break;
      // The first client is stopped; when as many others have come as the list holds, its count is forgotten.
      const others = (count: number): Packet[] => Array.from({ length: count }, (_, index) => packetFor(limiter.rule, 2 + index, 30_000));
      const last = (outcome: Outcome | undefined): unknown => outcome?.packets.at(-1)?.sides[0]?.verdict;
      const blocked = tries(limiter.rule, limiter.lets + 1);
      claim(
        `${String(remembers)} addresses`,
        jobOf(ruleset, [...blocked, ...others(remembers - 1), packetFor(limiter.rule, 1, 40_000)]),
        last,
        'dropped',
      );
      claim(
        `the ${String(remembers + 1)}st pushes`,
        jobOf(ruleset, [...blocked, ...others(remembers), packetFor(limiter.rule, 1, 40_000)]),
        last,
        'accepted',
      );
      break;
    }
    default:
      break;
  }
  return claims;
}

const claims = stories.flatMap((story) => story.findings.flatMap((finding) => claimsOf(story, finding)));

describe('what findings state in numbers', () => {
  test('is stated for the stories it has to be stated for', () => {
    const stated = new Set(claims.map(({ story, check }) => `${story} ${check}`));
    for (const expected of [
      'snippets/webserver-flood.sh insert-reverses-order',
      'snippets/webserver-flood.sh recent-off-by-one',
      'snippets/webserver-flood.sh recent-list-size',
      'snippets/ssh-three-per-minute.sh insert-reverses-order',
      'snippets/ssh-numbered-inserts.sh recent-off-by-one',
      'snippets/icmp-echo-limit.txt insert-reverses-order',
      'snippets/icmp-echo-limit.txt limit-accept-without-drop',
      'snippets/icmp-echo-limit.txt limit-burst-surprise',
      'snippets/reader-comments.txt insert-reverses-order',
      'snippets/reader-comments.txt connlimit-zero',
      'snippets/reader-comments.txt recent-set-accepts',
      'snippets/syn-flood-denylist.sh recent-name-mismatch',
      'snippets/limits-too-late.sh accept-before-limiter',
      'snippets/limits-too-late.sh established-defeats-limit',
      'scripts/seconds.sh recent-off-by-one',
    ])
      expect(stated).toContain(expected);
  });
});

/** Seconds that windows are cut to for what takes waiting. */
const WINDOW = 1;

/** When a client tries whose limit is `lets` in WINDOW: until it is stopped, then on without a break, then once after a pause. */
function stubborn(limiter: RecentLimiter, lets: number, client: number): Packet[] {
  let port = 20_000;
  const at = (t: number): Packet => ({ ...packetFor(limiter.rule, client, (port += 1)), t: Number(t.toFixed(4)) });
  const packets = Array.from({ length: lets + 1 }, (_, index) => at(0.1 + index * 0.0015));
  const pause = (0.7 * WINDOW) / Math.max(1, lets);
  let t = 0.4;
  for (; t < 2.6; t += pause) packets.push(at(t));
  packets.push(at(2.6 + 1.3 * WINDOW));
  return packets;
}

/** Sends again what a busy machine sent too late to tell anything. */
async function sendInTime(job: PacketJob): Promise<Outcome | undefined> {
  let outcome: Outcome | undefined;
  for (let round = 0; round < 3; round += 1) {
    [outcome] = await sendPacketJobs([job]);
    if (outcome === undefined || outcome.late < 0.2 * WINDOW) break;
  }
  return outcome;
}

describePackets('what findings state in numbers, and packets', () => {
  test('agree', { timeout: 120_000 }, async () => {
    const outcomes = await sendPacketJobs(claims.map(({ job }) => job));
    const shown = claims.map(({ story, check, says, judge, expected }, index) => ({ story, check, says, is: judge(outcomes[index]), expected }));
    expect(shown).toEqual(shown.map((each) => ({ ...each, is: each.expected })));
  });

  test('a block that every try renews lasts while the client goes on, and no longer', { timeout: 120_000 }, async () => {
    const limiters = stories.flatMap(({ name, input, findings }) =>
      findings
        .filter(({ check }) => check === 'recent-self-extending-ban')
        .flatMap((finding) => {
          const limiter = intendedRecentLimiters(input).find(
            ({ rule }) => rule.command.at.start <= finding.at.start && finding.at.end <= rule.command.at.end,
          );
          const ruleset = intendedRulesets(input).find((each) => [...each.ruleset.tables.values()].includes(limiter?.table as never))?.ruleset;
          return limiter?.lets === undefined || ruleset === undefined ? [] : [{ name, limiter, lets: limiter.lets, ruleset, text: textOf(finding) }];
        }),
    );
    expect(limiters.length).toBeGreaterThan(5);
    for (const { limiter, text } of limiters) expect(text).toContain(`gets in again after ${String(limiter.use.seconds)} s`);
    const clients = limiters.map(({ limiter, lets }, index) => stubborn(limiter, lets, index + 1));
    const packets = clients.flatMap((own, client) => own.map((packet) => ({ packet, client }))).sort((a, b) => (a.packet.t ?? 0) - (b.packet.t ?? 0));
    const job: PacketJob = {
      sides: limiters.map(({ ruleset }) => ({
        kind: 'iptables-save',
        text: dumpRuleset(ruleset).replace(/--seconds \d+/g, `--seconds ${String(WINDOW)}`),
      })),
      packets: packets.map(({ packet }) => packet),
      family: 4,
    };
    const outcome = await sendInTime(job);
    limiters.forEach(({ name, lets }, side) => {
      const own = packets.flatMap(({ client }, index) => (client === side ? [outcome?.packets[index]?.sides[side]?.verdict] : []));
      const first = own.slice(0, lets);
      const blocked = own.slice(lets, -1);
      expect({ name, first: new Set(first), blocked: blocked.filter((verdict) => verdict === 'accepted').length, last: own.at(-1) }).toEqual({
        name,
        first: new Set(['accepted']),
        blocked: 0,
        last: 'accepted',
      });
    });
  });
});
