/** Which commands are found in files of other kinds, and what is no such file. */

import { expect, test } from 'vitest';
import { detectInput } from '../../src/paste/detect.js';
import { repairPaste } from '../../src/paste/repair.js';
import { createSource } from '../../src/text/source.js';
import { brokenLaws } from './laws.js';

const RULE = 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT';

test.each([
  ['a systemd unit', `[Service]\nType=oneshot\nExecStart=/sbin/${RULE}\nExecStartPost=-/sbin/${RULE}\nExecStop=/sbin/iptables -F INPUT\n`, 3],
  [
    'wg-quick',
    `[Interface]\nListenPort = 51820\nPostUp = ${RULE}; iptables -A FORWARD -i %i -j ACCEPT\nPostDown = iptables -D FORWARD -i %i -j ACCEPT\n`,
    3,
  ],
  ['interfaces', `iface eth0 inet dhcp\n    post-up ${RULE}\n    pre-down iptables -F INPUT\n`, 2],
  ['YAML', `- hosts: all\n  tasks:\n    - name: ssh\n      command: ${RULE}\n    - shell: |\n        ${RULE}\n`, 2],
  ['cloud-init', `#cloud-config\nruncmd:\n  - ${RULE}\n  - "${RULE}"\n`, 2],
  ['a list of words in YAML', `command: ["sh", "-c", "${RULE}"]\n`, 1],
  ['Puppet', `exec { 'ssh':\n  command => '/sbin/${RULE}',\n}\nexec { 'more': command => '${RULE}' }\n`, 2],
  ['Python', `#!/usr/bin/env python3\nimport os\nfor port in range(3):\n    os.system("${RULE}")\nsubprocess.run('${RULE}', shell=True)\n`, 2],
  ['a name in Python', `def run(port):\n    command = f"/sbin/${RULE}"\n    return "sudo ${RULE}"\n`, 2],
  ['Go', `func open() {\n\tcmd := "iptables -A INPUT -j DROP"\n\trun(\`${RULE}\`)\n}\n`, 2],
  ['a piece of code in Markdown', `\`${RULE}\`\n\n  \`sudo ${RULE}\`{.bash}\n`, 2],
  ['HTML with prompts', `<pre># ${RULE}\n# ${RULE}</pre>\n`, 2],
  ['Terraform', `  inline = [\n    "/sbin/${RULE}",\n    "sudo ${RULE}",\n  ]\n`, 2],
  ['PHP', `<?php\nshell_exec("sudo ${RULE}");\n`, 1],
  ['HTML', `<p>Type this:</p>\n<pre><code>${RULE}\n${RULE}<br>${RULE}</code></pre>\n<p>Done.</p>\n`, 3],
])('%s', (_, text, count) => {
  const source = createSource('case', text);
  expect(detectInput(source)).toBe('text');
  const read = repairPaste(source, 'text').text.text;
  expect(read.match(/iptables -[ADF] /g)).toHaveLength(count);
  expect(read).not.toMatch(/Exec|Post|post-up|command|shell|system|<|runcmd|"|'/);
  expect(brokenLaws(text, 'text')).toEqual([]);
});

test.each([
  ['a message of a script', `echo "ERROR: ${RULE}"\n${RULE}\n`],
  ['a function called up', `up() { iptables "$@"; }\n${RULE}\n`],
  ['a list of a script', `RULES=(\n  "${RULE}"\n  "${RULE}")\n${RULE}\n`],
  ['a unit in a here-document', `cat > /etc/systemd/system/fw.service <<EOF\n[Service]\nExecStart=/sbin/${RULE}\nEOF\n${RULE}\n`],
  ['a script of a shell', `#!/bin/sh\n# run: ${RULE}\ncase $1 in\n  start) ${RULE};;\nesac\n`],
])('not %s', (_, text) => {
  expect(detectInput(createSource('case', text))).toBe('script');
});

test('values that a program puts into a command are not known, and no placeholders', () => {
  const text = [
    'os.system(f"iptables -A INPUT -s {ip} -j DROP")',
    'run("iptables -A INPUT -s %s -j DROP" % ip)',
    'cmd = "iptables -A INPUT -s " + ip + " -j DROP"',
    "exec('iptables -A INPUT -s ' . $ip . ' -j DROP');",
    'exec(`iptables -A INPUT -s ${ip} -j DROP`)',
    'system("iptables -A INPUT -j DROP -s " + ip)',
  ].join('\n');
  const { text: read, problems } = repairPaste(createSource('case', text), 'text');
  expect(problems).toEqual([]);
  expect(read.text.split('\n').map((line) => line.trim())).toEqual([
    ...Array.from({ length: 5 }, () => 'iptables -A INPUT -s "$(value)" -j DROP'),
    'iptables -A INPUT -j DROP -s "$(value)"',
  ]);
});
