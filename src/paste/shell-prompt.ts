/** `$ iptables …`, `root@host:~# iptables …`: a shell's prompt was copied together with the command. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';
import { skipBackslashes, skipBlanks } from './characters.js';
import type { Command, Repair } from './command.js';
import { mergeProblems, problemOf } from './problem.js';
import { isOperation } from './options.js';
import { misspeltProgram, programOf, takesRules, type ProgramNames } from './programs.js';
import { optionAt } from './scan.js';

const BLANK = '[ \\t\\u00a0]';
const PROMPT = new RegExp(
  `${BLANK}*(?:` +
    // (venv) before, then what tells where one is, then the sign
    `(?:\\([\\w.-]{1,30}\\)${BLANK}?)?` +
    `(?:\\[[^\\]\\n]{1,80}\\]|[\\w.-]{1,40}@[\\w.-]{1,60}(?:[:${BLANK.slice(1, -1)}][^\\s#$%>]{0,80}(?: [~/][^\\s#$%>]{0,80})?)?|[\\w.-]{0,60}:[~/][^\\s#$%>]{0,80}|[\\w.-]{1,40} [~/][^\\s#$%>]{0,80}|[~/]|[\\w.-]{1,40}(?=[#>])|-?(?:ba|z|da|a|k|c|tc)?sh-[\\d.]{1,8})?` +
    `${BLANK}?(?:[$%>❯➜»λ]{1,3}#?|#)${BLANK}*` +
    // or a line number of the shell's history, of an editor or of a list
    `|\\d{1,5}[.):]?${BLANK}+|[(（]?\\w{1,3}[）、．：]${BLANK}*` +
    `)(?=[\\w/.$\\u007b])`,
  'y',
);

/**
 * Where the prompt that begins at `at` ends, if there is one and a firewall command stands behind it. `hash`: `# iptables …` is a
 * prompt here, not a comment.
 */
export function promptAt(text: string, at: number, end: number, names: ProgramNames, hash: boolean): number | undefined {
  PROMPT.lastIndex = at;
  const prompt = PROMPT.exec(text)?.[0];
  if (prompt === undefined || prompt.trim() === '' || at + prompt.length > end) return undefined;
  const bare = prompt.trim();
  if (bare === '#' && !hash) return undefined;
  const command = at + prompt.length;
  // `$IPT -A` is a variable, `$ IPT` a prompt; and `#iptables` is a comment, however one looks at it.
  if (bare === '$' && !/[ \t\u00a0]$/.test(prompt)) return undefined;
  if (bare.endsWith('#') && bare.length === 1 && !/[ \t\u00a0]$/.test(prompt)) return undefined;
  if (/^\d+\)$/.test(bare) && isPatternOfCase(text, at)) return undefined;
  return firewallCommandAt(text, command, end, names) ? command : undefined;
}

/** How many lines with nothing but comments between two branches of a `case` are looked over. */
const COMMENT_LINES = 40;

