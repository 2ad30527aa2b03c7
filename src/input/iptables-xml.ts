/** XML of iptables-xml(1) → the dump it was made from, as `iptables-save` prints it, with the place in the XML of every word. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { mapPieces, type MappedText } from '../text/mapped-text.js';
import { spanOf, type Source, type Span } from '../text/source.js';

/** The dump, and what in the XML is none of iptables-xml's. */
export interface XmlReading {
  readonly text: MappedText;
  readonly problems: readonly Problem[];
}

interface Piece {
  readonly text: string;
  readonly span: Span;
  readonly literal: boolean;
}

interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of the tag that opens it. */
  readonly span: Span;
}

/** Comments, declarations, tags with their attributes, and text between them. */
const TOKEN = /<!--([\s\S]{0,5000}?)-->|<\?[^>]{0,500}\?>|<(\/?)([^\s<>/!?]+)((?:\s+[^\s=<>]+="[^"]*")*)\s*(\/?)>|[^<]+|</g;
const ATTRIBUTE = /([^\s=<>]+)="([^"]*)"/g;
const ENTITY = /&(quot|apos|lt|gt|amp);/g;
/** What is written otherwise in iptables-save. */
const ODD_CHARACTER = /&(quot|apos|lt|gt|amp);|\\|\s*[\r\n]\s*/g;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['quot', '"'],
  ['apos', "'"],
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
]);

/** Whether a text is what iptables-xml prints. */
export function isIptablesXml(text: string): boolean {
  return /^\ufeff?(?:\s|<\?[^>]*\?>|<!--[\s\S]{0,500}?-->)*<iptables-rules\b/.test(text.slice(0, 2000));
}

/** Reads what iptables-xml printed. (iptables 1.8.9: iptables/iptables-xml.c; its elements: iptables-rules, table, chain, rule, conditions and actions, module, option) */
export function readIptablesXml(source: Source): XmlReading {
  const problems: Problem[] = [];
  const pieces: Piece[] = [];
  const open: Element[] = [];
  let declared: Piece[] = [];
  let rules: Piece[] = [];
  let rule: { readonly head: Piece[]; readonly conditions: Piece[]; readonly actions: Piece[][] } | undefined;
  let option: { readonly element: Element; readonly value: Piece[] } | undefined;

  const strange = (span: Span, message: string): void => {
    problems.push({
      check: 'unsupported-input',
      at: span,
      message,
      notes: [{ kind: 'do', text: 'give fwlint the iptables-save text it was made from' }],
    });
  };
  const made = (text: string, span: Span): Piece => ({ text, span, literal: false });

  for (const found of source.text.matchAll(TOKEN)) {
    const span = spanOf(source, found.index, found.index + found[0].length);
    const [whole, comment, closing, name, attributes = '', selfClosing] = found;
    if (comment !== undefined) {
      // The family may be in the head of the dump that was given to iptables-xml.
      if (open.length < 2) pieces.push(made(`${comment.trim().replace(/\s+/g, ' ')}\n`, span));
    } else if (name === undefined) {
      if (option !== undefined) option.value.push(...valueOf(source, span));
      else if (whole.replace(/^\ufeff/, '').trim() !== '' && !whole.startsWith('<?'))
        strange(span, `\`${shortened(whole)}\` stands where iptables-xml writes nothing`);
    } else if (closing === '/') {
      if (open.at(-1)?.name === name) close();
      else strange(span, `\`${whole}\` closes nothing that is open here`);
    } else {
      const values = new Map([...attributes.matchAll(ATTRIBUTE)].map(([, key = '', value = '']) => [key, decoded(value)]));
      begin({ name, attributes: values, span });
      if (selfClosing === '/') close();
    }
  }
  const last = open.at(-1);
  if (last !== undefined) {
    strange(last.span, `the XML ends before \`<${last.name}>\` is closed: what stands in it is left out`);
    // The rules that are whole count.
    open.length = Math.min(open.length, 2);
    close();
  }
  const text = pieces.map((piece) => piece.text).join('');
  return {
    text: mapPieces(
      source,
      text,
      pieces.map(({ text: { length }, span, literal }) => ({ length, span, literal, via: [] })),
    ),
    problems,
  };

  function begin(element: Element): void {
    const { name, attributes, span } = element;
    open.push(element);
    switch (open.length) {
      case 1:
        if (name !== 'iptables-rules') strange(span, `\`<${name}>\` is nothing that iptables-xml writes`);
        return;
      case 2:
        if (name !== 'table') strange(span, `\`<${name}>\` is nothing that iptables-xml writes into \`<iptables-rules>\``);
        return;
      case 3:
        if (name !== 'chain') strange(span, `\`<${name}>\` is nothing that iptables-xml writes into a table`);
        else declared.push(made(`:${attributes.get('name') ?? ''} ${attributes.get('policy') ?? '-'} ${countersOf(element) ?? '[0:0]'}\n`, span));
        return;
      case 4: {
        if (name !== 'rule') strange(span, `\`<${name}>\` is nothing that iptables-xml writes into a chain`);
        const counters = countersOf(element);
        const head = `${counters === undefined ? '' : `${counters} `}-A ${open[2]?.attributes.get('name') ?? ''}`;
        rule = { head: [made(head, span)], conditions: [], actions: [] };
        return;
      }
      case 5:
        if (name !== 'conditions' && name !== 'actions') strange(span, `\`<${name}>\` is nothing that iptables-xml writes into a rule`);
        return;
      case 6:
        if (open[4]?.name === 'actions') rule?.actions.push(name === 'call' || name === 'goto' ? [] : [made(` -j ${name}`, span)]);
        else if (name !== 'match') rule?.conditions.push(made(` -m ${name}`, span));
        return;
      case 7: {
        const isChain = open[4]?.name === 'actions' && (open[5]?.name === 'call' || open[5]?.name === 'goto');
        if (isChain) rule?.actions.at(-1)?.push(made(` -${open[5]?.name === 'call' ? 'j' : 'g'} ${name}`, span));
        else option = { element, value: [] };
        return;
      }
      default:
        strange(span, `\`<${name}>\` is nothing that iptables-xml writes into an option`);
    }
  }

  function close(): void {
    const depth = open.length;
    const element = open.pop();
    if (element === undefined) return;
    const end = spanOf(source, element.span.end, element.span.end);
    if (depth === 7 && option !== undefined) {
      const list = open[4]?.name === 'actions' ? rule?.actions.at(-1) : rule?.conditions;
      const dashes = element.name.length === 1 ? '-' : '--';
      list?.push(made(`${element.attributes.get('invert') === '1' ? ' !' : ''} ${dashes}${element.name}`, element.span));
      if (option.value.length > 0) list?.push(made(' ', end), ...option.value);
      option = undefined;
    } else if (depth === 4 && rule !== undefined) {
      // With -c rules that ask the same stand as one, with several targets.
      for (const action of rule.actions.length === 0 ? [[]] : rule.actions) rules.push(...rule.head, ...rule.conditions, ...action, made('\n', end));
      rule = undefined;
    } else if (depth === 2) {
      pieces.push(made(`*${element.attributes.get('name') ?? ''}\n`, element.span), ...declared, ...rules, made('COMMIT\n', end));
      declared = [];
      rules = [];
    }
  }
}

