/** Writes nftables rulesets as the JSON `nft -j -f` reads, by the schema of libnftables-json(5). */

import { carriedText } from './quoted-text.js';
import { isPrefixMapping, type PrintTarget } from './print-text.js';
import { parseVersion } from './version.js';
import type { Define, Expr, NamedObject, NamedSet, NftChain, NftFile, NftRule, NftTable, SetElement, Statement, Verdict } from './ir.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** What the JSON of nft has no words for. */
export interface JsonLoss {
  /** Where: `set recent_ssh`, `chain INPUT rule 3` (rules count from 1). */
  readonly place: string;
  /**
   * part of a second: a time is rounded up to whole seconds.
   * map update: `add @map { key : value }`, which the JSON of 1.0.6 does not know and refuses, that of 1.1.3 does.
   * auto-merge: the JSON of 1.0.6 passes over it, and nft then refuses elements that overlap.
   * socket mark: `meta mark set socket mark`, which the JSON of no nft up to 1.1.7 takes.
   * secmark: the security context of a rule, which the JSON of 0.9.8 has no word for.
   */
  readonly kind: 'part of a second' | 'map update' | 'auto-merge' | 'socket mark' | 'secmark';
}

/**
 * The ruleset as JSON, one command a line. The same ruleset as printNft writes, but for what `lostInJson` names: JSON
 * counts timeouts in whole seconds, so parts of a second are rounded up; comments above tables, chains, sets and rules and the
 * names of defines, which are no part of a ruleset, are not there. Without a target it loads with 1.0.6 and newer.
 */
export function printNftJson(file: NftFile, target: PrintTarget = {}): string {
  let out = '{"nftables":[\n{"metainfo":{"json_schema_version":1}}';
  const command = (value: JsonObject): void => {
    out += ',\n' + JSON.stringify(value);
  };
  const context: Context = { defines: new Map(file.defines.map((define) => [define.name, define])), dynamicFlag: isNewer(target) };
  if (file.replace === 'flush') command({ flush: { ruleset: null } });
  for (const table of file.tables) {
    const head = { family: table.family, name: table.name };
    command({ add: { table: head } });
    if (file.replace === 'table') {
      command({ delete: { table: head } });
      command({ add: { table: head } });
    }
    tableCommands(table, context, command);
  }
  return out + '\n]}\n';
}

/** What JSON, and not text, changes or cannot say; empty for most rulesets. */
export function lostInJson(file: NftFile, target: PrintTarget = {}): readonly JsonLoss[] {
  const losses: JsonLoss[] = [];
  const newer = isNewer(target);
  const time = (milliseconds: number | undefined, place: string): void => {
    if (milliseconds !== undefined && milliseconds % 1000 !== 0) losses.push({ place, kind: 'part of a second' });
  };
  for (const table of file.tables) {
    for (const set of table.sets) {
      const place = `${set.kind} ${set.name}`;
      time(set.timeout, place);
      time(set.gcInterval, place);
      if (set.autoMerge === true && !newer) losses.push({ place, kind: 'auto-merge' });
      for (const element of set.elements ?? []) {
        time(element.timeout, place);
        time(element.expires, place);
      }
    }
    for (const chain of table.chains) {
      chain.rules.forEach((rule, index) => {
        for (const statement of rule.statements) {
          const place = `chain ${chain.name} rule ${String(index + 1)}`;
          if (statement.kind === 'assign' && statement.value.kind === 'socket') losses.push({ place, kind: 'socket mark' });
          if (namedSecurityContext(statement) !== undefined && isOld(target)) losses.push({ place, kind: 'secmark' });
          if (statement.kind !== 'setUpdate') continue;
          time(statement.timeout, place);
          if (statement.data !== undefined && !newer) losses.push({ place, kind: 'map update' });
        }
      });
    }
  }
  return losses;
}

interface Context {
  readonly defines: ReadonlyMap<string, Define>;
  /** Whether the JSON knows the set flag `dynamic`. */
  readonly dynamicFlag: boolean;
}

