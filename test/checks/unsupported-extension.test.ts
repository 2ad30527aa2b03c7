/** Rules with matches and targets that fwlint has no table for yet: one finding, and the rule is left out. Which ones these are changes. */

import { describe, expect, test } from 'vitest';
import { MATCHES, TARGETS } from '../../src/extensions/index.js';
import { isForeign, isOfIptables, namesOfIptables, ofOtherFamily } from '../../src/extensions/known-names.js';
import { dumpRuleset } from '../../src/ruleset/dump.js';
import { lintText } from '../support/fixtures.js';

const options = { kind: 'script', target: {}, defines: new Map<string, string>(), escapes: false } as const;
const READ = {
  match: new Set(MATCHES.flatMap((match) => [match.name, ...(match.aliases ?? [])])),
  target: new Set(TARGETS.flatMap((target) => [target.name, ...(target.aliases ?? [])])),
};

for (const kind of ['match', 'target'] as const) {
  const unread = [...namesOfIptables(kind)].filter((name) => !READ[kind].has(name));
  if (unread.length === 0) continue;
  describe(`a ${kind} that is not read`, () => {
    for (const name of unread)
      test(name, () => {
        const program = ofOtherFamily(kind, name, 'ip') === undefined ? 'iptables' : 'ip6tables';
        const text = `${program} -A INPUT ${kind === 'match' ? `-m ${name} --${name}-option 1 -j ACCEPT` : `-j ${name} --some-option 1`}\n`;
        const { input, findings } = lintText(text, options);
        expect(findings.filter((finding) => finding.severity !== 'hint').map((finding) => finding.check)).toContain('unsupported-extension');
        expect(findings.filter((finding) => finding.severity === 'error')).toEqual([]);
        expect([...input.runs.values()].map((run) => dumpRuleset(run.ruleset)).join('')).not.toContain('-A INPUT');
      });
  });
}

test('names that are read are not among those that never were of iptables', () => {
  for (const kind of ['match', 'target'] as const) for (const name of READ[kind]) expect(isForeign(kind, name)).toBe(false);
  expect(isOfIptables('match', 'toString')).toBe(false);
});
