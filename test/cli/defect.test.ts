// Exit status 3: a defect in fwlint itself, here one that is built in.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fwlint-defect-'));
  await build({
    entryPoints: [resolve(import.meta.dirname, '../../src/cli/main.ts')],
    outfile: join(folder, 'fwlint.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    define: { FWLINT_VERSION: '"9.9.9"' },
    logLevel: 'silent',
    plugins: [
      {
        name: 'defect',
        setup: (setup) => {
          setup.onLoad({ filter: /src\/input\/read-input\.ts$/ }, () => ({
            contents: 'export function readInput() { throw new TypeError("the sky fell"); }',
            loader: 'ts',
          }));
        },
      },
    ],
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test.each([[['lint']], [['translate']], [['policy']]])('%j', (parameters) => {
  writeFileSync(join(folder, 'a.sh'), 'iptables -A INPUT -j ACCEPT\n');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['fwlint.cjs', ...parameters, 'a.sh'], { cwd: folder, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^fwlint: a defect in fwlint, not in your rules\. Please report it/);
  expect(stderr).toContain('fwlint 9.9.9, node v');
  expect(stderr).toContain('the sky fell');
});