/** Whether the JSON knows the set flag `dynamic`, `auto-merge` and map updates: 1.1.3 does, 1.0.6 does not; what lies between was not tried. */
function isNewer(target: PrintTarget): boolean {
  return target.nft !== undefined && parseVersion(target.nft) >= parseVersion('1.1.3');
}

/** Whether the target is an nft before 1.0.6, whose JSON has fewer statements; measured with 0.9.8. */
function isOld(target: PrintTarget): boolean {
  return target.nft !== undefined && parseVersion(target.nft) < parseVersion('1.0.6');
}

/** The name of the security context that a statement gives the packet: an object of the table, and no value of `meta secmark`. */
function namedSecurityContext(statement: Statement): string | undefined {
  if (statement.kind !== 'assign' || statement.to.kind !== 'meta' || statement.to.key !== 'secmark') return undefined;
  return statement.value.kind === 'string' ? statement.value.text : undefined;
}

function tableCommands(table: NftTable, context: Context, command: (value: JsonObject) => void): void {
  const place = { family: table.family, table: table.name };
  // A verdict map names chains and a rule names everything: chains come first, rules last.
  for (const chain of table.chains) command({ add: { chain: chainJson(chain, place) } });
  for (const object of table.objects ?? []) command({ add: objectJson(object, place) });
  for (const set of table.sets) command({ add: { [set.kind]: setJson(set, place, context) } });
  for (const chain of table.chains) {
    for (const rule of chain.rules) command({ add: { rule: { ...place, chain: chain.name, ...ruleJson(rule, context) } } });
  }
}

function chainJson(chain: NftChain, place: JsonObject): JsonObject {
  const base = chain.base;
  if (base === undefined) return { ...place, name: chain.name };
  return { ...place, name: chain.name, type: base.type, hook: base.hook, prio: base.priority, policy: base.policy };
}

function objectJson(object: NamedObject, place: JsonObject): JsonObject {
  if (object.kind === 'secmark') return { secmark: { ...place, name: object.name, context: object.context } };
  if (object.kind === 'counter') return { counter: { ...place, name: object.name } };
  return {
    [object.kind]: {
      ...place,
      name: object.name,
      type: object.helper,
      protocol: object.protocol,
      ...(object.l3proto === undefined ? {} : { l3proto: object.l3proto }),
    },
  };
}

