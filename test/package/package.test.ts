// What `npm pack` makes: installed offline into an empty folder it runs, is imported and type-checks, with nothing else beside it.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const PARTS = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'tsconfig.json',
  'tsconfig.core.json',
  'tsconfig.types.json',
  'src',
  'grammar',
  'tools',
  'docs',
  'man',
];

let place = '';
let tarball = '';
let files: readonly string[] = [];
const at = (...parts: string[]): string => join(place, 'app', ...parts);

function run(command: string, parameters: readonly string[], cwd: string, input = ''): { status: number | null; stdout: string; stderr: string } {
  // What npm sets for its scripts would be taken for settings of the npm that is started here.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { cwd, input, encoding: 'utf8', env, timeout: 240_000 });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

beforeAll(() => {
  // A copy: packing builds, and other tests may be using what is built here.
  place = mkdtempSync(join(tmpdir(), 'fwlint-package-'));
  const copy = join(place, 'project');
  mkdirSync(copy);
  for (const part of PARTS) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const packed = run('npm', ['pack', '--json'], copy);
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stdout}${packed.stderr}`);
  const [report] = JSON.parse(packed.stdout.slice(packed.stdout.search(/^\[/m))) as [{ filename: string; files: { path: string }[] }];
  tarball = join(copy, report.filename);
  files = report.files.map((file) => file.path);
  mkdirSync(at());
  writeFileSync(at('package.json'), '{"private": true, "type": "module"}');
  const installed = run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], at());
  if (installed.status !== 0) throw new Error(`npm install failed:\n${installed.stderr}`);
}, 300_000);
afterAll(() => {
  rmSync(place, { recursive: true, force: true });
});

describe('the tarball', () => {
  test('is no larger than 1.5 MB', () => {
    expect(statSync(tarball).size).toBeLessThanOrEqual(1_500_000);
  });

  test('holds the program, the library, its types, the schemas, the manual, the docs and the papers, and nothing of the rest', () => {
    for (const file of [
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'package.json',
      'dist/fwlint.cjs',
      'dist/api.js',
      'dist/types/src/api.d.ts',
      'docs/fwlint.schema.json',
      'docs/findings.schema.json',
      'docs/getting-started.md',
      'docs/checks/unicode-dash.md',
      'man/fwlint.1',
    ])
      expect(files).toContain(file);
    expect(
      files.filter(
        (file) =>
          !/^(?:README\.md|LICENSE|CHANGELOG\.md|package\.json|man\/fwlint\.1|dist\/.*|docs\/[a-z]+\.schema\.json|docs\/README\.md|docs\/(?:checks\/)?[a-z0-9-]+\.md)$/.test(
            file,
          ),
      ),
    ).toEqual([]);
  });

  test('needs no other package', () => {
    const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(
      readFileSync(at('node_modules/fwlint/package.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect({ dependencies, peerDependencies, optionalDependencies }).toEqual({});
    expect(readdirSync(at('node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['fwlint']);
  });
});

describe('installed', () => {
  const fwlint = (parameters: readonly string[], input = ''): ReturnType<typeof run> => run(at('node_modules/.bin/fwlint'), parameters, at(), input);

  test('the command runs: version, lint, fix, translate, explain', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    expect(fwlint(['--version']).stdout).toBe(`${version}\n`);
    const dash = 'iptables -A INPUT \u2013p tcp --dport 22 -j ACCEPT\n';
    expect(fwlint(['-'], dash)).toMatchObject({ status: 1, stdout: expect.stringContaining('unicode-dash') as string });
    expect(fwlint(['--fix', '-'], dash)).toMatchObject({ status: 0, stdout: dash.replace('\u2013', '-') });
    expect(fwlint(['--diff', '-'], dash)).toMatchObject({ status: 1, stdout: expect.stringContaining('+iptables') as string });
    expect(fwlint(['translate'], dash)).toMatchObject({ status: 0, stdout: expect.stringContaining('tcp dport 22 accept') as string });
    expect(fwlint(['policy'], 'iptables -P INPUT DROP\n')).toMatchObject({ status: 0 });
    expect(fwlint(['explain', 'unicode-dash'])).toMatchObject({ status: 0 });
    expect(fwlint(['--format', 'sarif', '-'], dash)).toMatchObject({ status: 1, stdout: expect.stringContaining('"2.1.0"') as string });
  });

  test('where a terminal makes links, the name of a check leads to its page', () => {
    const dash = 'iptables -A INPUT \u2013p tcp --dport 22 -j ACCEPT\n';
    const linked = run('env', ['FORCE_HYPERLINK=1', at('node_modules/.bin/fwlint'), '-'], at(), dash).stdout;
    // eslint-disable-next-line no-control-regex
    const [, url = '', text] = /\u001b\]8;;([^\u001b]*)\u001b\\(.*?)\u001b\]8;;\u001b\\/.exec(linked) ?? [];
    expect(text).toBe('unicode-dash');
    expect(readFileSync(decodeURIComponent(new URL(url).pathname), 'utf8')).toContain('# unicode-dash\n');
    expect(fwlint(['-'], dash).stdout).not.toContain('\u001b');
  });

  test('a configuration that is begun names the schema', () => {
    expect(fwlint(['init'])).toMatchObject({ status: 0 });
    const { $schema } = JSON.parse(readFileSync(at('fwlint.json'), 'utf8')) as { $schema: string };
    expect(JSON.parse(readFileSync(at($schema), 'utf8'))).toMatchObject({ title: 'fwlint.json' });
    rmSync(at('fwlint.json'));
  });

  test('the library is imported and runs', () => {
    writeFileSync(
      at('use.mjs'),
      `import { createSource, dumpRuleset, fix, lint, printNft, read, translate } from 'fwlint';
       const source = createSource('rules.sh', 'iptables -A INPUT \\u2013p tcp --dport 22 -j ACCEPT\\n');
       const { findings } = lint(source);
       const repaired = fix(source, ['safe']).source;
       const input = read(repaired);
       const { file, report } = translate(input);
       console.log(JSON.stringify({ checks: findings.map((finding) => finding.check), text: repaired.text, nft: printNft(file), exact: report.exact,
         dump: dumpRuleset(input.runs.get('ip').ruleset) }));`,
    );
    const { status, stdout, stderr } = run(process.execPath, ['use.mjs'], at());
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({ checks: ['unicode-dash'], text: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n', exact: 1 });
    expect(result['nft']).toContain('tcp dport 22 accept');
    expect(result['dump']).toContain('-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT');
  });

  describe('docs/library.md prints what it says', () => {
    const examples = [...readFileSync(join(root, 'docs/library.md'), 'utf8').matchAll(/```js\n([^]*?)```\n\n```text\n([^]*?)```/g)];
    test('there are examples', () => {
      expect(examples.length).toBeGreaterThanOrEqual(3);
    });
    test.each(examples.map(([, code = '', printed = '']) => [code.split('\n')[0] ?? '', code, printed]))('%s', (_, code, printed) => {
      writeFileSync(at('example.mjs'), code);
      expect(run(process.execPath, ['example.mjs'], at())).toEqual({ status: 0, stdout: printed, stderr: '' });
    });
  });

  test('its types are found and strict, and wrong use is an error', () => {
    const use = `
import { createSource, fix, lint, positionAt, translate, type Applicability, type Diagnostic, type LintResult } from 'fwlint';
const source = createSource('rules.sh', 'iptables -A INPUT -j ACCEPT');
const result: LintResult = lint(source, { target: { kernel: '6.1', backend: 'legacy' } });
const first: Diagnostic | undefined = result.findings[0];
const line: number = first === undefined ? 0 : positionAt(first.at.source, first.at.start).line;
const allowed: readonly Applicability[] = ['safe'];
export const text: string = fix(source, allowed).source.text + String(line);
export const total: number = translate(result.input, { target: {}, rates: 'exact', replace: 'none', counters: 'keep', partial: true }).report.total;
`;
    writeFileSync(at('use.ts'), use);
    writeFileSync(at('wrong.ts'), `import { fix, createSource } from 'fwlint';\nfix(createSource('a', 'b'), ['dangerous']);\n`);
    const tsc = (file: string): ReturnType<typeof run> =>
      run(
        process.execPath,
        [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', file],
        at(),
      );
    expect(tsc('use.ts')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(tsc('wrong.ts')).toMatchObject({ status: 2, stdout: expect.stringContaining('dangerous') as string });
  });

  test('the schema is where "$schema" and import say', () => {
    const schema = JSON.parse(readFileSync(at('node_modules/fwlint/docs/fwlint.schema.json'), 'utf8')) as { title: string };
    expect(schema.title).toBe('fwlint.json');
  });
});
