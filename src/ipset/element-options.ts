/** Reads the options behind an element of `ipset add`, `del` and `test`. */

import { byteLength } from '../text/bytes.js';
import { MOST_TIMEOUT, type Misread, type Operand } from './create.js';
import type { ElementOptions, Ipset } from './model.js';
import { readNumber, refused, type Refusal } from './refusal.js';

/** (ipset: include/libipset/data.h, IPSET_MAX_COMMENT_SIZE) */
const COMMENT_LIMIT = 255;
const MOST_COUNTER = 0xffff_ffff_ffff_fffen;

/** Where an element of a list:set goes. */
export interface Placement {
  readonly side: 'before' | 'after';
  readonly set: Operand;
}

type Draft = { -readonly [K in keyof ElementOptions]: ElementOptions[K] };

/** An element without options. */
const NO_OPTIONS: ElementOptions = {
  timeout: undefined,
  packets: undefined,
  bytes: undefined,
  comment: undefined,
  mark: undefined,
  priority: undefined,
  queue: undefined,
  nomatch: false,
  wildcard: false,
};

/** What the words behind an element ask for; a refusal with the word it is about otherwise. */
export function readElementOptions(
  set: Ipset,
  verb: 'add' | 'del' | 'test',
  operands: readonly Operand[],
): { readonly options: ElementOptions; readonly placement: Placement | undefined } | Misread {
  const { type } = set;
  const options: Draft = { ...NO_OPTIONS };
  let placement: Placement | undefined;
  const given = new Set<string>();
  const nets = type.dimensions.includes('net');
  const allowed = (name: string): boolean => {
    if (name === 'before' || name === 'after') return type.method === 'list';
    if (name === 'nomatch') return nets && verb !== 'del';
    if (name === 'wildcard') return type.name === 'hash:net,iface' && verb === 'add';
    return verb === 'add' && WITH_VALUE.has(name);
  };
  for (let at = 0; at < operands.length; at += 1) {
    const operand = operands[at];
    if (operand === undefined) break;
    const name = operand.text.startsWith('--') ? operand.text.slice(2) : operand.text;
    if (!allowed(name))
      return {
        result: refused(`\`ipset ${verb}\` has no option \`${operand.text}\` for ${type.name}`, `Unknown argument: \`${operand.text}'`),
        word: operand.word,
      };
    if (name === 'nomatch' || name === 'wildcard') {
      options[name] = true;
      continue;
    }
    const value = operands[at + 1];
    if (value === undefined)
      return { result: refused(`\`${name}\` needs a value`, `Missing mandatory argument of option \`${name}'`), word: operand.word };
    if (given.has(name)) return { result: refused(`\`${name}\` is given twice`, `Syntax error: ${name} already specified`), word: operand.word };
    at += 1;
    given.add(name);
    if (name === 'before' || name === 'after') {
      placement = { side: name, set: value };
      continue;
    }
    const wrong = setOption(options, name, value.text) ?? lackingSupport(set, name);
    if (wrong !== undefined) return { result: wrong, word: value.word };
  }
  return { options, placement };
}

const WITH_VALUE: ReadonlySet<string> = new Set(['timeout', 'packets', 'bytes', 'comment', 'skbmark', 'skbprio', 'skbqueue']);

function setOption(options: Draft, name: string, text: string): Refusal | undefined {
  switch (name) {
    case 'timeout': {
      const found = readNumber(text, 0n, MOST_TIMEOUT);
      if (found.kind !== 'read') return found;
      options.timeout = Number(found.value);
      return undefined;
    }
    case 'packets':
    case 'bytes': {
      const found = readNumber(text, 0n, MOST_COUNTER);
      if (found.kind !== 'read') return found;
      options[name] = found.value;
      return undefined;
    }
    case 'skbqueue': {
      const found = readNumber(text, 0n, 65535n);
      if (found.kind !== 'read') return found;
      options.queue = Number(found.value);
      return undefined;
    }
    case 'comment':
      if (text.includes('"')) return refused('a comment has no quote in it', 'Syntax error: " character is not permitted in comments');
      if (byteLength(text) > COMMENT_LIMIT)
        return refused(
          `a comment has at most ${String(COMMENT_LIMIT)} bytes`,
          `Syntax error: Comment is longer than the maximum allowed ${String(COMMENT_LIMIT)} characters`,
        );
      options.comment = text;
      return undefined;
    case 'skbmark': {
      const found = /^0[xX]([0-9a-fA-F]{1,8})(?:\/0[xX]([0-9a-fA-F]{1,8}))?/.exec(text);
      if (found === null)
        return refused(
          'a mark is written `0xMARK` or `0xMARK/0xMASK`',
          'Syntax error: Invalid skbmark format, it should be:  MARK/MASK or MARK (see manpage)',
        );
      options.mark = { value: Number.parseInt(found[1] ?? '0', 16), mask: Number.parseInt(found[2] ?? 'ffffffff', 16) };
      return undefined;
    }
    default:
      if (!/^[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}/.test(text))
        return refused('a priority is written `MAJOR:MINOR`', 'Syntax error: Invalid skbprio format, it should be:MAJOR:MINOR (see manpage)');
      options.priority = text.toLowerCase();
      return undefined;
  }
}

/** Why a set takes no such option. (ipset: lib/errcode.c) */
function lackingSupport(set: Ipset, name: string): Refusal | undefined {
  const { options } = set;
  const lacks = (what: string, says: string): Refusal =>
    refused(`\`${set.name}\` was created without \`${what}\``, says, `write \`${what}\` behind \`create ${set.name} …\``);
  if (name === 'timeout')
    return options.timeout === undefined ? lacks('timeout', 'Timeout cannot be used: set was created without timeout support') : undefined;
  if (name === 'comment') return options.comment ? undefined : lacks('comment', 'Comment cannot be used: set was created without comment support');
  if (name === 'packets' || name === 'bytes')
    return options.counters ? undefined : lacks('counters', 'Packet/byte counters cannot be used: set was created without counter support');
  return options.skbinfo ? undefined : lacks('skbinfo', 'Skbinfo mapping cannot be used: set was created without skbinfo support');
}
