/** Whether every check is complete: file, texts, fixture, examples that hold; every name a finding can carry; generated files fresh. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { CHECKS } from '../src/checks/index.js';
import { judge } from '../src/checks/run.js';
import { readInput } from '../src/input/read-input.js';
import { createSource } from '../src/text/source.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Checks whose examples do not fit into a fixture, and where they are tested. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['expansion-limit', 'test/shell/expansion.cases'],
  ['unsupported-extension', 'test/checks/unsupported-extension.test.ts'],
]);
const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

function findingsOf(text: string): readonly string[] {
  const input = readInput(createSource('example', `${text}\n`), { target: {}, defines: new Map() });
  return judge(input, CHECKS).findings.map((finding) => finding.check);
}

describe('every check', () => {
  test('is in the list once, in the order of the names', () => {
    const names = CHECKS.map((check) => check.name);
    expect(names).toEqual([...new Set(names)].sort());
  });

  test('has a file of its name', () => {
    const files = readdirSync(join(root, 'src/checks'))
      .filter((file) => !['define.ts', 'index.ts', 'run.ts'].includes(file))
      .map((file) => file.replace(/\.ts$/, ''));
    expect(CHECKS.map((check) => check.name)).toEqual(files.sort());
  });

  test('has a fixture, and every fixture a check', () => {
    const fixtures = readdirSync(join(root, 'test/checks'))
      .filter((file) => file.endsWith('.md') && file !== 'README.md')
      .map((file) => file.replace(/\.md$/, ''));
    expect(fixtures.sort()).toEqual(CHECKS.map((check) => check.name).filter((name) => !ELSEWHERE.has(name)));
    for (const [name, file] of ELSEWHERE) expect(readFileSync(join(root, file), 'utf8')).toContain(name);
  });

  for (const check of CHECKS)
    describe(check.name, () => {
      test('says what it is, why it matters and how that is known', () => {
        expect(check.name).toMatch(NAME);
        expect(check.summary).toMatch(/^(?:[A-Z`-]|iptables|multiport|fwlint).*[^.]$/s);
        expect(check.why.length).toBeGreaterThan(30);
        expect(check.why).toMatch(/[.`)]$/);
        expect(check.source).not.toBe('');
        expect(check.source).not.toMatch(/\.$/);
        expect(check.since).toMatch(/^\d+\.\d+\.\d+$/);
        if (check.advice !== undefined) expect(check.advice).toMatch(/[.`)…]$/);
      });

      test.skipIf(check.examples === undefined)('has examples that hold', () => {
        expect(findingsOf(check.examples?.bad ?? '')).toContain(check.name);
        expect(findingsOf(check.examples?.good ?? '')).not.toContain(check.name);
      });
    });
});

/** The names of checks that source code gives to problems: arguments of parameters named `check`, properties named `check`. */
function namesInSource(): ReadonlyMap<string, string> {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const parsed = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const files = parsed.fileNames.filter((file) => /\/(?:src|grammar)\//.test(file.slice(root.length - 1)) && !/\/src\/(?:cli|lsp)\//.test(file));
  const program = ts.createProgram(files, { ...parsed.options, noEmit: true });
  const checker = program.getTypeChecker();
  const names = new Map<string, string>();
  const addType = (type: ts.Type, where: string): void => {
    if (type.isStringLiteral() && NAME.test(type.value)) names.set(type.value, where);
    else if (type.isUnion()) for (const member of type.types) addType(member, where);
  };
  const add = (expression: ts.Expression): void => {
    const where = `${relative(root, expression.getSourceFile().fileName)}:${String(expression.getSourceFile().getLineAndCharacterOfPosition(expression.getStart()).line + 1)}`;
    if (ts.isConditionalExpression(expression)) {
      add(expression.whenTrue);
      add(expression.whenFalse);
    } else if (ts.isParenthesizedExpression(expression)) add(expression.expression);
    else if (ts.isBinaryExpression(expression)) {
      add(expression.left);
      add(expression.right);
    } else if (ts.isTemplateExpression(expression)) {
      let texts = [expression.head.text];
      for (const span of expression.templateSpans) {
        const type = checker.getTypeAtLocation(span.expression);
        const values = (type.isUnion() ? type.types : [type]).flatMap((member) => (member.isStringLiteral() ? [member.value] : []));
        texts = texts.flatMap((text) => values.map((value) => text + value + span.literal.text));
      }
      for (const text of texts) names.set(text, where);
    } else addType(checker.getTypeAtLocation(expression), where);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && node.name.text === 'check') add(node.initializer);
    else if (ts.isShorthandPropertyAssignment(node) && node.name.text === 'check') add(node.name);
    else if (ts.isCallExpression(node)) {
      const signature = checker.getResolvedSignature(node);
      signature?.getParameters().forEach((parameter, index) => {
        const argument = node.arguments[index];
        if (parameter.name === 'check' && argument !== undefined) add(argument);
      });
    }
    ts.forEachChild(node, visit);
  };
  for (const file of program.getSourceFiles()) if (files.includes(file.fileName)) visit(file);
  return names;
}

describe('names in the source', () => {
  const names = namesInSource();

  test('are found', () => {
    for (const known of ['unicode-dash', 'parse-error', 'chain-loop', 'target-not-in-hook', 'match-not-in-hook', 'restore-structure'])
      expect([...names.keys()]).toContain(known);
  });

  test('belong to a check', () => {
    const known = new Set(CHECKS.map((check) => check.name));
    expect([...names].filter(([name]) => !known.has(name)).map(([name, where]) => `${name} at ${where}`)).toEqual([]);
  });

  test('of checks that do not look for themselves are given by some stage of reading', () => {
    expect(CHECKS.filter((check) => check.find === undefined && !names.has(check.name)).map((check) => check.name)).toEqual([]);
  });
});

describe('generated files', () => {
  test('are fresh', () => {
    const { status, stderr } = spawnSync(process.execPath, ['tools/generate.mjs', '--check'], { cwd: root, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('list what there is', () => {
    const index = readFileSync(join(root, 'docs/checks.md'), 'utf8');
    for (const check of CHECKS) {
      expect(index).toContain(`[${check.name}](checks/${check.name}.md)`);
      expect(readFileSync(join(root, `docs/checks/${check.name}.md`), 'utf8')).toContain(`# ${check.name}\n`);
    }
  });
});
