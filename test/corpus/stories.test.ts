// Every story of the corpus, end to end: repaired it loads in both iptables, the model of the tables is what the kernel holds, its
// nftables loads in every nft there is, and real packets cannot tell the exact form from the rules.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, dumpRuleset, fix, lint, printNft, read, translate, type Input, type Target } from '../../src/api.js';
import { printCommands } from '../../src/translate/to-iptables.js';
import { describeKernel, iptablesPrograms, nftCheckBatch, runSessions, stripComments, type Step } from '../support/kernel.js';
import { describeDifferences, describePackets, differences, sendPacketJobs, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

const corpus = resolve(import.meta.dirname, '../../corpus');
const names = ['snippets', 'scripts', 'dumps'].flatMap((folder) => readdirSync(join(corpus, folder)).map((name) => `${folder}/${name}`));

/** The story with every repair made, as a person would have it after `fwlint --fix --unsafe-fixes`. */
function repaired(name: string): Input {
  const source = createSource(name, readFileSync(join(corpus, name), 'utf8'));
  return read(fix(source, ['safe', 'unsafe']).source, { kind: lint(source).input.kind });
}

const options = (rates: 'meter' | 'exact', target: Target = {}) => ({ target, rates, replace: 'table', counters: 'drop', partial: false }) as const;

/** Steps that run repaired commands, or restore a repaired dump, with the iptables of one backend. */
function steps(input: Input, backend: 'legacy' | 'nft'): Step[] {
  const { command, save, restore } = iptablesPrograms(backend, 'ip');
  const six = iptablesPrograms(backend, 'ip6');
  if (input.kind === 'save') return [{ argv: [restore], stdin: input.source.text }, { argv: [save] }];
  const text = printCommands(input)
    .replace(/(?:\/sbin\/)?\bip6tables\b(?=["\s;]|$)/gm, six.command)
    .replace(/(?:\/sbin\/)?\biptables\b(?=["\s;]|$)/gm, command);
  return [{ argv: ['bash', '-eu', '-c', text] }, { argv: [save] }];
}

/** Only tables the story touches: a kernel lists every table that was ever asked for. */
function tablesOf(dump: string, tables: ReadonlySet<string>): string {
  return dump
    .split(/^(?=\*)/m)
    .filter((part) => tables.has(/^\*(\S+)/.exec(part)?.[1] ?? ''))
    .map((part) => part.replace(/\[\d+:\d+\]/g, '[0:0]').trim())
    .sort()
    .join('\n');
}

describe('the corpus', () => {
  test('has stories, and each is found to have something wrong unless it is a good one', () => {
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) {
      const { findings } = lint(createSource(name, readFileSync(join(corpus, name), 'utf8')));
      const serious = findings.filter((finding) => finding.severity === 'error' || finding.severity === 'warning');
      // connlimit-per-network is right as it stands; its story is the mask.
      if (/good-|dumps\/|connlimit-per-network/.test(name)) expect(serious.map((finding) => `${name}: ${finding.check}: ${finding.message}`)).toEqual([]);
      else expect(findings.length, name).toBeGreaterThan(0);
    }
  });

  test.each(names)('%s: repaired, nothing of it is lost on the way to nft', (name) => {
    for (const rates of ['meter', 'exact'] as const) {
      const { report } = translate(repaired(name), options(rates));
      expect(report.items.filter((item) => item.kind === 'unsupported').map((item) => `${item.rule}: ${item.reason ?? ''}`)).toEqual([]);
      expect(report.total).toBeGreaterThan(0);
    }
  });
});

describeKernel('the corpus in the kernel', () => {
  test.each(['legacy', 'nft'] as const)('repaired, every story loads in iptables-%s and is there what fwlint says', async (backend) => {
    const inputs = names.map((name) => ({ name, input: repaired(name) }));
    const results = await runSessions(inputs.map(({ input }) => steps(input, backend)));
    inputs.forEach(({ name, input }, index) => {
      const [run, saved] = results[index] ?? [];
      expect({ name, status: run?.status, stderr: run?.stderr }).toMatchObject({ name, status: 0 });
      const own = input.runs.get('ip');
      if (own === undefined) return;
      const tables = new Set(own.ruleset.tables.keys());
      expect(tablesOf(stripComments(saved?.stdout ?? ''), tables), name).toBe(tablesOf(dumpRuleset(own.ruleset), tables));
    });
  });

  test.each(installedNftVersions())('every story loads in nft $version', async ({ version, binary }) => {
    const texts = names.flatMap((name) => (['meter', 'exact'] as const).map((rates) => ({ name: `${name} --rates ${rates}`, text: printNft(translate(repaired(name), options(rates, { nft: version })).file, { nft: version }) })));
    const results = await nftCheckBatch(
      texts.map(({ text }) => text),
      binary,
    );
    texts.forEach(({ name }, index) => {
      expect({ name, ...results[index] }).toMatchObject({ name, status: 0 });
    });
  });
});

/** Tries of three clients at everything the stories speak of, then bursts of one of them. */
function packetsFor(): Packet[] {
  const packets: Packet[] = [];
  const clients = ['198.51.100.7', '203.0.113.9', '192.0.2.44'];
  let port = 20_000;
  let t = 0.05;
  const at = (step: number): number => {
    t += step;
    return Number(t.toFixed(3));
  };
  for (const src of clients)
    for (const dport of [22, 80, 25, 443, 9080]) packets.push({ src, dst: '100.64.0.1', proto: 'tcp', sport: (port += 1), dport, flags: 'SYN', t: at(0.012) });
  for (const src of clients)
    for (const type of [8, 0, 13]) packets.push({ src, dst: '100.64.0.1', proto: 'icmp', icmp: [type, 0], icmpId: (port += 1), t: at(0.012) });
  for (const src of clients) packets.push({ src, dst: '100.64.0.1', proto: 'udp', sport: (port += 1), dport: 53, t: at(0.012) });
  for (let round = 0; round < 34; round += 1)
    for (const dport of [22, 80, 9080])
      packets.push({ src: clients[0] ?? '', dst: '100.64.0.1', proto: 'tcp', sport: (port += 1), dport, flags: 'SYN', t: at(0.012) });
  for (let round = 0; round < 34; round += 1) packets.push({ src: clients[0] ?? '', dst: '100.64.0.1', proto: 'icmp', icmp: [8, 0], icmpId: 77, t: at(0.012) });
  return packets;
}

describePackets('the corpus and real packets', () => {
  test('the exact nft form of every story does what its rules do', { timeout: 180_000 }, async () => {
    const jobs: { name: string; job: PacketJob }[] = [];
    for (const name of names) {
      const input = repaired(name);
      const run = input.runs.get('ip');
      if (run === undefined) continue;
      const nft = printNft(translate(input, options('exact', { hz: 250 })).file, {});
      jobs.push({ name, job: { sides: [{ kind: 'iptables-save', text: dumpRuleset(run.ruleset) }, { kind: 'nft', text: nft }], packets: packetsFor(), family: 4, addresses: { eth0: ['100.64.0.1/24'] } } });
    }
    const outcomes = await sendPacketJobs(jobs.map(({ job }) => job));
    jobs.forEach(({ name, job }, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error(`${name}: no outcome`);
      const found = differences(job, outcome);
      expect(`${name}\n${describeDifferences(found)}`).toBe(`${name}\n${describeDifferences([])}`);
    });
  });
});
