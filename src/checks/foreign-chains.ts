/** A script empties or changes chains that another program keeps. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { emptiesTable, programOf, wholeScript } from '../input/whole-script.js';
import { wordSpan } from '../text/word.js';
import { defineCheck } from './define.js';

/** Who makes a chain. DOCKER-USER and its like are there for the rules of others. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/^DOCKER(?:-(?!USER$).+)?$/, 'Docker'],
  [/^KUBE-.+$/, 'Kubernetes'],
  [/^(?:f2b|fail2ban)-.+$/, 'fail2ban'],
  [/^LIBVIRT_.+$/, 'libvirt'],
];

function ownerOf(chain: string): string | undefined {
  return OWNERS.find(([names]) => names.test(chain))?.[1];
}

/** Programs and services that have to be started again when their chains are gone. */
const SERVICES: ReadonlyMap<string, RegExp> = new Map([
  ['Docker', /^(?:docker|containerd)(?:\.service)?$/],
  ['fail2ban', /^fail2ban(?:-client|\.service)?$/],
  ['libvirt', /^libvirtd?(?:\.service)?$/],
]);

export default defineCheck({
  name: 'foreign-chains',
  summary: 'A script empties or changes chains that another program keeps',
  why:
    'Docker, Kubernetes, fail2ban and libvirt make chains of their own and believe that they stay. `iptables -F` empties those as well: published ports are dead ' +
    'and bans are gone until the program starts again. What a script adds to such a chain goes when the program writes it anew.',
  advice: 'Empty the chains of your own by name. Rules of yours for containers belong in DOCKER-USER.',
  severity: 'warning',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\niptables -A DOCKER -s 192.0.2.0/24 -j DROP',
    good: '#!/bin/sh\niptables -I DOCKER-USER -s 192.0.2.0/24 -j DROP',
  },
  source: 'docs.docker.com, Packet filtering and firewalls; measured: `iptables -F` empties every chain of the table',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    if (script === undefined) return [];
    const { commands, shell } = script;
    const problems: Problem[] = [];
    const created = new Set(commands.flatMap((command) => (command.kind === 'newChain' ? [command.chain.text] : [])));
    const mentioned = new Map<string, string>();
    for (const command of commands) {
      if (!('chain' in command) || created.has(command.chain.text)) continue;
      const owner = ownerOf(command.chain.text);
      if (owner === undefined) continue;
      mentioned.set(owner, command.chain.text);
      const changes = ['append', 'insert', 'flush', 'deleteChain'].includes(command.kind);
      if (!changes || problems.length > 0) continue;
      problems.push({
        check: 'foreign-chains',
        at: wordSpan(command.words, command.chain.word),
        message:
          command.kind === 'append' || command.kind === 'insert'
            ? `${owner} keeps the chain \`${command.chain.text}\`: this rule is gone when it writes the chain anew`
            : `${owner} keeps the chain \`${command.chain.text}\` and is not told that it is emptied`,
        here: `made by ${owner}`,
        notes: [
          { kind: 'do', text: owner === 'Docker' ? 'put rules of your own into DOCKER-USER' : 'put rules of your own into a chain of your own' },
        ],
      });
    }
    for (const [owner, chain] of mentioned) {
      const restarts = shell.commands.some(
        (command) => programOf(command) !== 'iptables' && command.words.some(({ text }) => SERVICES.get(owner)?.test(text) ?? false),
      );
      const flush = commands.find((command) => emptiesTable(command, 'filter', 'ip') && !command.refused);
      if (flush === undefined || restarts) continue;
      problems.push({
        check: 'foreign-chains',
        at: flush.at,
        message: `empties the chains of ${owner} as well, which the script knows of (\`${chain}\`)`,
        here: `with those of ${owner}`,
        notes: [{ kind: 'do', text: "empty the built-in chains and the script's own chains by name" }],
      });
    }
    return problems;
  },
});
