// man/fwlint.1: a page that man formats without a warning, with every command and option in it.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { useProgram } from './program.js';

const program = useProgram();
const page = join(resolve(import.meta.dirname, '../..'), 'man/fwlint.1');
const run = (command: string, parameters: readonly string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } =>
  spawnSync(command, parameters, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', MANWIDTH: '200', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' },
  });

describe.skipIf(run('man', ['--version']).status !== 0)('man', () => {
  test('formats the page without a warning', () => {
    const { status, stderr } = run('man', ['--warnings=w', '--local-file', page]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('shows every command with every option, as the help does', () => {
    const text = run('man', ['--local-file', page]).stdout.replace(/.\u0008/g, '');
    const folder = program.folder();
    for (const command of ['lint', 'translate', 'policy', 'explain', 'checks', 'extensions', 'init', 'completions']) {
      expect(text).toMatch(new RegExp(`^ +fwlint ${command}\\b`, 'm'));
      const options = [...folder.run([command, '--help']).stdout.matchAll(/^ {2}((?:-\w, )?--[a-z-]+)/gm)].map(([, flag = '']) => flag);
      for (const option of options) if (option !== '-h, --help') expect(text).toMatch(new RegExp(`^ +${option}(?: |$)`, 'm'));
    }
  });
});

describe.skipIf(run('groff', ['--version']).status !== 0)('groff', () => {
  test('has nothing to warn of', () => {
    const { status, stderr } = run('groff', ['-man', '-Tutf8', '-ww', '-z', page]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
