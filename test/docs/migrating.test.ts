// docs/migrating.md: its commands, run one after the other in a network of their own, with iptables-legacy and with iptables-nft.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { useProgram, type Folder, type Outcome } from '../cli/program.js';

const program = useProgram();
const page = readFileSync(join(resolve(import.meta.dirname, '../..'), 'docs/migrating.md'), 'utf8');

/** The blocks that are marked to be run, by their names. */
const blocks = new Map([...page.matchAll(/<!-- run: ([a-z]+) -->\n```sh\n([^]*?)```/g)].map(([, name = '', text = '']) => [name, text]));

function block(name: string): string {
  const text = blocks.get(name);
  if (text === undefined) throw new Error(`there is no block ${name}`);
  return text;
}

const COMMANDS = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-save`, `${name}-restore`]);
const present = (command: string): boolean => spawnSync('unshare', ['-n', 'sh', '-c', `command -v ${command}`]).status === 0;
const BACKENDS = ['legacy', 'nft'].map((backend) => [backend, present(`iptables-${backend}`) && present('nft')] as const);

/** What a host may have loaded. */
const SEED = `ip link set lo up
iptables-restore <<'END'
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 192.168.1.0/24 -o eth0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:ssh - [0:0]
-A INPUT -i lo -p tcp -m tcp --dport 8080 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ssh
-A ssh -m recent --set --name ssh
-A ssh -m recent --update --seconds 60 --hitcount 4 --name ssh -j DROP
-A ssh -j ACCEPT
COMMIT
END
ip6tables -A INPUT -i lo -j ACCEPT
ip6tables -P INPUT DROP
`;

/** What is loaded, without what changes with time. */
const STATE = `state() { { iptables-save; ip6tables-save; } 2>&1 | grep -v '^#' | sed -E 's/ \\[[0-9:]+\\]$//'; nft list tables | grep host_ | sort; }
# Nobody listens: a packet that is let through is answered at once, one that is dropped is not.
port() {
  local code=0
  timeout 1 bash -c "echo > /dev/tcp/127.0.0.1/$1" 2> /dev/null || code=$?
  if [ "$code" -eq 124 ]; then echo "$1 dropped"; else echo "$1 open"; fi
}
ports() { port 8080; port 8081; }
`;

/** Runs blocks in a namespace, with a timer of two seconds in place of a minute. */
function run(backend: string, folder: Folder, script: string): Outcome {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  for (const command of COMMANDS)
    symlinkSync(
      spawnSync('sh', ['-c', `command -v ${command.replace('tables', `tables-${backend}`)}`], { encoding: 'utf8' }).stdout.trim(),
      join(bin, command),
    );
  writeFileSync(join(bin, 'fwlint'), '#!/bin/sh\nexec "$NODE" "$FWLINT" "$@"\n');
  chmodSync(join(bin, 'fwlint'), 0o755);
  writeFileSync(join(folder.path, 'script.sh'), script.replaceAll('sleep 60', 'sleep 2'));
  return folder.shell('PATH="$PWD/bin:$PATH" unshare -n bash script.sh');
}

test('the blocks are there, and no other order of steps', () => {
  expect([...blocks.keys()]).toEqual(['look', 'lint', 'compile', 'prepare', 'switch', 'keep', 'back']);
});

describe.each(BACKENDS)('with iptables-%s', (backend, here) => {
  const required = process.env['FWLINT_REQUIRE_KERNEL'] === '1';
  const prelude = (): string => `set -e
${SEED}${STATE}state > first
${block('look')}
{
${block('lint')}} || true # 1 says that there is something to find
${block('compile')}
${block('prepare')}
`;

  test.skipIf(!here && !required)('switched and kept', () => {
    const folder = program.folder();
    const { stderr, status } = run(
      backend,
      folder,
      `${prelude()}\nports > ../before\n${block('switch')}state > ../switched\nports > ../after\n${block('keep')}sleep 3; state > ../kept\n${block('back')}state > ../back\n`,
    );
    expect({ status, stderr: stderr.replace(/^(?:#|\d+ rules|before|nohup| {4}).*\n/gm, '') }).toEqual({ status: 0, stderr: '' });
    const first = folder.read('first');
    expect(first).toContain('-A INPUT -i lo -p tcp -m tcp --dport 8080 -j ACCEPT');
    const switched = folder.read('switched');
    expect(switched).not.toContain('-A ');
    expect(switched).not.toContain('INPUT DROP');
    for (const table of ['ip host_filter', 'ip host_nat', 'ip6 host_filter']) expect(switched).toContain(`table ${table}\n`);
    expect(folder.read('before')).toBe('8080 open\n8081 dropped\n');
    expect(folder.read('after')).toBe('8080 open\n8081 dropped\n');
    expect(folder.read('kept')).toBe(switched);
    expect(folder.read('back')).toBe(first);
  });

  test.skipIf(!here && !required)('not kept: after the time everything is as it was', () => {
    const folder = program.folder();
    const { status } = run(backend, folder, `${prelude()}\n${block('switch')}state > ../switched\nsleep 4; state > ../later\n`);
    expect(status).toBe(0);
    expect(folder.read('switched')).toContain('host_filter');
    expect(folder.read('later')).toBe(folder.read('first'));
  });
});
