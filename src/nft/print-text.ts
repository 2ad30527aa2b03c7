/** Writes nftables rulesets as the text `nft -f` reads. */

import type {
  BaseHook,
  Define,
  Expr,
  NamedObject,
  NamedSet,
  NftChain,
  NftFile,
  NftRule,
  NftTable,
  PrintedRules,
  RuleCollector,
  SetElement,
  Statement,
  Verdict,
} from './ir.js';
import { carriedText, isQuotable, type QuotedPlace } from './quoted-text.js';
import { parseVersion } from './version.js';

/** What will read the text. */
export interface PrintTarget {
  /** The version of nft, `1.0.6`. Without it the text is for 1.0.6 and newer, in forms that 0.9.8 takes too where there are any. */
  readonly nft?: string;
}

type BinaryOperator = Extract<Expr, { kind: 'binary' }>['operator'];

/** Binding strength in nft's grammar (parser_bison.y: inclusive_or_expr … shift_expr), the tightest highest. */
const PRECEDENCE: Readonly<Record<BinaryOperator, number>> = { '|': 1, '^': 2, '&': 3, '<<': 4, '>>': 4 };

/** meta keys that nft lists without the word `meta` (meta.c, meta_key_is_unqualified). */
const UNQUALIFIED_META: ReadonlySet<string> = new Set(['iif', 'oif', 'iifname', 'oifname', 'iifgroup', 'oifgroup']);

/** A list of elements is broken into lines of about this many characters. */
const ELEMENT_LINE_LENGTH = 100;

/** A whole file: comments, defines, what happens to the ruleset that is there, then the tables. Ends in a newline. */
export function printNft(file: NftFile<NftRule | PrintedRules>, target: PrintTarget = {}): string {
  return printNftParts(file, target).join('');
}

/** The file in parts of some PART_LENGTH characters, to be written one after the other. */
export function printNftParts(file: NftFile<NftRule | PrintedRules>, target: PrintTarget = {}): readonly string[] {
  const version = targetVersion(target);
  let head = comments(file.comments, '');
  for (const define of file.defines) head += printDefine(define);
  if (file.replace === 'flush') head += 'flush ruleset\n';
  const parts = createParts();
  parts.add(head);
  let gap = head !== '';
  for (const table of file.tables) {
    if (gap) parts.add('\n');
    gap = true;
    printTableText(parts, table, file.replace === 'table', version);
  }
  return parts.all();
}

/** One table in block form. */
export function printTable(table: NftTable<NftRule | PrintedRules>, target: PrintTarget = {}): string {
  const parts = createParts();
  printTableText(parts, table, false, targetVersion(target));
  return parts.all().join('');
}

/** One rule on one line: its statements and its comment, without the newline. A rule without statements is `continue`. */
export function printRule(rule: NftRule, target: PrintTarget = {}): string {
  return ruleText(rule, targetVersion(target));
}

/** One statement. */
export function printStatement(statement: Statement, target: PrintTarget = {}): string {
  return statementText(statement, targetVersion(target));
}

/** One expression. */
export function printExpr(expr: Expr): string {
  return exprText(expr);
}

/** A time span as nft reads it, in the largest unit that holds it whole: `60004ms`, `90s`, `1m`. */
export function printTime(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole === 0) return '0s';
  if (whole % 86_400_000 === 0) return integerText(whole / 86_400_000) + 'd';
  if (whole % 3_600_000 === 0) return integerText(whole / 3_600_000) + 'h';
  if (whole % 60_000 === 0) return integerText(whole / 60_000) + 'm';
  if (whole % 1000 === 0) return integerText(whole / 1000) + 's';
  return integerText(whole) + 'ms';
}

/**
 * The priority of a base chain: the name where every nft knows it on this hook, else the number.
 * nft takes `raw`, `mangle`, `filter` and `security` on every hook, `dstnat` only on prerouting and
 * `srcnat` only on postrouting (measured with 1.0.6; newer ones also take `dstnat` on output).
 */
export function printPriority(base: BaseHook): string {
  switch (base.priority) {
    case -300:
      return 'raw';
    case -150:
      return 'mangle';
    case -100:
      return base.hook === 'prerouting' ? 'dstnat' : '-100';
    case 0:
      return 'filter';
    case 50:
      return 'security';
    case 100:
      return base.hook === 'postrouting' ? 'srcnat' : '100';
    default:
      return integerText(base.priority);
  }
}

/** Without a target the text is for 1.0.6 and newer. */
function targetVersion(target: PrintTarget): number {
  return parseVersion(target.nft ?? '1.0.6');
}

