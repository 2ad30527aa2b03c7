/** The little this layer knows of iptables options: which take free text, which take none, which name chains. */

import type { Command, Word } from './command.js';

/** Whether a word, as it is meant, is an option; `!--limit` and a lone `!` count. */
export function isOption(text: string): boolean {
  return /^!?-{1,3}[A-Za-z0-9]/.test(text);
}

/** The name of an option without its dashes and without `=value`: `dport`, `A`. */
export function optionName(text: string): string {
  const equals = text.indexOf('=');
  return text.slice(0, equals === -1 ? text.length : equals).replace(/^!?-+/, '');
}

const FREE_TEXT = ['comment', 'log-prefix', 'nflog-prefix', 'ulog-prefix', 'string'];

/** Options whose argument is text for people: a typographic dash is welcome in it. Unique beginnings count, as in getopt. */
export function takesFreeText(option: string | undefined): boolean {
  return option !== undefined && option.length >= 4 && FREE_TEXT.some((name) => name.startsWith(option));
}

// Checked with iptables-legacy 1.8.9: -i “eth0”, -N my–chain and --name ssh–list are accepted and kept as they are.
const TAKES_ANYTHING: ReadonlySet<string> = new Set([
  'name',
  'hashlimit-name',
  'i',
  'in-interface',
  'o',
  'out-interface',
  'physdev-in',
  'physdev-out',
  'N',
  'new-chain',
  'new',
  'E',
  'rename-chain',
  'rateest-name',
  'rateest',
  'path',
  'helper',
  'zone',
  'timeout',
  'sctname',
  'wait',
  'w',
]);

const NAMES_CHAIN: ReadonlySet<string> = new Set([
  'A',
  'append',
  'I',
  'insert',
  'D',
  'delete',
  'R',
  'replace',
  'C',
  'check',
  'F',
  'flush',
  'X',
  'delete-chain',
  'Z',
  'zero',
  'L',
  'list',
  'S',
  'list-rules',
  'j',
  'jump',
  'g',
  'goto',
]);

/** The targets of iptables and of its extensions, and the built-in chains: names nobody creates. */
export const KNOWN_TARGETS: ReadonlySet<string> = new Set([
  'ACCEPT',
  'DROP',
  'RETURN',
  'QUEUE',
  'REJECT',
  'LOG',
  'NFLOG',
  'ULOG',
  'MASQUERADE',
  'SNAT',
  'DNAT',
  'REDIRECT',
  'MARK',
  'CONNMARK',
  'TOS',
  'DSCP',
  'TTL',
  'HL',
  'TCPMSS',
  'TCPOPTSTRIP',
  'NOTRACK',
  'CT',
  'NFQUEUE',
  'CLASSIFY',
  'TEE',
  'TRACE',
  'CHECKSUM',
  'AUDIT',
  'NETMAP',
  'TPROXY',
  'SET',
  'ECN',
  'IDLETIMER',
  'LED',
  'RATEEST',
  'SECMARK',
  'CONNSECMARK',
  'SYNPROXY',
  'CLUSTERIP',
  'HMARK',
  'DNPT',
  'SNPT',
  'SAME',
  'MIRROR',
]);
const BUILT_IN_CHAINS: ReadonlySet<string> = new Set(['INPUT', 'OUTPUT', 'FORWARD', 'PREROUTING', 'POSTROUTING']);

/** Targets that take no options of their own. */
export const BARE_TARGETS: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN', 'QUEUE', 'NOTRACK', 'TRACE', 'MASQUERADE']);

/** Whether a name is one of the built-in chains. */
export function isBuiltInChain(name: string): boolean {
  return BUILT_IN_CHAINS.has(name);
}

/** Whether iptables takes whatever stands behind the option, so that damage there is not noticed when the rule is loaded. */
export function acceptsDamage(option: string | undefined, meant: string): boolean {
  if (option === undefined) return false;
  if (takesFreeText(option) || TAKES_ANYTHING.has(option)) return true;
  return NAMES_CHAIN.has(option) && !BUILT_IN_CHAINS.has(meant) && !KNOWN_TARGETS.has(meant);
}

const WITHOUT_ARGUMENT: ReadonlySet<string> = new Set([
  'syn',
  'set',
  'update',
  'rcheck',
  'remove',
  'reap',
  'rttl',
  'rsource',
  'rdest',
  'f',
  'fragment',
  'v',
  'verbose',
  'n',
  'numeric',
  'x',
  'exact',
  '4',
  '6',
  'ipv4',
  'ipv6',
  'connlimit-saddr',
  'connlimit-daddr',
  'log-tcp-sequence',
  'log-tcp-options',
  'log-ip-options',
  'log-uid',
  'random',
  'random-fully',
  'persistent',
  'clamp-mss-to-pmtu',
  'save-mark',
  'restore-mark',
  'notrack',
  'physdev-is-in',
  'physdev-is-out',
  'physdev-is-bridged',
  'line-numbers',
  'kerneltz',
  'contiguous',
  'socket-exists',
  'queue-bypass',
  'transparent',
  'nowildcard',
  'V',
  'version',
  'h',
  'help',
]);

