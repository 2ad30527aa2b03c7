// The examples in README.md are what the program prints. `FWLINT_UPDATE=1` writes them anew.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

import { useProgram } from './program.js';

const program = useProgram();
const root = resolve(import.meta.dirname, '../..');
const EXAMPLE = /```console\n\$ fwlint ([^\n]+)\n([^]*?)```/g;

function printed(parameters: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program.file, ...parameters.split(' ')], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '' },
  });
  if (status === null || status > 1) throw new Error(`fwlint ${parameters} failed:\n${stderr}`);
  return stdout + stderr;
}

test('examples are what is printed', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  expect([...text.matchAll(EXAMPLE)].length).toBeGreaterThanOrEqual(3);
  const fresh = text.replace(EXAMPLE, (_, parameters: string) => `\`\`\`console\n$ fwlint ${parameters}\n${printed(parameters)}\`\`\``);
  if (process.env['FWLINT_UPDATE'] === '1') writeFileSync(join(root, 'README.md'), fresh);
  else expect(text).toBe(fresh);
});

test('the script it shows is the one in the corpus', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  expect(text).toContain(`\`\`\`sh\n${readFileSync(join(root, 'corpus/snippets/webserver-flood.sh'), 'utf8')}\`\`\``);
});

test('the two commands stand in the first screen, and every link leads somewhere', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const screen = text.split('\n').slice(0, 24).join('\n');
  expect(screen).toContain('npm install && npm start');
  expect(screen).toContain('npm install && npm test');
  for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)\)/g)) expect(() => readFileSync(join(root, target))).not.toThrow();
});