function comments(lines: readonly string[] | undefined, indent: string): string {
  if (lines === undefined) return '';
  let out = '';
  for (const text of lines) {
    if (!LINE_BREAK.test(text)) {
      out += indent + (text === '' ? '#\n' : '# ' + text + '\n');
      continue;
    }
    for (const line of text.split(LINE_BREAK)) out += indent + (line === '' ? '#\n' : '# ' + line + '\n');
  }
  return out;
}

/** A line break inside a comment would turn its rest into a command; readers of the file may take more characters for one than nft does. */
const LINE_BREAK = /[\n\r\u0000\u000b\u000c\u0085\u2028\u2029]+/;

function printDefine(define: Define): string {
  return comments(define.comment === undefined ? undefined : [define.comment], '') + 'define ' + define.name + ' = ' + define.value + '\n';
}

function printTableText(parts: Parts, table: NftTable<NftRule | PrintedRules>, replace: boolean, version: number): void {
  const head = 'table ' + table.family + ' ' + table.name;
  // Adding the table first makes the deletion succeed when there is none; both are one transaction.
  let out = replace ? head + '\ndelete ' + head + '\n' : '';
  out += comments(table.comments, '');
  out += head + ' {\n';
  let first = true;
  for (const object of table.objects ?? []) {
    if (!first) out += '\n';
    first = false;
    out += objectText(object);
  }
  for (const set of table.sets) {
    if (!first) out += '\n';
    first = false;
    out += setText(set, version);
  }
  for (const chain of table.chains) {
    if (!first) out += '\n';
    first = false;
    parts.add(out);
    out = '';
    printChain(parts, chain, version);
  }
  parts.add(out + '}\n');
}

function objectText(object: NamedObject): string {
  let out = '\t' + object.kind + ' ' + object.name + ' {\n';
  if (object.kind === 'secmark') return out + '\t\t' + quoted(object.context) + '\n\t}\n';
  if (object.kind === 'counter') return out + '\t}\n';
  out += '\t\ttype ' + quoted(object.helper) + ' protocol ' + object.protocol + ';\n';
  if (object.l3proto !== undefined) out += '\t\tl3proto ' + object.l3proto + '\n';
  return out + '\t}\n';
}

function setText(set: NamedSet, version: number): string {
  let out = comments(set.comments, '\t');
  out += '\t' + set.kind + ' ' + set.name + ' {\n';
  out += '\t\ttype ' + set.type.join(' . ') + (set.valueType === undefined ? '' : ' : ' + set.valueType) + '\n';
  if (set.size !== undefined) out += '\t\tsize ' + integerText(set.size) + '\n';
  if (set.flags.length > 0) out += '\t\tflags ' + set.flags.join(',') + '\n';
  if (set.timeout !== undefined) out += '\t\ttimeout ' + printTime(set.timeout) + '\n';
  if (set.gcInterval !== undefined && takesGcInterval(set, version)) out += '\t\tgc-interval ' + printTime(set.gcInterval) + '\n';
  if (set.autoMerge === true) out += '\t\tauto-merge\n';
  const elements = set.elements;
  if (elements !== undefined && elements.length > 0) out += '\t\telements = { ' + elementLines(elements) + ' }\n';
  return out + '\t}\n';
}

/** `gc-interval` in a map is a syntax error up to 1.0.6; how often dead elements are collected changes no verdict. */
function takesGcInterval(set: NamedSet, version: number): boolean {
  return set.kind === 'set' || version > parseVersion('1.0.6');
}

function elementLines(elements: readonly SetElement[]): string {
  let out = '';
  let length = 0;
  for (const element of elements) {
    const text = elementText(element);
    if (out !== '') {
      if (length + text.length > ELEMENT_LINE_LENGTH) {
        out += ',\n\t\t\t     ';
        length = 0;
      } else {
        out += ', ';
      }
    }
    out += text;
    length += text.length + 2;
  }
  return out;
}

function elementText(element: SetElement): string {
  let out = exprText(element.key);
  if (element.timeout !== undefined) out += ' timeout ' + printTime(element.timeout);
  if (element.expires !== undefined) out += ' expires ' + printTime(element.expires);
  if (element.comment !== undefined) out += ' comment ' + carriedQuoted('comment', element.comment);
  if (element.value !== undefined) out += ' : ' + exprText(element.value);
  else if (element.verdict !== undefined) out += ' : ' + verdictText(element.verdict);
  return out;
}

/** Text grows to this many characters before it is made one flat string. */
const PART_LENGTH = 16_384;

