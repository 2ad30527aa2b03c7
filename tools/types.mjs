// Writes the types of the library to dist/types: what src/api.ts refers to, and nothing else of the four hundred files that were compiled for it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'dist/types');
const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const { status } = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.types.json')], { stdio: 'inherit' });
if (status !== 0) process.exit(1);

const needed = new Set();
function need(file) {
  if (needed.has(file)) return;
  needed.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)\.js['"]/g))
    need(resolve(dirname(file), `${path}.d.ts`));
}
need(join(folder, 'src/api.d.ts'));
for (const path of readdirSync(folder, { recursive: true }))
  if (path.endsWith('.d.ts') && !needed.has(join(folder, path))) rmSync(join(folder, path));
