// Start-up against `node -e 0`, and reading and translating generated dumps beside iptables-restore-translate, in one run.
// Absolute times depend on the machine: read the ratios. Nothing here is a test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { generateDump, generateServicesDump } from './generate-dump.mjs';

const fwlint = resolve('dist/fwlint.cjs');
const environment = { ...process.env };
// A certificate file named here costs Node 20 some 50 ms at every start, whatever it runs.
delete environment.NODE_EXTRA_CA_CERTS;

const folder = mkdtempSync(join(tmpdir(), 'fwlint-bench-'));
const sizes = (process.env.BENCH_SIZES ?? '1000,10000,100000').split(',').map(Number);
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);

/** Runs a command; wall time in ms and peak memory in MB (GNU time, where present). */
function measure(command, parameters) {
  const timed = spawnSync('/usr/bin/time', ['-f', '%M', command, ...parameters], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  if (timed.error !== undefined) {
    const start = process.hrtime.bigint();
    spawnSync(command, parameters, { env: environment, stdio: ['ignore', 'ignore', 'ignore'] });
    return { ms: Number(process.hrtime.bigint() - start) / 1e6, mb: undefined };
  }
  return { ms: undefined, mb: Number(String(timed.stderr).trim().split('\n').at(-1)) / 1024 };
}

function wall(command, parameters) {
  const start = process.hrtime.bigint();
  const result = spawnSync(command, parameters, { env: environment, stdio: ['ignore', 'ignore', 'ignore'] });
  if (result.error !== undefined) return undefined;
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Medians of interleaved rounds. */
function compare(entries, count) {
  const times = entries.map(() => []);
  for (let round = 0; round < count + 1; round += 1)
    entries.forEach(({ command, parameters }, index) => {
      const ms = wall(command, parameters);
      if (round > 0 && ms !== undefined) times[index].push(ms);
    });
  return times.map((list) => (list.length === 0 ? undefined : median(list)));
}

function print(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  for (const row of rows)
    console.log(row.map((cell, column) => (column === 0 ? String(cell).padEnd(widths[column]) : String(cell).padStart(widths[column]))).join('  '));
}

try {
  const small = join(folder, 'small.sh');
  writeFileSync(small, 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n');
  const [empty, version, lint] = compare(
    [
      { command: process.execPath, parameters: ['-e', '0'] },
      { command: process.execPath, parameters: [fwlint, '--version'] },
      { command: process.execPath, parameters: [fwlint, small] },
    ],
    Math.max(rounds, 15),
  );
  console.log('start-up');
  print([
    ['', 'ms', 'x node -e 0'],
    ['node -e 0', empty.toFixed(0), '1.00'],
    ['fwlint --version', version.toFixed(0), (version / empty).toFixed(2)],
    ['fwlint one-rule.sh', lint.toFixed(0), (lint / empty).toFixed(2)],
  ]);

  const rows = [['dump to nft', 'rules', 'fwlint ms', 'rules/s', 'MB', 'peer ms', 'ratio', 'lint ms']];
  const dumps = sizes.map((size) => ({ name: `${size / 1000}k`, size, text: () => generateDump(size) }));
  const services = Number(process.env.BENCH_SERVICES ?? 50_000);
  dumps.push({ name: `kube-proxy ${services / 1000}k`, size: services, text: () => generateServicesDump(services) });
  for (const { name, size, text } of dumps) {
    const file = join(folder, `${name.replace(' ', '-')}.save`);
    writeFileSync(file, text());
    const count = size >= 50_000 ? Math.min(3, rounds) : rounds;
    const [own, peer, linted] = compare(
      [
        { command: process.execPath, parameters: [fwlint, 'translate', file] },
        { command: 'iptables-restore-translate', parameters: ['-f', file] },
        { command: process.execPath, parameters: [fwlint, file] },
      ],
      count,
    );
    const { mb } = measure(process.execPath, [fwlint, 'translate', file]);
    rows.push([
      name,
      size,
      own.toFixed(0),
      Math.round((size / own) * 1000),
      mb === undefined ? '-' : mb.toFixed(0),
      peer === undefined ? '-' : peer.toFixed(0),
      peer === undefined ? '-' : (own / peer).toFixed(2),
      linted.toFixed(0),
    ]);
  }
  console.log('\niptables-save dump to nft, beside iptables-restore-translate');
  print(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
