// `fwlint completions`: what real shells offer with them.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { CHECKS } from '../../src/api.js';
import { useProgram, type Folder } from './program.js';

const program = useProgram();
const has = (command: string): boolean => spawnSync(command, ['-c', 'true']).status === 0;
const CHECK_NAMES = CHECKS.map(({ name }) => name);

/** What a shell offers for a line that ends where the cursor is. */
type Complete = (line: string) => readonly string[];

function prepare(shell: string): Folder {
  const folder = program.folder({ 'rules.sh': '', 'my rules.sh': '', 'sub/x.sh': '' });
  writeFileSync(join(folder.path, `fwlint.${shell}`), folder.run(['completions', shell]).stdout);
  return folder;
}

function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Words as readline splits them: at blanks and at `=`. */
function bash(): Complete {
  const folder = prepare('bash');
  return (line) => {
    const words = [...(line.match(/=|[^\s=]+/g) ?? []), ...(/\s$/.test(line) ? [''] : [])];
    const { stdout, stderr, status } = spawnSync(
      'bash',
      [
        '-c',
        'source fwlint.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _fwlint fwlint "${!#}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf "%s\\n" "${COMPREPLY[@]}"',
        'bash',
        ...words,
      ],
      { cwd: folder.path, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return lines(stdout);
  };
}

/** An interactive zsh in a terminal of its own; every match that completion adds is written down. */
const ZSH_DRIVER = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "cd \${(q)1}; autoload -Uz compinit; compinit -u -D; source fwlint.zsh; source hook.zsh"
while ! [[ -e ready ]]; do sleep 0.02; done
zpty -n -w shell "$2"$'\\t'
for ((round = 0; round < 250; round++)); do [[ -e found ]] && break; sleep 0.02; done
zpty -d shell
cat found
`;
const ZSH_HOOK = `
typeset -ga found
compadd() {
  local -a hits
  if [[ " \${(j: :)@[1,(i)--]} " != *' -'(O|A|D)' '* ]]; then builtin compadd -O hits "$@"; found+=("\${hits[@]}"); fi
  builtin compadd "$@"
}
note() { found=(); _main_complete; print -rl -- $found > found.new; mv found.new found; compstate[insert]=; compstate[list]=; }
zle -C note complete-word note
bindkey '^I' note
touch ready
`;

function zsh(): Complete {
  const folder = prepare('zsh');
  writeFileSync(join(folder.path, 'hook.zsh'), ZSH_HOOK);
  return (line) => {
    const { stdout, status } = spawnSync('zsh', ['-f', '-c', `rm -f ready found\n${ZSH_DRIVER}`, 'zsh', folder.path, line], {
      cwd: folder.path,
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(status).toBe(0);
    return lines(stdout);
  };
}

function fish(): Complete {
  const folder = prepare('fish');
  return (line) => {
    const { stdout, stderr, status } = spawnSync('fish', ['--no-config', '-c', 'source fwlint.fish; complete -C $argv[1]', line], {
      cwd: folder.path,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return lines(stdout).map((entry) => entry.split('\t')[0] ?? '');
  };
}

describe.each([
  ['bash', bash],
  ['zsh', zsh],
  ['fish', fish],
] as const)('%s', (shell, start) => {
  let known: Complete | undefined;
  const complete: Complete = (line) => (known ??= start())(line);

  describe.skipIf(!has(shell))('offers', () => {
    test('commands and files where a line begins', () => {
      const offered = complete('fwlint ');
      for (const name of ['lint', 'translate', 'policy', 'explain', 'checks', 'extensions', 'init', 'completions', 'rules.sh'])
        expect(offered).toContain(name);
      expect(complete('fwlint tr')).toEqual(['translate']);
    });

    test('the options of a command, and only of that', () => {
      expect(complete('fwlint translate --table')).toEqual(['--table-name']);
      expect(complete('fwlint translate --unsafe')).toEqual([]);
      expect(complete('fwlint lint --unsafe')).toEqual(['--unsafe-fixes']);
      expect(complete('fwlint rules.sh --unsafe')).toEqual(['--unsafe-fixes']);
    });

    test('the values of an option', () => {
      expect(complete('fwlint lint --format s')).toEqual(['sarif']);
      expect([...complete('fwlint lint --fail-level ')].sort()).toEqual(['error', 'hint', 'info', 'warning']);
      expect([...complete('fwlint translate --to nft')].sort()).toEqual(['nft', 'nft-json']);
      expect([...complete('fwlint completions ')].sort()).toEqual(['bash', 'fish', 'zsh']);
    });

    test('values behind `=`', () => {
      expect(complete('fwlint lint --format=s').map((word) => word.replace('--format=', ''))).toEqual(['sarif']);
    });

    test('checks, also behind a comma', () => {
      expect(complete('fwlint explain unicode-d')).toEqual(['unicode-dash']);
      expect(complete('fwlint lint --select unicode-d')).toEqual(['unicode-dash']);
      expect(complete('fwlint lint --ignore octal-address,unicode-d').map((word) => word.replace(/^.*,/, ''))).toEqual(['unicode-dash']);
      expect([...complete('fwlint explain ')].sort()).toEqual([...CHECK_NAMES].sort());
    });

    test('files, with blanks in their names; folders for init', () => {
      expect(complete('fwlint lint ').map((word) => word.replaceAll('\\', ''))).toEqual(expect.arrayContaining(['rules.sh', 'my rules.sh']));
      expect([...new Set(complete('fwlint init ').map((word) => word.replace(/\/$/, '')))]).toEqual(['sub']);
      // zsh offers options where there is nothing else.
      expect(complete('fwlint checks ').filter((word) => !word.startsWith('-'))).toEqual([]);
    });
  });
});

test('the names of shells are listed when another one is asked for', () => {
  const { status, stderr } = program.folder().run(['completions', 'csh']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^fwlint: [^\n]*bash, zsh, fish[^\n]*\n$/);
});

test('every option of every command is in them', () => {
  const folder = program.folder();
  const scripts = ['bash', 'zsh', 'fish'].map((shell) => folder.run(['completions', shell]).stdout);
  for (const command of ['lint', 'translate', 'policy', 'init']) {
    const options = [...folder.run([command, '--help']).stdout.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, name = '']) => name);
    expect(options.length).toBeGreaterThan(1);
    for (const script of scripts) for (const option of options) expect(script).toMatch(new RegExp(`(?:--|-l )${option}\\b`));
  }
});
