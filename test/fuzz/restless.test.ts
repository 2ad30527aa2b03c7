// A check whose repair makes room for itself again: `fix` ends, leaves that repair out and makes the others.
import { expect, test, vi } from 'vitest';

import { createSource, fix } from '../../src/api.js';
import { spanOf } from '../../src/text/source.js';

vi.mock('../../src/checks/index.js', async (original) => {
  const { CHECKS } = await original<typeof import('../../src/checks/index.js')>();
  const { defineCheck } = await import('../../src/checks/define.js');
  const growing = defineCheck({
    name: 'growing',
    summary: 'The text could be longer',
    why: 'It is.',
    advice: 'Add a line.',
    severity: 'warning',
    category: 'values',
    fix: 'safe',
    examples: { bad: '', good: '' },
    source: 'nothing',
    since: '0.1.0',
    find: ({ source }) => {
      const end = spanOf(source, source.text.length, source.text.length);
      const at = spanOf(source, 0, 1);
      return [
        {
          check: 'growing',
          at,
          message: 'too short',
          fixes: [{ title: 'add a line', applicability: 'safe', edits: [{ span: end, text: '# more\n' }] }],
        },
      ];
    },
  });
  return { CHECKS: [...CHECKS, growing] };
});

test('a repair that never comes to rest is not made, the others are', () => {
  const text = 'iptables -A INPUT \u2013p icmp -j ACCEPT\n';
  const fixed = fix(createSource('input', text), ['safe'], { kind: 'script' });
  expect(fixed.source.text).toBe('iptables -A INPUT -p icmp -j ACCEPT\n');
  expect(fixed.repaired.map(({ finding }) => finding.check)).toEqual(['unicode-dash']);
  expect(fixed.findings.map(({ check }) => check)).toContain('growing');
});