function setJson(set: NamedSet, place: JsonObject, context: Context): JsonObject {
  // 1.0.6 refuses the flag `dynamic` in JSON and sets it by itself when a rule feeds the set.
  const flags = context.dynamicFlag ? set.flags : set.flags.filter((flag) => flag !== 'dynamic');
  return {
    ...place,
    name: set.name,
    type: set.type.length === 1 && set.type[0] !== undefined ? set.type[0] : set.type,
    ...(set.valueType === undefined ? {} : { map: set.valueType }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(set.size === undefined ? {} : { size: set.size }),
    ...(set.timeout === undefined ? {} : { timeout: seconds(set.timeout) }),
    ...(set.gcInterval === undefined ? {} : { 'gc-interval': seconds(set.gcInterval) }),
    ...(set.autoMerge === true ? { 'auto-merge': true } : {}),
    ...(set.elements === undefined || set.elements.length === 0 ? {} : { elem: set.elements.map((element) => elementJson(element, context)) }),
  };
}

function elementJson(element: SetElement, context: Context): Json {
  const plain = exprJson(element.key, context);
  const options =
    element.timeout === undefined && element.expires === undefined && element.comment === undefined
      ? undefined
      : {
          ...(element.timeout === undefined ? {} : { timeout: seconds(element.timeout) }),
          ...(element.expires === undefined ? {} : { expires: seconds(element.expires) }),
          ...(element.comment === undefined ? {} : { comment: carriedText('comment', element.comment).text }),
        };
  const key = options === undefined ? plain : { elem: { val: plain, ...options } };
  if (element.value !== undefined) return [key, exprJson(element.value, context)];
  return element.verdict === undefined ? key : [key, verdictJson(element.verdict)];
}

/** Whole seconds, rounded up: an element may not be forgotten earlier than it was meant to. */
function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

function ruleJson(rule: NftRule, context: Context): JsonObject {
  return {
    ...(rule.comment === undefined ? {} : { comment: carriedText('comment', rule.comment).text }),
    expr: rule.statements.length === 0 ? [{ continue: null }] : rule.statements.map((statement) => statementJson(statement, context)),
  };
}

function statementJson(statement: Statement, context: Context): Json {
  switch (statement.kind) {
    case 'match':
      return {
        match: {
          op: statement.operator === 'implicit' ? 'in' : statement.operator,
          left: exprJson(statement.left, context),
          right: presence(statement.left, statement.right) ?? exprJson(statement.right, context),
        },
      };
    case 'limit':
      return {
        limit: {
          rate: statement.rate,
          ...(statement.unit === 'bytes' ? { rate_unit: 'bytes' } : {}),
          per: statement.per,
          ...(statement.unit === 'bytes' && statement.burst === 0
            ? {}
            : { burst: statement.burst, ...(statement.unit === 'bytes' ? { burst_unit: 'bytes' } : {}) }),
          ...(statement.over ? { inv: true } : {}),
        },
      };
    case 'quota':
      return { quota: { val: statement.bytes, val_unit: 'bytes', ...(statement.over ? { inv: true } : {}) } };
    case 'ctCount':
      return { 'ct count': { val: statement.count, ...(statement.over ? { inv: true } : {}) } };
    case 'counter':
      return { counter: { packets: statement.packets, bytes: statement.bytes } };
    case 'setUpdate': {
      const key = exprJson(statement.key, context);
      const elem = statement.timeout === undefined ? key : { elem: { val: key, timeout: seconds(statement.timeout) } };
      const inner = (statement.statements ?? []).map((each) => statementJson(each, context));
      return {
        [statement.data === undefined ? 'set' : 'map']: {
          op: statement.operation,
          elem,
          ...(statement.data === undefined ? { set: '@' + statement.set } : { data: exprJson(statement.data, context), map: '@' + statement.set }),
          ...(inner.length === 0 ? {} : { stmt: inner }),
        },
      };
    }
    case 'log': {
      const fields = {
        ...(statement.prefix === undefined ? {} : { prefix: carriedText('log prefix', statement.prefix).text }),
        ...(statement.group === undefined ? {} : { group: statement.group }),
        ...(statement.snapLength === undefined ? {} : { snaplen: statement.snapLength }),
        ...(statement.queueThreshold === undefined ? {} : { 'queue-threshold': statement.queueThreshold }),
        ...(statement.level === undefined ? {} : { level: statement.level }),
        ...(statement.flags === undefined || statement.flags.length === 0 ? {} : { flags: statement.flags.flatMap(eachLogFlag) }),
      };
      return { log: Object.keys(fields).length === 0 ? null : fields };
    }
    case 'reject': {
      const answer = statement.with;
      if (answer === undefined) return { reject: null };
      return { reject: answer.kind === 'tcpReset' ? { type: 'tcp reset' } : { type: answer.kind, expr: answer.code } };
    }
    case 'nat': {
      const prefix = statement.address !== undefined && isPrefixMapping(statement.address);
      const flags: readonly string[] = prefix ? [...(statement.flags ?? []), 'netmap'] : (statement.flags ?? []);
      const fields: JsonObject = {
        ...(statement.family === undefined || statement.address === undefined ? {} : { family: statement.family }),
        ...(statement.address === undefined ? {} : { addr: exprJson(statement.address, context) }),
        ...(statement.port === undefined ? {} : { port: exprJson(statement.port, context) }),
        ...(flags.length === 0 ? {} : { flags: single(flags) }),
        ...(prefix ? { type_flags: 'prefix' } : {}),
      };
      return { [statement.type]: Object.keys(fields).length === 0 ? null : fields };
    }
    case 'assign': {
      const securityContext = namedSecurityContext(statement);
      if (securityContext !== undefined) return { secmark: securityContext };
      return { mangle: { key: exprJson(statement.to, context), value: exprJson(statement.value, context) } };
    }
    case 'queue':
      return {
        queue: {
          num: statement.to === undefined || statement.to === statement.from ? statement.from : { range: [statement.from, statement.to] },
          ...(statement.flags === undefined || statement.flags.length === 0 ? {} : { flags: single(statement.flags) }),
        },
      };
    case 'notrack':
      return { notrack: null };
    case 'synproxy': {
      const fields: JsonObject = {
        ...(statement.mss === undefined ? {} : { mss: statement.mss }),
        ...(statement.wscale === undefined ? {} : { wscale: statement.wscale }),
        ...(statement.flags === undefined || statement.flags.length === 0 ? {} : { flags: single(statement.flags) }),
      };
      return { synproxy: Object.keys(fields).length === 0 ? null : fields };
    }
    case 'tproxy':
      return {
        tproxy: {
          ...(statement.family === undefined ? {} : { family: statement.family }),
          ...(statement.address === undefined ? {} : { addr: exprJson(statement.address, context) }),
          ...(statement.port === undefined ? {} : { port: exprJson(statement.port, context) }),
        },
      };
    case 'dup':
      return { dup: { addr: exprJson(statement.address, context), ...(statement.device === undefined ? {} : { dev: statement.device }) } };
    case 'objectReference':
      return { [statement.type]: statement.name };
    case 'resetTcpOption':
      return { reset: tcpOptionJson(statement.name) };
    case 'verdict':
      return verdictJson(statement.verdict);
    case 'verdictMap':
      return {
        vmap: {
          key: exprJson(statement.key, context),
          data:
            statement.to.kind === 'setReference'
              ? '@' + statement.to.name
              : { set: statement.to.entries.map((entry) => [exprJson(entry.key, context), verdictJson(entry.verdict)]) },
        },
      };
    default:
      return never(statement);
  }
}

/** libnftables lists one flag as a string, several as an array. */
function single(values: readonly string[]): Json {
  return values.length === 1 && values[0] !== undefined ? values[0] : values;
}

function verdictJson(verdict: Verdict): JsonObject {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
      return { [verdict.kind]: null };
    case 'jump':
    case 'goto':
      return { [verdict.kind]: { target: verdict.chain } };
    default:
      return never(verdict);
  }
}