/** Text that grows, in flat strings of some PART_LENGTH characters. */
interface Parts {
  readonly add: (text: string) => void;
  /** What was added since the last call, whole. */
  readonly all: () => readonly string[];
}

function createParts(): Parts {
  let parts: string[] = [];
  let pending = '';
  const keep = (): void => {
    if (pending !== '') parts.push(flat(pending));
    pending = '';
  };
  return {
    add: (text) => {
      pending += text;
      if (pending.length > PART_LENGTH) keep();
    },
    all: () => {
      keep();
      const all = parts;
      parts = [];
      return all;
    },
  };
}

/** Prints rules as they come, as a chain has them, into flat strings of some PART_LENGTH characters. */
export function createRulePrinter(target: PrintTarget = {}): RuleCollector<PrintedRules> {
  const version = targetVersion(target);
  const parts = createParts();
  return {
    add: (rule) => {
      parts.add(ruleLines(rule, version));
    },
    all: () => parts.all().map((text) => ({ text })),
  };
}

/**
 * Reading a character makes V8 flatten the string. As one tree of a few million pieces a long chain costs five times as long, all of it in the
 * garbage collector.
 */
function flat(text: string): string {
  text.charCodeAt(0);
  return text;
}

function printChain(parts: Parts, chain: NftChain<NftRule | PrintedRules>, version: number): void {
  let out = comments(chain.comments, '\t');
  out += '\tchain ' + chain.name + ' {\n';
  const base = chain.base;
  if (base !== undefined) {
    out += '\t\ttype ' + base.type + ' hook ' + base.hook + ' priority ' + printPriority(base) + '; policy ' + base.policy + ';\n';
  }
  parts.add(out);
  for (const rule of chain.rules) parts.add('text' in rule ? rule.text : ruleLines(rule, version));
  parts.add('\t}\n');
}

function ruleLines(rule: NftRule, version: number): string {
  const above = rule.comments === undefined ? '' : comments(rule.comments, '\t\t');
  return above + '\t\t' + ruleText(rule, version) + '\n';
}

function ruleText(rule: NftRule, version: number): string {
  let out = '';
  for (const statement of rule.statements) {
    if (out !== '') out += ' ';
    out += statementText(statement, version);
  }
  // nft has no rule without a statement; iptables has, and it does nothing.
  if (out === '') out = 'continue';
  if (rule.comment !== undefined) {
    out += ' comment ' + carriedQuoted('comment', rule.comment);
  }
  return out;
}

function statementText(statement: Statement, version: number): string {
  switch (statement.kind) {
    case 'match':
      return exprText(statement.left) + (statement.operator === 'implicit' ? ' ' : ' ' + statement.operator + ' ') + exprText(statement.right);
    case 'limit':
      return (
        'limit rate ' +
        (statement.over ? 'over ' : '') +
        integerText(statement.rate) +
        (statement.unit === 'bytes' ? ' bytes/' : '/') +
        statement.per +
        limitBurst(statement)
      );
    case 'quota':
      return (statement.over ? 'quota over ' : 'quota ') + integerText(statement.bytes) + ' bytes';
    case 'ctCount':
      return (statement.over ? 'ct count over ' : 'ct count ') + integerText(statement.count);
    case 'counter':
      return statement.packets === 0 && statement.bytes === 0
        ? 'counter'
        : 'counter packets ' + integerText(statement.packets) + ' bytes ' + integerText(statement.bytes);
    case 'setUpdate': {
      let out = statement.operation + ' @' + statement.set + ' { ' + exprText(statement.key);
      if (statement.timeout !== undefined) out += ' timeout ' + printTime(statement.timeout);
      for (const inner of statement.statements ?? []) out += ' ' + statementText(inner, version);
      if (statement.data !== undefined) out += ' : ' + exprText(statement.data);
      return out + ' }';
    }
    case 'log':
      return logText(statement);
    case 'reject':
      return rejectText(statement);
    case 'nat':
      return natText(statement);
    case 'assign':
      return exprText(statement.to) + ' set ' + exprText(statement.value);
    case 'queue': {
      let out = 'queue num ' + integerText(statement.from);
      if (statement.to !== undefined && statement.to !== statement.from) out += '-' + integerText(statement.to);
      if (statement.flags !== undefined && statement.flags.length > 0) out += ' ' + statement.flags.join(',');
      return out;
    }
    case 'notrack':
      return 'notrack';
    case 'synproxy': {
      let out = 'synproxy';
      if (statement.mss !== undefined) out += ' mss ' + integerText(statement.mss);
      if (statement.wscale !== undefined) out += ' wscale ' + integerText(statement.wscale);
      if (statement.flags !== undefined && statement.flags.length > 0) out += ' ' + statement.flags.join(' ');
      return out;
    }
    case 'tproxy':
      return 'tproxy' + (statement.family === undefined ? '' : ' ' + statement.family) + ' to ' + addressAndPort(statement.address, statement.port);
    case 'dup':
      return 'dup to ' + exprText(statement.address) + (statement.device === undefined ? '' : ' device ' + quoted(statement.device));
    case 'objectReference':
      switch (statement.type) {
        case 'counter':
        case 'quota':
        case 'limit':
          return statement.type + ' name ' + quoted(statement.name);
        case 'ct helper':
        case 'ct timeout':
        case 'ct expectation':
          return statement.type + ' set ' + quoted(statement.name);
        default:
          return never(statement);
      }
    case 'resetTcpOption':
      return 'reset tcp option ' + statement.name;
    case 'verdict':
      return verdictText(statement.verdict);
    case 'verdictMap': {
      const to = statement.to;
      if (to.kind === 'setReference') return exprText(statement.key) + ' vmap @' + to.name;
      let out = exprText(statement.key) + ' vmap { ';
      let first = true;
      for (const entry of to.entries) {
        if (!first) out += ', ';
        first = false;
        out += exprText(entry.key) + ' : ' + verdictText(entry.verdict);
      }
      return out + ' }';
    }
    default:
      return never(statement);
  }
}