/** Options that are complete without an argument. */
export function takesNoArgument(option: string): boolean {
  return WITHOUT_ARGUMENT.has(option);
}

const TWO_ARGUMENTS: ReadonlySet<string> = new Set([
  'tcp-flags',
  'match-set',
  'I',
  'insert',
  'D',
  'delete',
  'R',
  'replace',
  'P',
  'policy',
  'E',
  'rename-chain',
  'c',
  'set-counters',
  'Z',
  'zero',
  'L',
  'list',
  'S',
  'list-rules',
  'add-set',
  'del-set',
]);

/** How many words may stand behind an option before the next must be an option again. */
function argumentCount(option: string): 0 | 1 | 2 {
  if (takesNoArgument(option)) return 0;
  return TWO_ARGUMENTS.has(option) ? 2 : 1;
}

/** Options that are nothing without an argument, for lines that end behind one. */
export function needsArgument(option: string): boolean {
  return NEEDS_ARGUMENT.has(option);
}

const NEEDS_ARGUMENT: ReadonlySet<string> = new Set([
  'j',
  'jump',
  'g',
  'goto',
  'p',
  'protocol',
  'm',
  'match',
  's',
  'source',
  'src',
  'd',
  'destination',
  'dst',
  'i',
  'in-interface',
  'o',
  'out-interface',
  't',
  'table',
  'A',
  'append',
  'I',
  'insert',
  'D',
  'delete',
  'R',
  'replace',
  'P',
  'policy',
  'N',
  'new-chain',
  'dport',
  'sport',
  'dports',
  'sports',
  'ports',
  'destination-port',
  'source-port',
  'state',
  'ctstate',
  'limit',
  'limit-burst',
  'seconds',
  'hitcount',
  'name',
  'connlimit-above',
  'connlimit-mask',
  'reject-with',
  'to-destination',
  'to-source',
  'to-ports',
  'to',
  'icmp-type',
  'icmpv6-type',
  'log-prefix',
  'log-level',
  'comment',
  'set-mark',
  'mark',
  'mac-source',
  'src-range',
  'dst-range',
  'tcp-flags',
  'uid-owner',
  'gid-owner',
  'string',
  'algo',
  'match-set',
]);

const OPERATION = /^(?:append|insert|delete|replace|policy|new-chain|flush|delete-chain|rename-chain|zero|list|list-rules|check)$/;

/** Whether an option says what to do with a chain: `A`, `nvL`, `append`. */
export function isOperation(option: string): boolean {
  return OPERATION.test(option) || (option.length <= 4 && /^[nvx46]{0,3}[AIDRPNFXZELSC][nvx46]{0,3}$/.test(option));
}

/** Whether an option is an operation, or may be one that the name of its chain is glued to: `AINPUT`. */
export function mayBeOperation(option: string): boolean {
  return isOperation(option) || /^[AIDRPNFXZELSC][A-Za-z]/.test(option);
}

/** Whether an option is an operation that a rule goes with, the name of the chain glued to it or not. */
export function takesRule(option: string): boolean {
  return mayBeOperation(option) && /^(?:[AIDRC]|append$|insert$|delete$|replace$|check$)/.test(option);
}

/** Whether it changes rules, chains or policies, rather than only shows or clears them. */
export function changesRules(option: string): boolean {
  return /^(?:[AIDRPNE]|append|insert|delete|replace|policy|new-chain|rename-chain)$/.test(option);
}

/** The option a word is the argument of, or that it holds itself (`--name=x`). Undefined for a word no option asks for. */
export function governingOption(words: readonly Word[], index: number): string | undefined {
  const word = words[index];
  if (word === undefined) return undefined;
  if (isOption(word.text)) return word.text.includes('=') ? optionName(word.text) : undefined;
  const before = words[index - 1]?.text ?? '';
  if (isOption(before)) return optionName(before);
  const option = words[index - 2]?.text ?? '';
  if (!isOption(option)) return undefined;
  const name = optionName(option);
  return before === '!' || argumentCount(name) === 2 ? name : undefined;
}

/** How many words stand behind the last option, and its name; undefined when there is none behind the program. */
export function behindLastOption(command: Command): { readonly option: string; readonly count: number; readonly arguments: 0 | 1 | 2 } | undefined {
  const { words } = command;
  let count = 0;
  for (let index = words.length - 1; index > command.programWord; index -= 1) {
    const text = words[index]?.text ?? '';
    if (text === '!') continue;
    if (isOption(text)) {
      const option = optionName(text);
      return { option, count, arguments: text.includes('=') ? 0 : argumentCount(option) };
    }
    count += 1;
    if (count > 8) return undefined;
  }
  return undefined;
}
