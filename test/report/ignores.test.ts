// Comments that silence a check, and findings about such comments.
import { describe, expect, test } from 'vitest';

import { createSource, lint } from '../../src/api.js';

const CLEAN = 'iptables -A INPUT -i lo -j ACCEPT\n';
const HOST_BITS = 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n';

const checksOf = (text: string, ignore: readonly string[] = []): string[] =>
  lint(createSource('a.sh', text), { selection: { ignore: new Set(ignore) } }).findings.map((finding) => finding.check);

describe('what is silenced', () => {
  test('without a comment there is something to find', () => {
    expect(checksOf(HOST_BITS)).toEqual(['host-bits-set']);
    expect(checksOf('iptables -A INPUT -s 10.0.0.1/24 -m state --state NEW -j DROP\n')).toEqual(['host-bits-set', 'deprecated-state-match']);
  });

  test.each([
    ['at the end of the line', HOST_BITS.replace('\n', ' # fwlint-ignore host-bits-set: as the provider wrote it\n')],
    ['on the line above', `# fwlint-ignore host-bits-set: as the provider wrote it\n${HOST_BITS}`],
    ['with two dashes before the reason', `# fwlint-ignore host-bits-set -- as the provider wrote it\n${HOST_BITS}`],
    ['above other comments', `# fwlint-ignore host-bits-set: as the provider wrote it\n# the office\n${HOST_BITS}`],
    [
      'stacked',
      '# fwlint-ignore host-bits-set: as is\n# fwlint-ignore deprecated-state-match: old hosts\niptables -A INPUT -s 10.0.0.1/24 -m state --state NEW -j DROP\n',
    ],
    ['several in one', '# fwlint-ignore host-bits-set, deprecated-state-match: old\niptables -A INPUT -s 10.0.0.1/24 -m state --state NEW -j DROP\n'],
    ['for the whole file', `# fwlint-ignore-file host-bits-set: all of them\n${CLEAN}${HOST_BITS}${HOST_BITS.replace('10.', '11.')}`],
    ['a command over several lines', '# fwlint-ignore host-bits-set: as is\niptables -A INPUT \\\n  -s 10.0.0.1/24 -j DROP\n'],
    ['at the end of such a command', 'iptables -A INPUT \\\n  -s 10.0.0.1/24 \\\n  -j DROP # fwlint-ignore host-bits-set: as is\n'],
    ['in a dump', '*filter\n:INPUT ACCEPT [0:0]\n# fwlint-ignore host-bits-set: as is\n-A INPUT -s 10.0.0.1/24 -j DROP\nCOMMIT\n'],
    ['with line ends of Windows', `# fwlint-ignore host-bits-set, carriage-return: as is\r\n${HOST_BITS}`],
  ])('%s', (_, text) => {
    expect(checksOf(text)).toEqual([]);
  });
});

describe('what is found about the comment', () => {
  test.each([
    ['another line', `# fwlint-ignore host-bits-set: as is\n${CLEAN}${HOST_BITS}`, ['ignore-comment', 'host-bits-set']],
    ['a blank line between', `# fwlint-ignore host-bits-set: as is\n\n${HOST_BITS}`, ['ignore-comment', 'host-bits-set']],
    ['another check', `# fwlint-ignore unicode-dash: as is\n${HOST_BITS}`, ['ignore-comment', 'host-bits-set']],
    ['no such check', `# fwlint-ignore host-bit-set: as is\n${HOST_BITS}`, ['ignore-comment', 'host-bits-set']],
    ['no check', `# fwlint-ignore\n${HOST_BITS}`, ['ignore-comment', 'host-bits-set']],
    ['no reason', `# fwlint-ignore host-bits-set\n${HOST_BITS}`, ['ignore-comment']],
    ['nothing to silence', `# fwlint-ignore host-bits-set: as is\n${CLEAN}`, ['ignore-comment']],
    ['a name every object has', `# fwlint-ignore constructor: as is\n${CLEAN}`, ['ignore-comment']],
  ])('%s', (_, text, checks) => {
    expect(checksOf(text)).toEqual(checks);
  });

  test('nothing, when the check is not run', () => {
    expect(checksOf(`# fwlint-ignore host-bits-set: as is\n${HOST_BITS}`, ['host-bits-set'])).toEqual([]);
  });
});
