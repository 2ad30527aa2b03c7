/** Whether nft can be asked in a network namespace of its own. */

import { spawnSync } from 'node:child_process';

export function canUseNamespaces(): boolean {
  return spawnSync('unshare', ['-n', 'nft', 'list', 'ruleset'], { encoding: 'utf8' }).status === 0;
}
