/** Which word of a shell command is iptables or ip6tables, behind sudo, paths and the like. */

import type { Family } from '../extensions/define.js';
import { HOOKS } from '../iptables/builtin.js';
import { isUnknown, type Word } from '../text/word.js';

export interface Program {
  readonly family: Family;
  /** Number of the word that names it. */
  readonly word: number;
  readonly kind: 'command' | 'save' | 'restore';
  /** It runs in another network namespace: `ip netns exec NAME iptables …`. */
  readonly elsewhere?: true;
}

/** Programs that run the command given to them, and how many of their own arguments stand before it. */
const RUNNERS: ReadonlyMap<string, (words: readonly Word[], at: number) => number> = new Map([
  ['sudo', skipOptions('ugCDhpRrTtU')],
  ['doas', skipOptions('uC')],
  ['command', (words, at) => (/^-p?[vV]/.test(words[at]?.text ?? '') ? words.length : skipOptions('')(words, at))],
  ['exec', skipOptions('a')],
  ['time', skipOptions('fo')],
  ['nice', skipOptions('n')],
  ['ionice', skipOptions('cn')],
  ['nohup', skipOptions('')],
  ['env', skipOptions('uC', true)],
  ['busybox', skipOptions('')],
  ['xtables-multi', skipOptions('')],
  ['xtables-legacy-multi', skipOptions('')],
  ['xtables-nft-multi', skipOptions('')],
  ['setsid', skipOptions('')],
  ['timeout', (words, at) => skipOptions('ks')(words, at) + 1],
]);

/** Programs that run a command in another network namespace: where the command begins, undefined where they do something else. */
const NAMESPACES: ReadonlyMap<string, (words: readonly Word[], at: number) => number | undefined> = new Map([
  ['ip', (words, at) => (words[at]?.text === 'netns' && words[at + 1]?.text === 'exec' ? at + 3 : undefined)],
  ['nsenter', skipOptions('tSGW')],
  ['docker', inContainer],
  ['podman', inContainer],
]);

function inContainer(words: readonly Word[], at: number): number | undefined {
  return words[at]?.text === 'exec' ? skipOptions('uwe')(words, at + 1) + 1 : undefined;
}

/** A function of another file that runs what it is given: `run iptables -F`, `try_cmd iptables …`. */
const RUNS_ITS_ARGUMENTS = /^(?:run|exec|execute|try|retry|cmd|must|safe|do)(?:[_-]\w+)*$|_(?:run|exec|cmd|sudo)$/i;

function skipOptions(withArgument: string, assignments = false): (words: readonly Word[], at: number) => number {
  return (words, at) => {
    let next = at;
    for (;;) {
      const text = words[next]?.text;
      if (text === undefined) return next;
      if (text === '--') return next + 1;
      if (assignments && /^\w+=/.test(text)) next += 1;
      else if (/^-\w$/.test(text) && withArgument.includes(text.charAt(1))) next += 2;
      else if (text.startsWith('-')) next += 1;
      else return next;
    }
  };
}

// `ip4tables` is a function that scripts have beside ip6tables.
const NAME = /^(ip[46]?)(?:tables)(?:-legacy|-nft)?(-save|-restore)?(?:-translate)?$/;

/** `/etc/init.d/iptables save`, `/etc/rc.d/iptables stop`: a service of the program's name, which takes words of its own. */
const SERVICE = /^\/etc\//;

/** The number of the word that names ipset in a command that runs it, or undefined. */
export function findIpset(words: readonly Word[]): number | undefined {
  let at = 0;
  for (let depth = 0; depth < 8; depth += 1) {
    const word = words[at];
    if (word === undefined) return undefined;
    if (isUnknown(word)) return /^\$\{?(?:\w*_)?IPSET(?:_\w*)?\}?$/i.test(word.text) ? at : undefined;
    const name = word.text.slice(word.text.lastIndexOf('/') + 1);
    if (name === 'ipset') return at;
    const skip = RUNNERS.get(name);
    if (skip === undefined) return undefined;
    at = skip(words, at + 1);
  }
  return undefined;
}

