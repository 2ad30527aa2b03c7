// `npm start [-- FILE]`: the main job on a script, one of the corpus if none is named: what is wrong with it, its nftables, its limits in words.
import { spawnSync } from 'node:child_process';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [named] = process.argv.slice(2);
const file = named === undefined ? 'corpus/snippets/webserver-flood.sh' : relative(root, resolve(process.env.INIT_CWD ?? '.', named));

for (const parameters of [[file], ['translate', file], ['policy', file]]) {
  console.log(`\n$ fwlint ${parameters.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join(root, 'dist/fwlint.cjs'), ...parameters], { cwd: root, stdio: 'inherit' });
  // 1 says that there is something to find or that something could not be carried over: that is what is to be shown.
  if (status === null || status > 1) process.exit(1);
}
