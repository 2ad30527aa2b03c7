// The formats for programs: each against its schema, its grammar or a reader of it.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { CHECKS, createSource, lint } from '../../src/api.js';
import { applyEdits } from '../../src/diagnostics/apply-fixes.js';
import { printCheckstyle } from '../../src/report/checkstyle.js';
import { fullMessage, type FileFindings, type Suppressed, type Surroundings } from '../../src/report/findings.js';
import { printGcc } from '../../src/report/gcc.js';
import { printGithub } from '../../src/report/github.js';
import { printGitlab } from '../../src/report/gitlab.js';
import { printSarif } from '../../src/report/sarif.js';
import { countByCheck, printStatistics } from '../../src/report/statistics.js';

const require = createRequire(import.meta.url);
const root = resolve(import.meta.dirname, '../..');

const HERE: Surroundings = { version: '1.2.3', pathOf: (name) => name, unreadable: [] };

function findingsOf(name: string, text: string): FileFindings {
  const source = createSource(name, text);
  const { findings, silenced } = lint(source);
  return { source, findings, suppressed: silenced.map(({ finding, reason }): Suppressed => ({ finding, by: 'comment', reason })) };
}

/** Everything a format has to escape, in names and in texts. */
const HOSTILE = findingsOf(
  'a dir/50% off, "x" <y> & z:\u00fc#?.sh',
  'iptables \u2013A INPUT \u2014p tcp \u201c--dport\u201d 22 \u{1f600} -j ACCEPT\r\n' +
    'iptables -A INPUT -s 10.0.0.1/24 -m comment --comment "<a> & \'b\' %0A ]]> ::error::" -j DROP\n' +
    'iptables -A INPUT -p tcp --dport "99999\u0007&<>" -j ACCEPT\n' +
    '# fwlint-ignore host-bits-set: <as> & "is"\niptables -A INPUT -s 10.0.0.1/24 -j DROP\n',
);
const CORPUS: readonly FileFindings[] = ['scripts', 'snippets', 'dumps'].flatMap((folder) =>
  readdirSync(join(root, 'corpus', folder)).map((name) => findingsOf(`${folder}/${name}`, readFileSync(join(root, 'corpus', folder, name), 'utf8'))),
);
const FILES: readonly FileFindings[] = [...CORPUS, HOSTILE, findingsOf('clean.sh', 'iptables -A INPUT -i lo -j ACCEPT\n'), findingsOf('empty', '')];

test('there is something to print: findings of all severities, fixes, labels, silenced ones', () => {
  const findings = FILES.flatMap((file) => file.findings);
  expect(new Set(findings.map(({ severity }) => severity))).toEqual(new Set(['error', 'warning', 'info', 'hint']));
  expect(findings.some(({ labels }) => labels.length > 0)).toBe(true);
  expect(findings.some(({ fixes }) => fixes.length > 0)).toBe(true);
  expect(HOSTILE.suppressed?.map(({ reason }) => reason)).toContain('<as> & "is"');
});