/** `tcp sequence,options` is two flags in JSON. */
function eachLogFlag(flag: string): readonly string[] {
  return flag.split(',').map((word, index) => (index === 0 ? word : `tcp ${word}`));
}

/** `exists` and `missing` are words of the text only; JSON says true and false. */
function presence(left: Expr, right: Expr): boolean | undefined {
  if (right.kind !== 'symbol') return undefined;
  if (right.name !== 'exists' && right.name !== 'missing') return undefined;
  switch (left.kind) {
    case 'exthdr':
    case 'tcpOption':
    case 'sctpChunk':
    case 'fib':
    case 'meta':
    case 'rt':
    case 'socket':
    case 'payload':
      return right.name === 'exists';
    default:
      return undefined;
  }
}

function exprJson(expr: Expr, context: Context): Json {
  switch (expr.kind) {
    case 'payload':
      return { payload: { protocol: expr.protocol, field: expr.field } };
    case 'rawPayload':
      return { payload: { base: expr.base, offset: expr.offset, len: expr.length } };
    case 'exthdr':
      return { exthdr: { name: expr.header, ...(expr.field === undefined ? {} : { field: expr.field }) } };
    case 'tcpOption':
      return tcpOptionJson(expr.name, expr.field);
    case 'sctpChunk':
      return { 'sctp chunk': { name: expr.name, ...(expr.field === undefined ? {} : { field: expr.field }) } };
    case 'meta':
      return { meta: { key: expr.key } };
    case 'ct':
      return {
        ct: {
          // The family belongs to the key: `ip saddr`. The schema's own `family` is refused (measured with 1.0.6).
          key: expr.family === undefined ? expr.key : expr.family + ' ' + expr.key,
          ...(expr.direction === undefined ? {} : { dir: expr.direction }),
        },
      };
    case 'fib':
      return { fib: { result: expr.result, flags: single(expr.flags) } };
    case 'rt':
      return { rt: { key: expr.key } };
    case 'socket':
      return { socket: { key: expr.key } };
    case 'ipsec':
      return {
        ipsec: { key: expr.key, ...(expr.family === undefined ? {} : { family: expr.family }), dir: expr.direction, spnum: expr.number ?? 0 },
      };
    case 'osf':
      return { osf: { key: 'name', ...(expr.ttl === undefined ? {} : { ttl: expr.ttl }) } };
    case 'numgen':
      return { numgen: { mode: expr.mode, mod: expr.modulus, offset: expr.offset ?? 0 } };
    case 'jhash':
      return {
        jhash: {
          mod: expr.modulus,
          expr: exprJson(expr.of, context),
          ...(expr.seed === undefined ? {} : { seed: expr.seed }),
          ...(expr.offset === undefined ? {} : { offset: expr.offset }),
        },
      };
    case 'number':
      return expr.value;
    case 'string':
      return expr.text;
    case 'symbol':
      return symbolJson(expr.name, context);
    case 'prefix':
      return { prefix: { addr: expr.address, len: expr.length } };
    case 'range':
      return { range: [exprJson(expr.from, context), exprJson(expr.to, context)] };
    case 'list':
      return expr.items.map((item) => exprJson(item, context));
    case 'set':
      return { set: expr.elements.map((element) => exprJson(element, context)) };
    case 'setReference':
      return '@' + expr.name;
    case 'concatenation':
      return { concat: expr.parts.map((part) => exprJson(part, context)) };
    case 'binary':
      return { [expr.operator]: [exprJson(expr.left, context), exprJson(expr.right, context)] };
    case 'map':
      return {
        map: {
          key: exprJson(expr.key, context),
          data:
            expr.to.kind === 'setReference'
              ? '@' + expr.to.name
              : { set: expr.to.entries.map((entry) => [exprJson(entry.key, context), exprJson(entry.value, context)]) },
        },
      };
    default:
      return never(expr);
  }
}

