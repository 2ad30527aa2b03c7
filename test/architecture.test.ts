// Who may import whom: imports go downwards only, and only src/cli and src/lsp touch files, environment or terminals.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/** Lowest first; folders on one line may not import each other unless named in SIBLINGS. */
const LAYERS: readonly (readonly string[])[] = [
  ['src/text'],
  ['src/net'],
  ['src/nft', 'src/diagnostics'],
  ['src/paste', 'grammar/shell', 'grammar/iptables', 'grammar/iptables-save', 'grammar/ipset', 'src/extensions'],
  ['src/shell', 'src/iptables', 'src/ipset'],
  ['src/ruleset'],
  ['src/analysis'],
  ['src/input'],
  ['src/policy'],
  ['src/translate', 'src/simulate', 'src/checks', 'src/config', 'src/explain'],
  ['src/report', 'src/lint'],
  ['src/api.ts'],
  ['src/cli'],
];
/** src/explain shows the pages of checks. */
const SIBLINGS: ReadonlyMap<string, readonly string[]> = new Map([['src/explain', ['src/checks']]]);
const MAY_DO_IO = ['src/cli', 'src/lsp'];
const PACKAGES: ReadonlyMap<string, readonly string[]> = new Map([
  ['chevrotain', ['grammar/shell']],
  ['commander', ['src/cli']],
  ['diff', ['src/cli']],
  ['valibot', ['src/config']],
]);

const root = resolve(import.meta.dirname, '..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

function layerOf(file: string): { readonly level: number; readonly folder: string } | undefined {
  for (const [level, folders] of LAYERS.entries())
    for (const folder of folders) if (file === folder || file.startsWith(`${folder}/`)) return { level, folder };
  return undefined;
}

/** What is wrong with the imports of a file's text; exported in spirit for the test of the test below. */
function violations(file: string, text: string): string[] {
  const own = layerOf(file);
  if (own === undefined) return [`${file} is in no layer: add its folder to LAYERS`];
  const found: string[] = [];
  for (const { fileName } of ts.preProcessFile(text, true, true).importedFiles) {
    if (!fileName.startsWith('.')) {
      if (fileName.startsWith('node:') && !MAY_DO_IO.includes(own.folder))
        found.push(`${file} imports ${fileName}: only ${MAY_DO_IO.join(', ')} may`);
      else if (!fileName.startsWith('node:') && !(PACKAGES.get(fileName) ?? []).includes(own.folder))
        found.push(`${file} imports ${fileName}, which is not for ${own.folder}`);
      continue;
    }
    const target = relative(root, resolve(root, dirname(file), fileName)).replace(/\.js$/, '.ts');
    const other = layerOf(target);
    if (other === undefined) found.push(`${file} imports ${target}, which is in no layer`);
    else if (other.folder !== own.folder && other.level >= own.level && !(SIBLINGS.get(own.folder) ?? []).includes(other.folder))
      found.push(`${file} imports ${target}: ${own.folder} may not know ${other.folder}`);
  }
  return found;
}

describe('imports', () => {
  test('go downwards only, and only the outer layers do input and output', () => {
    const files = [...sources('src'), ...sources('grammar')];
    expect(files.length).toBeGreaterThan(50);
    expect(files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  test('an upward import, a foreign package and node modules are noticed', () => {
    expect(violations('src/nft/oops.ts', "import { x } from '../checks/define.js';")).toHaveLength(1);
    expect(violations('src/ruleset/oops.ts', "import { readFileSync } from 'node:fs';")).toHaveLength(1);
    expect(violations('src/text/oops.ts', "import { parse } from 'chevrotain';")).toHaveLength(1);
    expect(violations('src/elsewhere/oops.ts', '')).toHaveLength(1);
    expect(violations('src/checks/fine.ts', "import { x } from '../text/source.js';")).toEqual([]);
  });
});

test('docs/architecture.md says of every folder what it knows', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const folders = LAYERS.flat().filter((folder) => folder.startsWith('src/') && !folder.endsWith('.ts'));
  expect(folders.filter((folder) => !page.includes(`| \`${folder}\` |`))).toEqual([]);
});

describe('exports', () => {
  /** Functions and values that files export, and that no file has another word of. */
  function unused(files: ReadonlyMap<string, string>): string[] {
    const uses = new Map<string, number>();
    for (const text of files.values()) for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*/g)) uses.set(word, (uses.get(word) ?? 0) + 1);
    return [...files].flatMap(([file, text]) =>
      [...text.matchAll(/^export (?:async )?(?:function\*?|const|let|class|interface|type) ([A-Za-z_$][\w$]*)/gm)].flatMap(([, name = '']) =>
        uses.get(name) === 1 ? [`${file}: ${name}`] : [],
      ),
    );
  }

  test('none is there that nobody uses', () => {
    const files = ['src', 'grammar', 'test'].flatMap(sources);
    expect(unused(new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')])))).toEqual([]);
  });

  test('one that nobody uses is noticed', () => {
    expect(
      unused(
        new Map([
          ['a.ts', 'export function used(): void {}\nexport const UNUSED = 1;\n'],
          ['b.ts', 'used();'],
        ]),
      ),
    ).toEqual(['a.ts: UNUSED']);
  });
});