/** A byte rate without a burst has none on every version; written as `burst 0 bytes` 0.9.8 refuses it. */
function limitBurst(limit: Extract<Statement, { kind: 'limit' }>): string {
  if (limit.unit === 'bytes') return limit.burst === 0 ? '' : ' burst ' + integerText(limit.burst) + ' bytes';
  return ' burst ' + integerText(limit.burst) + ' packets';
}

function logText(log: Extract<Statement, { kind: 'log' }>): string {
  let out = 'log';
  if (log.prefix !== undefined) out += ' prefix ' + carriedQuoted('log prefix', log.prefix);
  if (log.group !== undefined) out += ' group ' + integerText(log.group);
  if (log.snapLength !== undefined) out += ' snaplen ' + integerText(log.snapLength);
  if (log.queueThreshold !== undefined) out += ' queue-threshold ' + integerText(log.queueThreshold);
  if (log.level !== undefined) out += ' level ' + log.level;
  for (const flag of log.flags ?? []) out += ' flags ' + flag;
  return out;
}

function rejectText(reject: Extract<Statement, { kind: 'reject' }>): string {
  const answer = reject.with;
  if (answer === undefined) return 'reject';
  // `type` may be left out since 1.0.0; every version takes it.
  return answer.kind === 'tcpReset' ? 'reject with tcp reset' : 'reject with ' + answer.kind + ' type ' + answer.code;
}

function natText(nat: Extract<Statement, { kind: 'nat' }>): string {
  let out: string = nat.type;
  if (nat.address !== undefined || nat.port !== undefined) {
    const prefix = nat.address !== undefined && isPrefixMapping(nat.address);
    // A family without an address is a syntax error.
    if (nat.family !== undefined && nat.address !== undefined) out += ' ' + nat.family;
    out += (prefix ? ' prefix to ' : ' to ') + addressAndPort(nat.address, nat.port);
  }
  if (nat.flags !== undefined && nat.flags.length > 0) out += ' ' + nat.flags.join(',');
  return out;
}

/** Whether addresses keep their host part (NETMAP), which nft only does when told `prefix`. */
export function isPrefixMapping(address: Expr): boolean {
  if (address.kind === 'prefix') return true;
  return address.kind === 'map' && address.to.kind === 'mapping' && address.to.entries.some((entry) => entry.value.kind === 'prefix');
}

/** `192.0.2.1:80`, `[2001:db8::1]-[2001:db8::9]:1000-2000`, `:8080`. */
function addressAndPort(address: Expr | undefined, port: Expr | undefined): string {
  const portText = port === undefined ? '' : ':' + exprText(port);
  if (address === undefined) return portText;
  if (port === undefined) return exprText(address);
  if (address.kind === 'range') return bracketed(address.from) + '-' + bracketed(address.to) + portText;
  return bracketed(address) + portText;
}

/** An IPv6 address before a port stands in brackets, each end of a range in its own. */
function bracketed(address: Expr): string {
  const text = exprText(address);
  return address.kind === 'symbol' && text.includes(':') ? '[' + text + ']' : text;
}

function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return verdict.kind;
    case 'jump':
    case 'goto':
      return verdict.kind + ' ' + verdict.chain;
    default:
      return never(verdict);
  }
}

