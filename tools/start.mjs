// `npm start`: the main job on one of the corpus scripts: what is wrong with it, then its nftables.
import { spawnSync } from 'node:child_process';

const file = process.argv[2] ?? 'corpus/snippets/webserver-flood.sh';
const run = (title, ...parameters) => {
  console.log(`\n$ fwlint ${parameters.join(' ')}`);
  const { status } = spawnSync(process.execPath, ['dist/fwlint.cjs', ...parameters], { stdio: 'inherit' });
  if (status === null || status > 1) {
    console.error(`${title} failed`);
    process.exit(1);
  }
};
run('lint', file);
run('translate', 'translate', file);
run('policy', 'policy', file);
