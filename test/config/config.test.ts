// The configuration file: patterns, what wins over what, and the JSON schema that ships beside it.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { toJsonSchema } from '@valibot/to-json-schema';
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';

import { ConfigSchema, parseConfig, settingsFor, type Config } from '../../src/config/config.js';
import { matchesPattern } from '../../src/config/pattern.js';
import { matchesSchema, type Schema } from '../support/json-schema.js';

const CHECKS = new Set(['one-check', 'other-check']);

const parse = (value: unknown): Config => {
  const result = parseConfig(JSON.stringify(value), CHECKS);
  if (result.kind === 'problem') throw new Error(result.reason);
  return result.config;
};

describe('patterns', () => {
  test.each([
    ['*.save', 'a.save', true],
    ['*.save', 'deep/down/a.save', true],
    ['*.save', 'a.save.bak', false],
    ['hosts/*.save', 'hosts/a.save', true],
    ['hosts/*.save', 'hosts/old/a.save', false],
    ['hosts/*.save', 'x/hosts/a.save', false],
    ['./hosts/*.save', 'hosts/a.save', true],
    ['/a.save', 'a.save', true],
    ['/a.save', 'x/a.save', false],
    ['hosts/**', 'hosts/a/b/c', true],
    ['hosts/**/*.sh', 'hosts/a.sh', true],
    ['hosts/**/*.sh', 'hosts/a/b.sh', true],
    ['hosts/', 'hosts/a/b.sh', true],
    ['hosts', 'x/hosts/b.sh', true],
    ['rules.v?', 'rules.v6', true],
    ['rules.v?', 'rules.v', false],
    ['rules.{v4,v6}', 'etc/rules.v6', true],
    ['rules.{v4,v6}', 'etc/rules.v5', false],
    ['*.{sh,ba*}', 'x.bash', true],
    ['a+b(c)[d].sh', 'a+b(c)[d].sh', true],
    ['a.sh', 'axsh', false],
    ['**', 'anything/at/all', true],
    ['*', 'anything/at/all', true],
    ['', 'a', false],
  ])('%s and %s: %s', (pattern, path, expected) => {
    expect(matchesPattern(pattern, path)).toBe(expected);
  });

  test('no pattern throws or hangs', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('*', '?', '{', '}', ',', '/', '.', '[', '(', '\\', 'a', '^', '$') }),
        fc.string(),
        (pattern, path) => {
          expect(typeof matchesPattern(pattern, path)).toBe('boolean');
        },
      ),
    );
    expect(matchesPattern('*a*a*a*a*a*a*a*a*b', 'a'.repeat(60))).toBe(false);
    expect(matchesPattern('**/**/**/**/**/x', 'a/'.repeat(60))).toBe(false);
  });
});

describe('several files', () => {
  test('the nearer wins, key by key; `select` as a whole', () => {
    const near = parse({ target: { nft: '1.1.0' }, severity: { 'one-check': 'hint' }, defines: { A: '1' } });
    const far = parse({
      target: { nft: '0.9.8', kernel: '5.10' },
      select: ['one-check'],
      ignore: ['one-check', 'other-check'],
      defines: { A: '2', B: '3' },
    });
    const settings = settingsFor([
      { config: near, path: 'x.sh' },
      { config: far, path: 'a/x.sh' },
    ]);
    expect(settings).toEqual({
      target: { nft: '1.1.0', kernel: '5.10' },
      select: ['one-check'],
      severities: new Map([
        ['one-check', 'hint'],
        ['other-check', 'off'],
      ]),
      defines: new Map([
        ['A', '1'],
        ['B', '3'],
      ]),
    });
  });

  test('an override wins over its own file, a later one over an earlier, and a nearer file over both', () => {
    const far = parse({
      severity: { 'one-check': 'error' },
      overrides: [
        { files: ['a/**'], severity: { 'one-check': 'warning', 'other-check': 'hint' } },
        { files: ['*.sh'], severity: { 'one-check': 'info' } },
      ],
    });
    const of = (path: string, nearer?: Config): unknown =>
      settingsFor([...(nearer === undefined ? [] : [{ config: nearer, path: 'y' }]), { config: far, path }]).severities.get('one-check');
    expect(of('b/x.txt')).toBe('error');
    expect(of('a/x.txt')).toBe('warning');
    expect(of('a/x.sh')).toBe('info');
    expect(of('a/x.sh', parse({ severity: { 'one-check': 'off' } }))).toBe('off');
  });

  test('all keys of the target are read', () => {
    expect(
      parse({ target: { kernel: '6.1', nft: '1.0.6', iptables: '1.8.9', backend: 'nft', ip_pkt_list_tot: 30, ip_list_tot: 500, hz: 1000 } }).target,
    ).toEqual({ kernel: '6.1', nft: '1.0.6', iptables: '1.8.9', backend: 'nft', ipPktListTot: 30, ipListTot: 500, hz: 1000 });
  });
});