describe('sarif', () => {
  interface Region {
    readonly startLine: number;
    readonly startColumn: number;
    readonly endLine: number;
    readonly endColumn: number;
  }
  interface Location {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string }; readonly region: Region };
  }
  interface Result {
    ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly locations: readonly Location[];
    readonly partialFingerprints: Readonly<Record<string, string>>;
    readonly suppressions?: readonly { readonly kind: string; readonly justification?: string }[];
    fixes?: {
      artifactChanges: readonly {
        readonly replacements: readonly { readonly deletedRegion: Region; readonly insertedContent: { readonly text: string } }[];
      }[];
    }[];
  }
  interface Log {
    readonly runs: readonly {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly Result[];
    }[];
  }

  type Validate = ((value: unknown) => boolean) & { readonly errors?: readonly unknown[] | null };
  // The schema of the standard itself, as @microsoft/jest-sarif ships it; of draft 4, which Ajv 6 still reads.
  const Ajv = require('ajv') as new (options: object) => { addMetaSchema: (schema: unknown) => void; compile: (schema: unknown) => Validate };
  const ajv = new Ajv({ schemaId: 'auto', allErrors: true, unknownFormats: 'ignore' });
  ajv.addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json'));
  const schema: unknown = JSON.parse(readFileSync(join(root, 'node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'));
  const validate = ajv.compile(schema);
  const printed = (files: readonly FileFindings[], surroundings = HERE): Log => JSON.parse(printSarif(files, CHECKS, surroundings)) as Log;

  test.each(FILES.map((file) => [file.source.name, file] as const))('%s is as the schema says', (_, file) => {
    const log = printed([file]);
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('all files in one document, and files that cannot be read', () => {
    validate(printed(FILES, { ...HERE, unreadable: [{ name: 'gone.sh', reason: 'no such file' }] }));
    expect(validate.errors ?? []).toEqual([]);
  });

  test('the schema is one that notices', () => {
    const log = printed([HOSTILE]);
    const fixed = log.runs[0]?.results.find(({ fixes }) => fixes !== undefined);
    if (fixed?.fixes?.[0] === undefined) throw new Error('there is no fix');
    fixed.fixes[0].artifactChanges = [];
    expect(validate(log)).toBe(false);
  });

  test('every rule is a check, every result points to its rule', () => {
    const [run] = printed(FILES).runs;
    expect(run?.tool.driver.rules.map(({ id }) => id)).toEqual(CHECKS.map(({ name }) => name));
    for (const result of run?.results ?? []) expect(run?.tool.driver.rules[result.ruleIndex]?.id).toBe(result.ruleId);
  });

  test('regions and replacements, applied as the standard says, are the places and fixes of the findings', () => {
    for (const file of FILES) {
      const lines = file.source.text.split('\n');
      const offset = (line: number, column: number): number => lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, column - 1);
      const results = printed([file]).runs[0]?.results.filter(({ suppressions = [] }) => suppressions.length === 0) ?? [];
      expect(results.length).toBe(file.findings.length);
      results.forEach((result, index) => {
        const finding = file.findings[index];
        const region = result.locations[0]?.physicalLocation.region;
        if (finding === undefined || region === undefined) throw new Error('a result without a finding');
        expect([offset(region.startLine, region.startColumn), offset(region.endLine, region.endColumn)]).toEqual([finding.at.start, finding.at.end]);
        (result.fixes ?? []).forEach((fix, choice) => {
          // Later replacements first, so that the places of the earlier ones hold; of insertions at one place the later one first, too.
          const replacements = [...(fix.artifactChanges[0]?.replacements ?? [])]
            .map(({ deletedRegion: at, insertedContent }) => ({
              start: offset(at.startLine, at.startColumn),
              end: offset(at.endLine, at.endColumn),
              text: insertedContent.text,
            }))
            .reverse()
            .sort((left, right) => right.start - left.start || right.end - left.end);
          const text = replacements.reduce(
            (before, { start, end, text: inserted }) => before.slice(0, start) + inserted + before.slice(end),
            file.source.text,
          );
          expect(text).toBe(applyEdits(file.source.text, finding.fixes[choice]?.edits ?? []));
        });
      });
    }
  });

  test('URIs are valid and lead back to the path', () => {
    for (const path of [HOSTILE.source.name, '/etc/ünd/a b%.sh', '<stdin>', 'a:b/c', '../up.sh', 'C:/x y.sh', '\ud800']) {
      const { uri, uriBaseId } = printed([findingsOf(path, 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n')]).runs[0]?.results[0]?.locations[0]
        ?.physicalLocation.artifactLocation ?? { uri: '' };
      expect(uri).toMatch(/^[A-Za-z0-9\-._~:/!'()*%]+$/);
      const back = new URL(uri, 'file:///srcroot/sub/');
      const expected = path.replace('\ud800', '\ufffd');
      if (path.startsWith('/')) expect([decodeURIComponent(back.pathname), uriBaseId]).toEqual([expected, undefined]);
      else if (path.startsWith('C:')) expect([decodeURIComponent(back.pathname), uriBaseId]).toEqual([`/${expected}`, undefined]);
      else
        expect([decodeURIComponent(back.pathname), uriBaseId]).toEqual([
          expected.startsWith('../') ? '/srcroot/up.sh' : `/srcroot/sub/${expected}`,
          '%SRCROOT%',
        ]);
    }
  });

  test('what is silenced is marked, with the reason; the others are marked as not', () => {
    const results = printed([HOSTILE]).runs[0]?.results ?? [];
    const suppressed = results.filter(({ suppressions }) => suppressions?.length === 1);
    expect(suppressed.map(({ ruleId, suppressions }) => [ruleId, suppressions?.[0]])).toContainEqual([
      'host-bits-set',
      { kind: 'inSource', status: 'accepted', justification: '<as> & "is"' },
    ]);
    expect(results.every(({ suppressions }) => suppressions !== undefined)).toBe(true);
    expect(printed([findingsOf('a.sh', 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n')]).runs[0]?.results[0]).not.toHaveProperty('suppressions');
  });
});

describe('github', () => {
  /** Reads a command as the runner does. (actions/runner, src/Runner.Common/ActionCommand.cs, TryParseV2) */
  function readCommand(line: string): { readonly command: string; readonly properties: Readonly<Record<string, string>>; readonly data: string } {
    const back = (text: string, escapes: readonly (readonly [string, string])[]): string =>
      escapes.reduce((before, [code, character]) => before.replaceAll(code, character), text);
    const DATA = [
      ['%0D', '\r'],
      ['%0A', '\n'],
      ['%25', '%'],
    ] as const;
    const PROPERTY = [
      ['%0D', '\r'],
      ['%0A', '\n'],
      ['%3A', ':'],
      ['%2C', ','],
      ['%25', '%'],
    ] as const;
    if (!line.startsWith('::')) throw new Error(`no command: ${line}`);
    const end = line.indexOf('::', 2);
    const info = line.slice(2, end);
    const blank = info.indexOf(' ');
    const properties = info
      .slice(blank + 1)
      .split(',')
      .map((pair): [string, string] => {
        const [key = '', ...value] = pair.trim().split('=');
        return [key, back(value.join('='), PROPERTY)];
      });
    return { command: info.slice(0, blank), properties: Object.fromEntries(properties), data: back(line.slice(end + 2), DATA) };
  }

  test('every finding is one command, which says the same when it is read', () => {
    for (const file of FILES) {
      const lines = printGithub([file], HERE).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.length).toBe(file.findings.length);
      lines.forEach((line, index) => {
        const finding = file.findings[index];
        if (finding === undefined) throw new Error('a command without a finding');
        const { command, properties, data } = readCommand(line);
        expect(command).toBe({ error: 'error', warning: 'warning', info: 'notice', hint: 'notice' }[finding.severity]);
        expect(properties['file']).toBe(file.source.name);
        expect(properties['title']).toBe(`fwlint (${finding.check})`);
        expect(data).toBe(fullMessage(finding));
        const lineNumber = file.source.text.slice(0, finding.at.start).split('\n').length;
        expect(Number(properties['line'])).toBe(lineNumber);
        expect(properties['line'] === properties['endLine']).toBe(properties['col'] !== undefined);
      });
    }
  });

  test('what a file is called cannot begin another command', () => {
    const out = printGithub([findingsOf('a\n::set-output name=x::y,line=9', 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n')], HERE);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    expect(readCommand(out.trimEnd()).properties).toMatchObject({ file: 'a\n::set-output name=x::y,line=9', line: '1' });
  });
});

describe('gitlab', () => {
  interface Issue {
    readonly description: string;
    readonly check_name: string;
    readonly fingerprint: string;
    readonly severity: string;
    readonly location: { readonly path: string; readonly lines: { readonly begin: number; readonly end: number } };
  }
  const printed = (files: readonly FileFindings[]): readonly Issue[] => JSON.parse(printGitlab(files, HERE)) as readonly Issue[];

  test('every finding has what GitLab asks for, and a fingerprint of its own', () => {
    const issues = printed(FILES);
    expect(issues.length).toBe(FILES.reduce((sum, { findings }) => sum + findings.length, 0));
    for (const issue of issues) {
      expect(issue.description).not.toBe('');
      expect(CHECKS.map(({ name }) => name)).toContain(issue.check_name);
      expect(issue.fingerprint).toMatch(/^[0-9a-f]{32}$/);
      expect(['info', 'minor', 'major', 'critical', 'blocker']).toContain(issue.severity);
      expect(issue.location.lines.begin).toBeGreaterThanOrEqual(1);
      expect(issue.location.lines.end).toBeGreaterThanOrEqual(issue.location.lines.begin);
    }
    expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(issues.length);
  });

  test('fingerprints stay when lines move or are indented, and change with path, check and text', () => {
    const text = 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\niptables -A FORWARD -s 10.0.0.1/24 -j DROP\n';
    const of = (name: string, content: string): readonly string[] =>
      printed([findingsOf(name, content)])
        .filter(({ check_name }) => check_name === 'host-bits-set')
        .map(({ fingerprint }) => fingerprint);
    const first = of('a.sh', text);
    expect(first.length).toBe(2);
    expect(of('a.sh', `#!/bin/sh\n\niptables -A INPUT -i lo -j ACCEPT\n${text}`)).toEqual(first);
    expect(of('a.sh', text.replaceAll('iptables', '  iptables'))).toEqual(first);
    expect(of('b.sh', text).some((fingerprint) => first.includes(fingerprint))).toBe(false);
    expect(of('a.sh', text.replaceAll('DROP', 'REJECT')).some((fingerprint) => first.includes(fingerprint))).toBe(false);
  });
});

describe('checkstyle', () => {
  const READER = `
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
print(json.dumps([root.tag, [[f.tag, f.attrib, [[e.tag, e.attrib] for e in f]] for f in root]]))
`;
  const python = spawnSync('python3', ['-c', '0']).status === 0;

  test.skipIf(!python)('a reader of XML finds every file and finding in it, word for word', () => {
    const { status, stdout, stderr } = spawnSync('python3', ['-c', READER], { input: printCheckstyle(FILES, HERE), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    // U+0007 has no place in XML.
    const said = (text: string): string => text.replaceAll('\u0007', '\ufffd');
    expect(JSON.parse(stdout)).toEqual([
      'checkstyle',
      FILES.map(({ source, findings }) => [
        'file',
        { name: source.name },
        findings.map((finding) => {
          const before = source.text.slice(0, finding.at.start).split('\n');
          const attributes = {
            line: String(before.length),
            column: String((before.at(-1) ?? '').length + 1),
            severity: finding.severity === 'hint' ? 'info' : finding.severity,
            message: said(fullMessage(finding)),
            source: `fwlint.${finding.check}`,
          };
          return ['error', attributes];
        }),
      ]),
    ]);
  });
});

describe('gcc', () => {
  test('every finding is one line that the usual patterns read', () => {
    for (const file of FILES) {
      const lines = printGcc([file]).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.length).toBe(file.findings.length);
      lines.forEach((line, index) => {
        const finding = file.findings[index];
        // vim: errorformat %f:%l:%c: %t%*[^:]: %m; GitHub: the problem matcher of gcc.
        const found = /^(.+?):(\d+):(\d+): (error|warning|note): (.+) \[([a-z0-9-]+)\]$/.exec(line);
        if (found === null || finding === undefined) throw new Error(`not of the form: ${line}`);
        // The name may have the form of a place itself; line and column are the last two numbers before the level.
        expect(line.startsWith(`${file.source.name}:`)).toBe(true);
        expect(found[6]).toBe(finding.check);
        const before = file.source.text.slice(0, finding.at.start).split('\n');
        expect(line.slice(file.source.name.length)).toMatch(
          new RegExp(`^:${String(before.length)}:${String((before.at(-1) ?? '').length + 1)}: ${found[4] ?? ''}: `),
        );
      });
    }
  });
});

describe('statistics', () => {
  test('count every finding once, the most frequent check first', () => {
    const findings = FILES.flatMap((file) => file.findings);
    const counts = countByCheck(findings);
    expect(counts.reduce((sum, { count }) => sum + count, 0)).toBe(findings.length);
    expect(counts.map(({ count }) => count)).toEqual([...counts.map(({ count }) => count)].sort((left, right) => right - left));
    for (const { check, count, safe, unsafe } of counts) {
      expect(count).toBe(findings.filter((finding) => finding.check === check).length);
      expect(safe + unsafe).toBeLessThanOrEqual(count);
    }
    expect(printStatistics(counts).trimEnd().split('\n').length).toBe(counts.length);
  });
});