function countersOf({ attributes }: Element): string | undefined {
  const packets = attributes.get('packet-count');
  return packets === undefined ? undefined : `[${packets}:${attributes.get('byte-count') ?? '0'}]`;
}

/**
 * The value of an option as iptables-save writes it, without the blanks around it. iptables-xml writes quotes around a value with blanks in it, and takes the
 * backslashes out that stood before quotes. (measured with 1.8.9)
 */
function valueOf(source: Source, { start, end }: Span): readonly Piece[] {
  const whole = source.text.slice(start, end);
  const text = whole.trim();
  const from = start + whole.indexOf(text);
  const isQuoted = /^&quot;[\s\S]*&quot;$/.test(text);
  const pieces: Piece[] = [];
  const push = (at: number, to: number, becomes = text.slice(at, to)): void => {
    if (to > at) pieces.push({ text: becomes, span: spanOf(source, from + at, from + to), literal: becomes === text.slice(at, to) });
  };
  let at = 0;
  for (const { 0: found, 1: entity, index } of text.matchAll(ODD_CHARACTER)) {
    push(at, index);
    at = index + found.length;
    const isOuter = isQuoted && (index === 0 || at === text.length);
    const character = entity === undefined ? (found === '\\' ? found : ' ') : (ENTITIES.get(entity) ?? found);
    push(index, at, (character === '"' && !isOuter) || character === '\\' ? `\\${character}` : character);
  }
  push(at, text.length);
  const hasQuotes = pieces.some((piece) => piece.text === '\\"');
  if (isQuoted || !hasQuotes) return pieces;
  const quote: Piece = { text: '"', span: spanOf(source, from, from), literal: false };
  return [quote, ...pieces, quote];
}

function decoded(text: string): string {
  return text.replace(ENTITY, (entity, name: string) => ENTITIES.get(name) ?? entity);
}

function shortened(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}
