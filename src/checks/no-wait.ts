/** A script for an old iptables does not wait for the lock. */

import { compareVersions } from '../extensions/define.js';
import { wordText } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'no-wait',
  summary: 'A script for an old iptables does not wait for the lock',
  why:
    'iptables-legacy takes a lock for every command. From 1.4.20 on, without `-w`, it gives up at once when another program holds it ("Another app is currently holding ' +
    'the xtables lock"): a rule is missing whenever Docker or fail2ban work at the same time. (1.8.8 to 1.8.10 wait all the same.) iptables-nft needs no lock.',
  advice: 'Write `-w 5` behind the name of the program, or load all rules at once with `iptables-restore -w 5`.',
  severity: 'info',
  category: 'deprecated',
  fix: 'none',
  source: 'iptables(8), -w; iptables: iptables/xshared.c, xtables_lock',
  since: '0.1.0',
  find: (input) => {
    const { iptables, backend } = input.target;
    // Without the version it is not known whether there is anything to say; two commands are hardly a script.
    if (input.kind !== 'script' || backend === 'nft' || iptables === undefined) return [];
    if (compareVersions(iptables, '1.4.20') < 0 || isPatient(iptables)) return [];
    const changing = input.commands.filter((command) => command.kind !== 'list' && command.kind !== 'nothing' && command.words.kind === 'words');
    const hasty = changing.filter(({ words }) => !waits(words));
    const [first] = hasty;
    if (first === undefined || hasty.length < 3) return [];
    return [
      {
        check: 'no-wait',
        at: first.at,
        message: `${String(hasty.length)} commands of this script do not wait for the lock: iptables ${iptables} drops them when another program holds it`,
        notes: [{ kind: 'do', text: 'write `-w 5` behind the name of the program' }],
      },
    ];
  },
});

/** Releases that wait without being told to: 1.8.9 was measured; 1.8.11 mended it. */
function isPatient(version: string): boolean {
  return compareVersions(version, '1.8.8') >= 0 && compareVersions(version, '1.8.11') < 0;
}

function waits(words: Parameters<typeof wordText>[0]): boolean {
  for (let index = 0; ; index += 1) {
    const text = wordText(words, index);
    if (text === '') return false;
    if (/^(?:-w\d*|--wait(?:=\d+)?)$/.test(text)) return true;
  }
}
