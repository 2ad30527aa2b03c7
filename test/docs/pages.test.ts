// The pages of docs: examples are what the program prints (`FWLINT_UPDATE=1` writes them anew), links lead somewhere, options exist.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { parseConfig } from '../../src/config/config.js';
import { CHECKS } from '../../src/api.js';
import { useProgram } from '../cli/program.js';

const program = useProgram();
const root = resolve(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const EXAMPLE = /```console\n\$ fwlint ([^\n]+)\n([^]*?)```/g;
const FILE = /<!-- file: (\S+) -->\n```sh\n([^]*?)```/g;

test.each(['docs/getting-started.md', 'docs/ci.md', 'docs/policy.md'])('%s: examples are what is printed', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const files = Object.fromEntries([...text.matchAll(FILE)].map(([, name = '', content = '']) => [name, content]));
  expect(Object.keys(files)).not.toEqual([]);
  const folder = program.folder(files);
  let examples = 0;
  const fresh = text.replace(EXAMPLE, (_, parameters: string) => {
    examples += 1;
    const { status, stdout, stderr } = folder.shell(`fwlint ${parameters}`);
    if (status === null || status > 1) throw new Error(`fwlint ${parameters} failed:\n${stderr}`);
    return `\`\`\`console\n$ fwlint ${parameters}\n${stdout}${stderr}\`\`\``;
  });
  expect(examples).toBeGreaterThanOrEqual(2);
  if (process.env['FWLINT_UPDATE'] === '1') writeFileSync(join(root, page), fresh);
  else expect(text).toBe(fresh);
});

/** The anchors of a page, as GitHub and GitLab make them of its headings. */
function anchorsOf(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The options that the help of the commands names; asked once, for there are hundreds of pages. */
let optionsAsked: ReadonlySet<string> | undefined;
function optionsOfCommands(): ReadonlySet<string> {
  optionsAsked ??= new Set([
    '--version',
    ...['lint', 'translate', 'policy', 'init'].flatMap((command) =>
      [
        ...program
          .folder()
          .run([command, '--help'])
          .stdout.matchAll(/--[a-z][a-z-]+/g),
      ].map(([name]) => name),
    ),
  ]);
  return optionsAsked;
}

describe.each(pages)('%s', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const prose = text.replace(/```[^]*?```/g, '');

  test('every link leads somewhere', () => {
    for (const [, link = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(link)) continue;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(root, page) : join(root, dirname(page), path);
      expect(existsSync(target), `${page}: ${link}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(target, 'utf8')), `${page}: ${link}`).toContain(anchor);
    }
  });

  test('every option of fwlint that it names is one', () => {
    const known = optionsOfCommands();
    for (const [code = ''] of text.matchAll(/(?:`|\$ |^|\| ?)fwlint [^`\n|]*/gm))
      for (const [, name = ''] of code.matchAll(/(?<= )(--[a-z][a-z-]+)/g)) expect(known, `${page}: ${code}`).toContain(name);
  });
});

test('the snippets for pipelines are YAML, and name hooks and inputs that there are', () => {
  const load = (name: string): unknown => parse(readFileSync(join(root, name), 'utf8'), { merge: true });
  const ids = (load('.pre-commit-hooks.yaml') as { id: string }[]).map(({ id }) => id);
  const inputs = Object.keys((load('action.yml') as { inputs: object }).inputs);
  const text = readFileSync(join(root, 'docs/ci.md'), 'utf8');
  const used = { hooks: new Set<string>(), inputs: new Set<string>() };
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { hooks, uses, with: given } = node as { hooks?: { id: string }[]; uses?: string; with?: object };
    for (const { id } of hooks ?? []) used.hooks.add(id);
    if (uses?.startsWith('OWNER/fwlint@') === true) for (const name of Object.keys(given ?? {})) used.inputs.add(name);
    for (const child of Object.values(node)) visit(child);
  };
  for (const [, snippet = ''] of text.matchAll(/```yaml\n([^]*?)```/g)) visit(parse(snippet));
  expect([...used.hooks].sort()).toEqual(ids.sort());
  expect([...used.inputs].filter((name) => !inputs.includes(name))).toEqual([]);
  expect(used.inputs.size).toBeGreaterThan(2);
});

test('every page is reached from docs/README.md', () => {
  const seen = new Set<string>();
  const visit = (page: string): void => {
    if (seen.has(page)) return;
    seen.add(page);
    for (const [, link = ''] of readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g))
      if (!link.startsWith('http')) visit(join(dirname(page), link));
  };
  visit('docs/README.md');
  expect(pages.filter((page) => page.startsWith('docs/') && !seen.has(page))).toEqual([]);
});

test('the configuration in the README is one, and its comments name checks', () => {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const checks = new Set(CHECKS.map(({ name }) => name));
  const [, config = ''] = /```json\n([^]*?)```/.exec(text) ?? [];
  expect(parseConfig(config, checks).kind).toBe('config');
  for (const [, name = ''] of text.matchAll(/fwlint-ignore(?:-file)? ([a-z-]+):/g)) expect(checks).toContain(name);
});
