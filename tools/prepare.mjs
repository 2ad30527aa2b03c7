// Builds after `npm install`. An install from git (`npm install -g git+…`, and with it pre-commit) comes here without the packages the
// build needs: that it is global reaches npm's own installing of them, too. They are installed here then.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

if (!isInstalled('esbuild')) {
  const inherited = new Set(['npm_config_global', 'npm_config_location', 'npm_config_local_prefix']);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !inherited.has(name)));
  // Scripts are left out: this one would be among them, and none of the others is needed.
  const parameters = ['install', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
  const { status } = spawnSync('npm', parameters, { cwd: root, env, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(1);
}
await import('./build.mjs');
