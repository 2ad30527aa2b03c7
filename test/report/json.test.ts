// --format json: every finding in the corpus is as docs/findings.schema.json says, and its places lie in the text.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, lint } from '../../src/api.js';
import { printJson } from '../../src/report/json.js';
import { matchesSchema, type Schema } from '../support/json-schema.js';

const root = resolve(import.meta.dirname, '../..');
const schema = JSON.parse(readFileSync(join(root, 'docs/findings.schema.json'), 'utf8')) as Schema;

interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}
interface Place {
  readonly start: Position;
  readonly end: Position;
}
interface Finding extends Place {
  readonly check: string;
  readonly severity: 'error' | 'warning' | 'info' | 'hint';
  readonly labels: readonly (Place & { readonly text: string })[];
  readonly fixes: readonly { readonly edits: readonly (Place & { readonly text: string })[] }[];
}
interface Document {
  readonly files: readonly { readonly name: string; readonly findings: readonly Finding[] }[];
  readonly summary: Readonly<Record<string, number>>;
}

const texts: readonly (readonly [string, string])[] = [
  ...['scripts', 'snippets', 'dumps'].flatMap((folder) =>
    readdirSync(join(root, 'corpus', folder)).map((name): [string, string] => [
      `${folder}/${name}`,
      readFileSync(join(root, 'corpus', folder, name), 'utf8'),
    ]),
  ),
  ['pasted', 'iptables \u2013A INPUT \u2014p tcp \u201c--dport\u201d 22 \u{1f600} -j ACCEPT\r\niptables -A INPUT -s 10.0.0.1/24 -j DROPIn above\n'],
  ['clean', 'iptables -A INPUT -i lo -j ACCEPT\n'],
  ['empty', ''],
];

const printed = (name: string, text: string): Document => {
  const source = createSource(name, text);
  return JSON.parse(printJson([{ source, findings: lint(source).findings }])) as Document;
};

describe.each(texts)('%s', (name, text) => {
  const document = printed(name, text);

  test('is as the schema says', () => {
    expect(matchesSchema(document, schema)).toBe(true);
  });

  test('every place is one in the text, with line and column that belong to its offset', () => {
    const findings = document.files.flatMap((file) => file.findings);
    const places: readonly Place[] = findings.flatMap((finding) => [finding, ...finding.labels, ...finding.fixes.flatMap((fix) => fix.edits)]);
    for (const { start, end } of places) {
      expect(start.offset).toBeLessThanOrEqual(end.offset);
      expect(end.offset).toBeLessThanOrEqual(text.length);
      for (const position of [start, end]) {
        const before = text.slice(0, position.offset).split('\n');
        expect(position).toEqual({ line: before.length, column: (before.at(-1) ?? '').length + 1, offset: position.offset });
      }
    }
  });

  test('the summary counts the findings', () => {
    const counts: Record<string, number> = { error: 0, warning: 0, info: 0, hint: 0 };
    for (const file of document.files) for (const { severity } of file.findings) counts[severity] = (counts[severity] ?? 0) + 1;
    expect(document.summary).toEqual(counts);
  });
});

test('the corpus has findings, fixes and labels to look at', () => {
  const findings = texts.flatMap(([name, text]) => printed(name, text).files.flatMap((file) => file.findings));
  expect(findings.length).toBeGreaterThan(20);
  expect(findings.some((finding) => finding.fixes.length > 0)).toBe(true);
  expect(findings.some((finding) => finding.labels.length > 1)).toBe(true);
});

test('with statistics it is as the schema says, too', () => {
  const source = createSource('pasted', texts.find(([name]) => name === 'pasted')?.[1] ?? '');
  const document = JSON.parse(printJson([{ source, findings: lint(source).findings }], { statistics: true })) as Document & { statistics: unknown[] };
  expect(document.statistics.length).toBeGreaterThan(1);
  expect(matchesSchema(document, schema)).toBe(true);
});

test('a document that is not as the schema says is noticed', () => {
  const document = printed('pasted', texts.find(([name]) => name === 'pasted')?.[1] ?? '') as unknown as {
    files: { findings: Record<string, unknown>[] }[];
  };
  const finding = document.files[0]?.findings[0] ?? {};
  for (const [key, value] of [
    ['severity', 'fatal'],
    ['message', 'ends with a period.'],
    ['message', 'two\nlines'],
    ['start', { line: 0, column: 1, offset: 0 }],
    ['fixes', [{ title: 'x', applicability: 'safe' }]],
  ] as const) {
    const kept = finding[key];
    finding[key] = value;
    expect(matchesSchema(document, schema)).toBe(false);
    finding[key] = kept;
  }
  expect(matchesSchema(document, schema)).toBe(true);
});
