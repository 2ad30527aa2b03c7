// Bundles the command and the library into one file: the library is most of the command.
// Start-up is what a hook pays each time: an unbundled parser library costs ten times as much, compiling the bundle a third of the rest.
// So the bundle is plain ASCII (read without decoding), and V8's compiled form of it is stored beside it; a Node of another version
// does not take that and compiles as usual.  `node tools/build.mjs FOLDER` writes somewhere else than to dist.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = resolve(process.argv[2] ?? join(root, 'dist'));
process.chdir(root);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const common = {
  // esbuild keeps the folder it was started in.
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  define: { FWLINT_VERSION: JSON.stringify(version) },
  legalComments: 'none',
  logLevel: 'warning',
  minify: true,
  keepNames: false,
  write: false,
};

/** Non-ASCII characters can stand in strings, templates and regular expressions only; in all of them the escape means the same. */
const toAscii = (text) => text.replace(/[^\u0000-\u007f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Parts of Node that loading takes milliseconds for and hardly any run uses (commander could start other programs): loaded on first use. */
const SELDOM_USED = ['node:child_process'];

const loadSeldomUsedLate = {
  name: 'load seldom used parts of Node late',
  setup(building) {
    building.onResolve({ filter: /^node:/ }, ({ path, namespace }) => {
      if (!SELDOM_USED.includes(path)) return undefined;
      return namespace === 'late' ? { path, external: true } : { path, namespace: 'late' };
    });
    building.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get: (_, name) => require(${JSON.stringify(path)})[name] });`,
    }));
  },
};

/** Our own modules of the same kind, with the functions they give: the parser of compound commands sets up a library that pasted rules never need. */
const CALLED_LATE = { 'grammar/shell/statements.ts': ['createShellParser'] };

const loadModulesLate = {
  name: 'load modules at the first call',
  setup(building) {
    const late = new Map(Object.entries(CALLED_LATE).map(([path, functions]) => [join(root, path), functions]));
    building.onLoad({ filter: /\.ts$/, namespace: 'file' }, ({ path }) => {
      const functions = late.get(path);
      if (functions === undefined) return undefined;
      const forwards = functions.map(
        (name) => `export const ${name} = (...given) => require(${JSON.stringify(`called late:${path}`)}).${name}(...given);`,
      );
      return { contents: forwards.join('\n') };
    });
    building.onResolve({ filter: /^called late:/ }, ({ path }) => ({ path: path.slice('called late:'.length), namespace: 'called late' }));
    // A bundle of its own in one function: the functions of a bundle are all made when it starts.
    building.onLoad({ filter: /.*/, namespace: 'called late' }, async ({ path }) => {
      const [bundle] = (await build({ ...common, format: 'cjs', entryPoints: [path], plugins: [loadSeldomUsedLate] })).outputFiles;
      return { contents: bundle.text };
    });
  },
};

mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) if (/^fwlint-.*\.cache$/.test(file)) rmSync(join(folder, file));

// Neither is loaded before it is asked for.
const entry = {
  contents: `exports.start = () => void require('./src/cli/main.ts');\nexports.loadLibrary = () => require('./src/api.ts');\n`,
  resolveDir: root,
};
// A script that V8 has compiled before cannot import: what is imported late is required late.
const cjs = { format: 'cjs', supported: { 'dynamic-import': false }, plugins: [loadSeldomUsedLate, loadModulesLate] };
const [main] = (await build({ ...common, ...cjs, stdin: entry })).outputFiles;
const source = toAscii(main.text);
const hash = createHash('sha256').update(source).digest('hex').slice(0, 16);
writeFileSync(join(folder, 'main.cjs'), source);

const loader = `#!/usr/bin/env node
'use strict';
// Loads main.cjs, by its compiled form where this Node takes it; runs it, unless it is loaded for the library.
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');
const file = join(__dirname, 'main.cjs');
let cachedData;
try {
  cachedData = readFileSync(join(__dirname, 'fwlint-${hash}.cache'));
} catch {}
const script = new Script('(function(exports,require,module,__filename,__dirname){' + readFileSync(file, 'latin1') + '\\n})', { filename: file, cachedData });
script.runInThisContext()(exports, require, module, file, __dirname);
if (require.main === module) module.exports.start();
if (process.env.FWLINT_WRITE_CACHE !== undefined)
  process.on('exit', () => writeFileSync(process.env.FWLINT_WRITE_CACHE, script.createCachedData()));
`;
writeFileSync(join(folder, 'fwlint.cjs'), loader);
chmodSync(join(folder, 'fwlint.cjs'), 0o755);

const names = Object.keys(createRequire(import.meta.url)(join(folder, 'fwlint.cjs')).loadLibrary()).sort();
const library = `// The library, from the file that the command is in.
import { createRequire } from 'node:module';

export const { ${names.join(', ')} } = createRequire(import.meta.url)('./fwlint.cjs').loadLibrary();
`;
writeFileSync(join(folder, 'api.js'), library);

// The compiled form holds what one ordinary run needed, a script's compound commands among it.
const sample =
  '#!/bin/sh\nif [ -n "$1" ]; then\niptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP\nfi\n';
const run = spawnSync(process.execPath, [join(folder, 'fwlint.cjs'), 'lint', '--no-config', '-'], {
  input: sample,
  env: { ...process.env, FWLINT_WRITE_CACHE: join(folder, `fwlint-${hash}.cache`) },
  encoding: 'utf8',
});
if (run.status === null || run.status > 1) {
  console.error(`the built program does not run:\n${run.stderr}`);
  process.exit(1);
}
