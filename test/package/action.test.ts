// action.yml: what its steps do, run by bash as GitHub's runner runs them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { CLEAN, DASH, useProgram } from '../cli/program.js';

const program = useProgram();
const HOST_BITS = 'iptables -A INPUT -s 10.0.0.1/24 -j DROP\n';

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly shell: string;
  readonly run: string;
  readonly 'working-directory': string;
  readonly env?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}
const action = parse(readFileSync(join(resolve(import.meta.dirname, '../..'), 'action.yml'), 'utf8')) as Action;

/** Puts the values of expressions into a text. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ ([a-z._-]+) \}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`there is no ${name}`);
    return value;
  });
}

/** Runs the step that lints, with inputs, in a folder with files. `shell: bash` is `bash --noprofile --norc -eo pipefail FILE`. */
function lint(files: Readonly<Record<string, string>>, inputs: Readonly<Record<string, string>>): Record<string, unknown> {
  const folder = program.folder(files);
  // The action's own folder has a built fwlint.
  mkdirSync(join(folder.path, '.action'));
  const values: Record<string, string> = { 'github.action_path': join(folder.path, '.action') };
  for (const [name, { default: standard }] of Object.entries(action.inputs)) values[`inputs.${name}`] = inputs[name] ?? standard ?? '';
  const step = action.runs.steps.find(({ id }) => id === 'lint');
  if (step === undefined) throw new Error('there is no step `lint`');
  const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value, values)]));
  writeFileSync(join(folder.path, '.step.sh'), step.run);
  writeFileSync(join(folder.path, '.output'), '');
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', join(folder.path, '.step.sh')], {
    cwd: join(folder.path, fill(step['working-directory'], values)),
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...env, FWLINT: program.file, GITHUB_OUTPUT: join(folder.path, '.output') },
  });
  return { status, stdout, stderr, output: folder.read('.output'), folder };
}

describe('the action', () => {
  test('is composite, and says what it takes', () => {
    expect(action.runs.using).toBe('composite');
    for (const { description } of Object.values(action.inputs)) expect(description).toMatch(/\.$/);
    expect(action.outputs['status']?.value).toBe('${{ steps.lint.outputs.status }}');
  });

  test('no input stands in a script', () => {
    for (const step of action.runs.steps) expect(step.run).not.toContain('${{');
  });

  test('finds, as annotations, and fails', () => {
    const { status, stdout, stderr, output } = lint({ 'a.sh': DASH, 'b.sh': CLEAN }, { files: 'a.sh b.sh' });
    expect({ status, stderr, output }).toEqual({ status: 1, stderr: '', output: 'status=1\n' });
    expect(stdout).toMatch(/^::error title=fwlint \(unicode-dash\),file=a\.sh,line=1,/);
  });

  test('passes when there is nothing', () => {
    expect(lint({ 'b.sh': CLEAN }, { files: 'b.sh' })).toMatchObject({ status: 0, stdout: '', stderr: '', output: 'status=0\n' });
  });

  test('files: patterns, lines, folders below', () => {
    const files = { 'a.sh': CLEAN, 'x/y/b.sh': HOST_BITS, 'x/rules.v4': '*filter\n-A INPUT -s 10.0.0.1/24 -j DROP\nCOMMIT\n' };
    const { stdout } = lint(files, { files: '**/*.sh\nx/rules.v4\n' });
    expect(stdout).toContain('file=x/y/b.sh,line=1');
    expect(stdout).toContain('file=x/rules.v4,line=2');
  });

  test('none: an error, not success', () => {
    expect(lint({ 'a.sh': DASH }, { files: '*.rules' })).toMatchObject({ status: 2, output: 'status=2\n' });
  });

  test('options, and a file that is called like one', () => {
    expect(lint({ 'a.sh': HOST_BITS }, { files: 'a.sh', args: '--fail-level error' })).toMatchObject({ status: 0 });
    expect(lint({ '-x.sh': HOST_BITS }, { files: '*.sh' })).toMatchObject({ status: 1, stderr: '' });
  });

  test('the text of an input is never run', () => {
    const { folder } = lint({ 'a.sh': CLEAN }, { files: '$(touch ran1) `touch ran2`;touch ran3 a.sh', args: '$(touch ran4) ; touch ran5' }) as {
      folder: ReturnType<typeof program.folder>;
    };
    for (const name of ['ran1', 'ran2', 'ran3', 'ran4', 'ran5']) expect(() => folder.read(name)).toThrow();
  });

  test('writes SARIF beside the annotations', () => {
    const { status, folder } = lint({ 'a.sh': HOST_BITS }, { files: 'a.sh', 'sarif-file': 'out.sarif' }) as {
      status: number;
      folder: ReturnType<typeof program.folder>;
    };
    expect(status).toBe(1);
    expect(JSON.parse(folder.read('out.sarif'))).toMatchObject({ version: '2.1.0', runs: [{ results: [{ ruleId: 'host-bits-set' }] }] });
  });
});