function exprText(expr: Expr): string {
  switch (expr.kind) {
    case 'payload':
      return expr.protocol + ' ' + expr.field;
    case 'rawPayload':
      return '@' + expr.base + ',' + integerText(expr.offset) + ',' + integerText(expr.length);
    case 'exthdr':
      return expr.field === undefined ? 'exthdr ' + expr.header : expr.header + ' ' + expr.field;
    case 'tcpOption':
      return 'tcp option ' + expr.name + (expr.field === undefined ? '' : ' ' + expr.field);
    case 'sctpChunk':
      return 'sctp chunk ' + expr.name + (expr.field === undefined ? '' : ' ' + expr.field);
    case 'meta':
      return UNQUALIFIED_META.has(expr.key) ? expr.key : 'meta ' + expr.key;
    case 'ct':
      return 'ct ' + (expr.direction === undefined ? '' : expr.direction + ' ') + (expr.family === undefined ? '' : expr.family + ' ') + expr.key;
    case 'fib':
      return 'fib ' + expr.flags.join(' . ') + ' ' + expr.result;
    case 'rt':
      return 'rt ' + expr.key;
    case 'socket':
      return 'socket ' + expr.key;
    case 'ipsec':
      return (
        'ipsec ' +
        expr.direction +
        (expr.number === undefined ? ' ' : ' spnum ' + integerText(expr.number) + ' ') +
        (expr.family === undefined ? '' : expr.family + ' ') +
        expr.key
      );
    case 'osf':
      return 'osf ' + (expr.ttl === undefined ? '' : 'ttl ' + expr.ttl + ' ') + 'name';
    case 'numgen':
      return 'numgen ' + expr.mode + ' mod ' + integerText(expr.modulus) + offsetText(expr.offset);
    case 'jhash':
      return (
        'jhash ' +
        exprText(expr.of) +
        ' mod ' +
        integerText(expr.modulus) +
        (expr.seed === undefined ? '' : ' seed 0x' + expr.seed.toString(16)) +
        offsetText(expr.offset)
      );
    case 'number':
      return expr.radix === 16 ? '0x' + expr.value.toString(16) : integerText(expr.value);
    case 'string':
      return quoted(expr.text);
    case 'symbol':
      return expr.name;
    case 'prefix':
      return expr.address + '/' + integerText(expr.length);
    case 'range':
      return exprText(expr.from) + '-' + exprText(expr.to);
    case 'list':
      return joined(expr.items, ',');
    case 'set':
      return '{ ' + joined(expr.elements, ', ') + ' }';
    case 'setReference':
      return '@' + expr.name;
    case 'concatenation':
      return joined(expr.parts, ' . ');
    case 'binary':
      return operand(expr.left, PRECEDENCE[expr.operator]) + ' ' + expr.operator + ' ' + operand(expr.right, PRECEDENCE[expr.operator] + 1);
    case 'map': {
      const to = expr.to;
      if (to.kind === 'setReference') return exprText(expr.key) + ' map @' + to.name;
      let out = exprText(expr.key) + ' map { ';
      let first = true;
      for (const entry of to.entries) {
        if (!first) out += ', ';
        first = false;
        out += exprText(entry.key) + ' : ' + exprText(entry.value);
      }
      return out + ' }';
    }
    default:
      return never(expr);
  }
}

function offsetText(offset: number | undefined): string {
  return offset === undefined || offset === 0 ? '' : ' offset ' + integerText(offset);
}

/** An operand in parentheses where it binds less tightly than its place asks. */
function operand(expr: Expr, least: number): string {
  const text = exprText(expr);
  return expr.kind === 'binary' && PRECEDENCE[expr.operator] < least ? '(' + text + ')' : text;
}

function joined(items: readonly Expr[], separator: string): string {
  let out = '';
  let first = true;
  for (const item of items) {
    if (!first) out += separator;
    first = false;
    out += exprText(item);
  }
  return out;
}

/** All digits of a whole number: from 1e21 on JavaScript would write an exponent. */
function integerText(value: number): string {
  return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString();
}

/** nft knows no escape inside quotes: text that holds a quote is no text it can carry (quoted-text.ts reports it), so it never gets out of its quotes. */
function quoted(text: string): string {
  return '"' + (text.includes('"') ? text.replaceAll('"', "'") : text) + '"';
}

function carriedQuoted(place: QuotedPlace, text: string): string {
  return '"' + (isQuotable(place, text) ? text : carriedText(place, text).text) + '"';
}

function never(value: never): string {
  return String(value);
}