/** The firewall program a command runs, or undefined. A variable nobody set counts by its name (`$IPT`, `$IP6TABLES`). */
export function findProgram(words: readonly Word[]): Program | undefined {
  let at = 0;
  let elsewhere: { readonly elsewhere?: true } = {};
  for (let depth = 0; depth < 8; depth += 1) {
    const word = words[at];
    if (word === undefined) return undefined;
    if (isUnknown(word) || RUNS_ITS_ARGUMENTS.test(word.text)) {
      // `$SUDO iptables -A …`
      if (isCall(words, at + 1)) {
        at += 1;
        continue;
      }
      if (isUnknown(word)) return programOfVariable(words, at);
    }
    if (SERVICE.test(word.text)) return undefined;
    const name = word.text.slice(word.text.lastIndexOf('/') + 1);
    const found = NAME.exec(name);
    if (found !== null)
      return {
        family: found[1] === 'ip6' ? 'ip6' : 'ip',
        word: at,
        kind: found[2] === '-save' ? 'save' : found[2] === '-restore' ? 'restore' : 'command',
        ...elsewhere,
      };
    const inside = NAMESPACES.get(name)?.(words, at + 1);
    if (inside !== undefined) elsewhere = { elsewhere: true };
    const next = inside ?? RUNNERS.get(name)?.(words, at + 1);
    if (next === undefined) return undefined;
    at = next;
  }
  return undefined;
}

/** Options that only iptables and ip6tables are given. */
const OPERATION = /^(?:-[ADIRCNXPFLSZE]|--(?:append|delete|insert|replace|check|new-chain|delete-chain|policy|flush|list|list-rules|zero|table)|-t)$/;

function isCall(words: readonly Word[], at: number): boolean {
  const name = words[at]?.text ?? '';
  return NAME.test(name.slice(name.lastIndexOf('/') + 1)) && words.slice(at + 1).some(({ text }) => OPERATION.test(text));
}

/** Whether words are an operation and a built-in chain for it, which only such a program is given: `-A INPUT`. */
function asksForChain(words: readonly Word[], at: number): boolean {
  const operation = words.findIndex(({ text }, index) => index >= at && OPERATION.test(text) && text !== '-t' && text !== '--table');
  return operation !== -1 && (HOOKS as readonly string[]).includes(words[operation + 1]?.text ?? '');
}

function programOfVariable(words: readonly Word[], at: number): Program | undefined {
  const word = words[at];
  if (word === undefined) return undefined;
  const path = NAME.exec(/^\$.*\/([\w-]+)$/.exec(word.text)?.[1] ?? '');
  if (path !== null && path[2] === undefined) return { family: path[1] === 'ip6' ? 'ip6' : 'ip', word: at, kind: 'command' };
  const name = /^\$\{?(\w+)\}?$/.exec(word.text)?.[1];
  if (name === undefined) return undefined;
  const upper = name.toUpperCase();
  // `$IPT` alone is named for the program; of `$IPT_NEW -t nat -A …` the words behind it tell.
  const isNamed =
    /^(?:CMD_?|BIN_?|MY_?)?IP(?:V?[46])?_?T(?:ABLES?)?(?:_?(?:BIN|CMD|PATH|COMMAND|V?[46]))?$/.test(upper) || /^(?:FW|IPT|IP6T|I)$/.test(upper);
  if (/ARP|EBT/.test(upper)) return undefined;
  const isCalled = /IP(?:V?[46])?_?T(?:AB(?:LES?)?|BLS?)?(?![A-Z])/.test(upper) && words.slice(at + 1).some(({ text }) => OPERATION.test(text));
  return isNamed || isCalled || asksForChain(words, at + 1) ? { family: upper.includes('6') ? 'ip6' : 'ip', word: at, kind: 'command' } : undefined;
}