/** Whether the line that begins at `at` follows `case … in` or the `;;` of a branch: `1) iptables -F` is a pattern there. */
function isPatternOfCase(text: string, at: number): boolean {
  let start = at;
  for (let lines = 0; lines < COMMENT_LINES; lines += 1) {
    const end = text.lastIndexOf('\n', start - 1);
    if (start === 0 || end < 0) return false;
    start = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(start, end).trim();
    if (line !== '' && !line.startsWith('#')) return /(?:^|[\s"'])in$|;;&?$|;&$|;;[ \t]*#/.test(line);
  }
  return false;
}

const WORD = /[^\s"'`;|&<>]{1,200}/y;

/** Whether a call of a firewall program with an option or, for nft and ipset, a word begins at `at`; `sudo` may stand before it. */
export function firewallCommandAt(text: string, at: number, end: number, names: ProgramNames): boolean {
  let offset = at;
  for (let word = 0; word < 4 && offset < end; word += 1) {
    WORD.lastIndex = offset;
    const found = WORD.exec(text)?.[0];
    if (found === undefined) return false;
    const program = programOf(found, names);
    const next = skipBackslashes(text, skipBlanks(text, offset + found.length, end), end);
    if (program !== undefined) {
      if (!takesRules(program)) return next > offset + found.length || program === 'iptables-save';
      return next > offset + found.length && (optionAt(text, next, end) !== undefined || lostDashAt(text, next, end));
    }
    if (misspeltProgram(found, names) !== undefined) {
      const option = optionAt(text, next, end);
      return option !== undefined && option.start > offset + found.length && isOperation(option.name);
    }
    if (found !== 'sudo' && found !== 'doas' && !(word > 0 && found.startsWith('-'))) return false;
    offset = next;
  }
  return false;
}

const LOST_DASH = /(?:[ADIRPF]|append|insert|delete|policy)[ \t\u00a0]+(?:INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING)[ \t\u00a0]+[-\dA-Z]/y;

/** Whether an operation without its dash begins at `at`: `iptables A INPUT -s …`. */
export function lostDashAt(text: string, at: number, end: number): boolean {
  LOST_DASH.lastIndex = at;
  return LOST_DASH.test(text) && LOST_DASH.lastIndex <= end;
}

/** Whether every command of a small paste stands behind `# `, so that the `#` is root's prompt and no comment sign. */
export function hashIsPrompt(text: string, names: ProgramNames): boolean {
  if (text.length > 20_000 || !/^[ \t\u00a0]*#[ \t\u00a0]/m.test(text)) return false;
  let prompts = 0;
  let carriedOn = false;
  for (const line of text.split(/\r*\n|\r/)) {
    if (line.startsWith('#!')) return false;
    const bare = line.trim();
    const continues = carriedOn;
    carriedOn = bare.endsWith('\\');
    if (bare === '' || continues) continue;
    if (promptAt(line, 0, line.length, names, true) !== undefined) prompts += 1;
    else if (!/^#[ \t\u00a0]+(?:service|systemctl|modprobe|sysctl|echo|cat|ipset|nft|netfilter-persistent|\/etc\/|iptables-|ip6tables-)/.test(bare))
      return false;
  }
  return prompts > 0;
}

const NUMBER = 'a line number';

/** The finding for the prompts of one command, those of its continuation lines (`> `) included. */
export function shellPromptProblem(source: Source, command: Command, repairs: readonly [Repair, ...Repair[]], kind: string): Problem {
  const first = repairs[0];
  const prompt = source.text.slice(first.start, first.end).trim();
  const number = /^[(（]?\w{1,5}[）、．：]$|^\d/.test(prompt);
  const hash = prompt === '#';
  return problemOf(source, 'shell-prompt', repairs, {
    message: number ? `\`${prompt}\` before the command is a line number` : `\`${prompt}\` before the command is a shell prompt`,
    here: number ? NUMBER : 'a prompt',
    again: 'and here',
    notes: [
      {
        kind: 'why',
        text: hash
          ? 'in a script everything behind `#` is a comment: the command silently does nothing'
          : whyOf(source.text.slice(first.start, command.words[0]?.end ?? first.end).trim()),
      },
      { kind: 'do', text: `begin the line with \`${source.text.slice(command.words[0]?.start ?? 0, command.words[0]?.end ?? 0)}\`` },
    ],
    title: number ? 'delete the line number' : 'delete the prompt',
    applicability: 'unsafe',
    // On a page a prompt is a custom, not a mistake.
    ...(kind === 'text' ? { severity: 'info' as const } : {}),
  });
}

/** One finding for the prompts that are the same, and one for the numbers of a list: a session that was copied has them on every line. */
export function mergePrompts(problems: readonly Problem[]): readonly Problem[] {
  return mergeProblems(problems, ({ check, here, message }) => (check !== 'shell-prompt' ? undefined : here === NUMBER ? here : message));
}

// Checked with bash 5.2.
function whyOf(line: string): string {
  const word = line.split(/\s/, 1)[0] ?? line;
  if (line.startsWith('>')) return 'the shell writes to a file of the name that follows, which it empties first, and runs the rest';
  if (word === '%') return 'the shell takes it for a job: bash: fg: no job control';
  if (word === '/' || word === '~') return `the shell takes it for the command, and it is a folder`;
  return `the shell takes it for the command: bash: ${word}: command not found`;
}
