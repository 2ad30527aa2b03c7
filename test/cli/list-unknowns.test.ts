// `fwlint lint --list-unknowns`: which values only the run knows, and what --define settles.
import { expect, test } from 'vitest';

import { useProgram } from './program.js';

const program = useProgram();

const SCRIPT = `LAN=$(ip route)
iptables -A INPUT -s $LAN -j ACCEPT
for chain in INPUT FORWARD; do iptables -A $chain -s $LAN -i $WAN -j ACCEPT; done
iptables -A INPUT -d $(hostname -I) -j DROP
iptables -F OUTPUT
`;

test('lists values by what they settle, and leaves out what is given', () => {
  const folder = program.folder({ 'a.sh': SCRIPT });
  expect(folder.run(['lint', '--list-unknowns', 'a.sh'])).toMatchObject({
    status: 0,
    stdout: `a.sh: 4 of 5 firewall commands depend on values that only the run knows
  LAN             settles 1, is in 3      line 2     --define LAN=VALUE
  $(hostname -I)  settles 1, is in 1      line 4     no name: assign it to a variable first
  WAN             settles 0, is in 2      line 3     --define WAN=VALUE
`,
  });
  expect(folder.run(['lint', '--list-unknowns', '--define', 'LAN=10.0.0.0/8', 'a.sh']).stdout)
    .toBe(`a.sh: 3 of 5 firewall commands depend on values that only the run knows
  WAN             settles 2, is in 2      line 3     --define WAN=VALUE
  $(hostname -I)  settles 1, is in 1      line 4     no name: assign it to a variable first
`);
});

test('what it advises to give is taken', () => {
  const folder = program.folder({ 'a.sh': 'iptables -A INPUT -i "$1" -j ACCEPT\niptables -A INPUT -s "$LAN" -j ACCEPT\n' });
  const advised = [...folder.run(['--list-unknowns', 'a.sh']).stdout.matchAll(/--define (\S+)=VALUE/g)].map(([, name = '']) => name);
  expect(advised.sort()).toEqual(['1', 'LAN']);
  const given = advised.flatMap((name) => ['--define', `${name}=10.0.0.0/8`]);
  expect(folder.run(['--list-unknowns', ...given, 'a.sh'])).toMatchObject({
    status: 0,
    stdout: 'a.sh: all values of its firewall commands are known (2)\n',
  });
});

test('a reader that stops early is no defect', () => {
  const folder = program.folder({ 'a.sh': SCRIPT });
  const files = Array.from({ length: 40 }, () => 'a.sh').join(' ');
  expect(folder.shell(`fwlint --list-unknowns ${files} | true; echo "${'$'}{PIPESTATUS[0]}"`)).toMatchObject({ stdout: '0\n', stderr: '' });
});

test('says so when everything is known, and reports a file that cannot be read', () => {
  const folder = program.folder({ 'a.sh': 'iptables -F\n' });
  expect(folder.run(['lint', '--list-unknowns', 'a.sh'])).toMatchObject({
    status: 0,
    stdout: 'a.sh: all values of its firewall commands are known (1)\n',
  });
  expect(folder.run(['lint', '--list-unknowns', 'missing.sh']).status).toBe(2);
});