test('a version is what the host says it is, a kernel with what its distribution adds', () => {
  expect(parse({ target: { kernel: '6.1.0-18-amd64', nft: '1.0.6' } }).target).toEqual({ kernel: '6.1.0', nft: '1.0.6' });
});

test.each([
  ['{"severity": {"__proto__": "error"}}', '`severity.__proto__` cannot be set'],
  ['{"defines": {"constructor": "1"}}', '`defines.constructor` cannot be set'],
  ['{"overrides": [{"files": [], "defines": {"prototype": "1"}}]}', '`overrides.0.defines.prototype` cannot be set'],
  ['{"__proto__": {}}', '`__proto__` is not a setting; there are $schema, root, target, select, ignore, severity, defines and overrides'],
  [
    '{"target": {"constructor": "1"}}',
    '`target.constructor` is not a setting; there are kernel, nft, iptables, backend, ip_pkt_list_tot, ip_list_tot and hz',
  ],
  ['{"target": []}', '`target` must be an object'],
  ['{"overrides": [[]]}', '`overrides.0` must be an object'],
  ['{"overrides": [{}]}', '`overrides.0.files` is missing'],
  ['null', 'must be an object with settings, such as {"target": {"kernel": "6.1"}}'],
])('nothing is left unheeded: %s', (text, reason) => {
  const result = parseConfig(text, CHECKS);
  expect(result.kind === 'problem' && result.reason.replace(/ \(line \d+, column \d+\)$/, '')).toBe(reason);
});

describe('docs/fwlint.schema.json', () => {
  const written = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../docs/fwlint.schema.json'), 'utf8')) as Schema;

  test('is made from the schema that reads the file', () => {
    expect(written).toMatchObject(toJsonSchema(ConfigSchema) as unknown as Record<string, unknown>);
  });

  test('says what every setting is for', () => {
    const undescribed = Object.entries(written.properties ?? {}).filter(([name, part]) => name !== '$schema' && part.description === undefined);
    expect(undescribed).toEqual([]);
  });

  const names = fc.constantFrom('one-check', 'other-check');
  const leaf = fc.oneof(
    fc.constantFrom('6.1', 'v', 'legacy', 'error', 'off', 'fatal', '', true, 0, 1, 2.5, null),
    names,
    fc.constant([]),
    fc.constant({}),
  );
  const keys = fc.constantFrom('kernel', 'nft', 'backend', 'ip_list_tot', 'hz', 'one-check', 'PORT', 'files', 'root', 'nope');
  const part = fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 2, arbitrary: fc.dictionary(keys, leaf, { maxKeys: 2 }) },
    { weight: 1, arbitrary: fc.array(names) },
  );
  const override = fc.dictionary(
    fc.constantFrom('files', 'ignore', 'target', 'select', 'severity', 'defines'),
    fc.oneof(part, fc.constant(['*.sh'])),
    { maxKeys: 3 },
  );
  const document = fc.oneof(
    leaf,
    fc.dictionary(
      fc.constantFrom('$schema', 'root', 'target', 'select', 'ignore', 'severity', 'defines', 'overrides', 'nope'),
      fc.oneof(part, fc.array(override, { maxLength: 2 })),
      { maxKeys: 3 },
    ),
  );

  test('and the reader agree about what is right', () => {
    let right = 0;
    fc.assert(
      fc.property(document, (value) => {
        const text = JSON.stringify(value);
        const result = parseConfig(
          text,
          new Set(['one-check', 'other-check', 'kernel', 'nft', 'backend', 'ip_list_tot', 'hz', 'PORT', 'files', 'root', 'nope']),
        );
        const valid = matchesSchema(JSON.parse(text), written);
        if (valid) right += 1;
        // A name of a check that does not exist is right in form.
        const accepted = result.kind === 'config' || result.reason.includes('there is no check');
        expect({ text, accepted, reason: result.kind === 'problem' ? result.reason : '' }).toMatchObject({ text, accepted: valid });
      }),
      { numRuns: 3000 },
    );
    expect(right).toBeGreaterThan(100);
  });
});