/** An option without a name is the first byte of the option of that number. */
function tcpOptionJson(name: string, field?: string): Json {
  const option = /^\d+$/.test(name) ? { base: Number(name), offset: 0, len: 8 } : { name, ...(field === undefined ? {} : { field }) };
  return { 'tcp option': option };
}

/** A pattern of interface names has no quotes here. JSON has no variables: `$lan` becomes what `define lan` says. */
function symbolJson(name: string, context: Context): Json {
  if (name.startsWith('"')) return name.slice(1, -1);
  if (!name.startsWith('$')) return name;
  const define = context.defines.get(name.slice(1));
  return define === undefined ? name : textJson(define.value);
}

/** The value of a define: a set in braces, a prefix, a range, a number or a word. */
function textJson(text: string): Json {
  const value = text.trim();
  const set = /^\{(.*)\}$/s.exec(value);
  if (set !== null)
    return {
      set: (set[1] ?? '')
        .split(',')
        .filter((part) => part.trim() !== '')
        .map(textJson),
    };
  const quoted = /^"([^"]*)"$/.exec(value);
  if (quoted !== null) return quoted[1] ?? '';
  const prefix = /^([0-9a-fA-F.:]+)\/(\d+)$/.exec(value);
  if (prefix !== null) return { prefix: { addr: prefix[1] ?? '', len: Number(prefix[2]) } };
  const range = /^([0-9a-fA-F.:]+)-([0-9a-fA-F.:]+)$/.exec(value);
  if (range !== null) return { range: [textJson(range[1] ?? ''), textJson(range[2] ?? '')] };
  return /^(?:\d+|0x[0-9a-fA-F]+)$/.test(value) ? Number(value) : value;
}

function never(value: never): never {
  return value;
}
