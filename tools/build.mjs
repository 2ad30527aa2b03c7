// Bundles the command into one file (start-up: an unbundled parser library costs ten times as much) and the library into another.
import { chmodSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  define: { FWLINT_VERSION: JSON.stringify(version) },
  legalComments: 'none',
  logLevel: 'warning',
  minifyWhitespace: true,
  minifySyntax: true,
};
await build({ ...common, entryPoints: ['src/cli/main.ts'], outfile: 'dist/fwlint.cjs', format: 'cjs', banner: { js: '#!/usr/bin/env node' } });
await build({ ...common, entryPoints: ['src/api.ts'], outfile: 'dist/api.js', format: 'esm', platform: 'neutral', mainFields: ['module', 'main'] });
chmodSync('dist/fwlint.cjs', 0o755);
