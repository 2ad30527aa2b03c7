// The grammar: which trees come of which texts, and that nothing of a text is ever lost.
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';

import type { CommandNode, ShellFile, WordNode } from '../../grammar/shell/ast.js';
import { parseShell } from '../../grammar/shell/parser.js';
import { readBlocks } from './blocks.js';
import { arbitraryScript } from './generate-script.js';
import { outlineOf } from './outline.js';

const runs = Number(process.env['FWLINT_RUNS'] ?? 400);

const syntax = readBlocks('syntax.cases');
const scripts = readBlocks('scripts.cases');

/** Stretches of shell text that open, close and confuse. */
const snippets = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...[
        'if ',
        ' then ',
        ' fi',
        'else',
        ' elif ',
        'while ',
        'until ',
        ' do ',
        ' done',
        'for x in ',
        'for ',
        'case x in ',
        ' esac',
        'a) ',
        ';;',
        ' ;& ',
      ],
    ),
    fc.constantFrom(
      ...[
        '{ ',
        ' }',
        '(',
        ')',
        '((',
        '))',
        '[[ ',
        ' ]]',
        '$(',
        '${',
        '$((',
        '`',
        '"',
        "'",
        "$'",
        '\\',
        '\\\n',
        '<<E\n',
        '<<-"E"\n',
        'E\n',
        '<<<',
        '<(',
      ],
    ),
    fc.constantFrom(
      ...[
        ' && ',
        ' || ',
        ' | ',
        ' & ',
        ';',
        '\n',
        ' ',
        '\t',
        '\r\n',
        '# c\n',
        '!',
        ' > f',
        '2>&1',
        'x=',
        'a=(',
        '$x',
        '${x:-',
        'f()',
        'function f',
        '=~ ',
        'in',
        'time ',
      ],
    ),
    fc.constantFrom('a', 'b c', 'iptables -A INPUT', 'é', '\u{1f600}', '\0', '\ufeff', '__proto__'),
    fc.string({ maxLength: 3, unit: 'binary' }),
  ),
  { maxLength: 30 },
);

describe('trees', () => {
  test.each(syntax.map((block) => [block.name, block] as const))('%s', (_name, { script, sections }) => {
    expect(outlineOf(script, parseShell(script))).toBe(sections.get('tree'));
  });

  test.each(scripts.map((block) => [block.name, block.script] as const))('no problems: %s', (_name, script) => {
    expect(parseShell(script).problems).toEqual([]);
  });

  test('spans are exact', () => {
    const text = 'if [ "$a" = x ]; then iptables -A "IN"PUT $b # c\nfi';
    const file = parseShell(text);
    const [command] = file.commands;
    expect(file.comments.map(({ start, end }) => text.slice(start, end))).toEqual(['# c']);
    expect(command === undefined ? '' : text.slice(command.start, command.end)).toBe(text);
    const body = command?.kind === 'if' ? command.branches[0]?.body[0] : undefined;
    expect(body?.kind === 'simple' ? body.words.map(({ start, end }) => text.slice(start, end)) : []).toEqual(['iptables', '-A', '"IN"PUT', '$b']);
  });

  test('a CR before a line end is no part of a word', () => {
    const file = parseShell('a b\r\nif c\r\nthen d \\\r\n e\r\nfi\r\n');
    expect(file.problems).toEqual([]);
    expect(outlineOf('a b\r\nif c\r\nthen d \\\r\n e\r\nfi\r\n', file)).toBe('a b\nif c then d e fi\n');
  });
});

/** Every offset that a leaf covers, a leaf being a word, redirection, operator, comment, function head or malformed stretch; how often each is covered. */
function coverage(text: string, file: ShellFile): Uint8Array {
  const covered = new Uint8Array(text.length);
  const cover = ({ start, end }: { readonly start: number; readonly end: number }): void => {
    for (let at = start; at < end; at += 1) covered[at] = (covered[at] ?? 0) + 1;
  };
  const words: WordNode[] = [];
  const word = (node: WordNode): void => {
    words.push(node);
    cover(node);
  };
  const malformed: { readonly start: number; readonly end: number }[] = [];
  const redirections = (nodes: readonly { readonly start: number; readonly end: number }[]): void => {
    for (const node of nodes) {
      words.push({ ...node, parts: [] });
      cover(node);
    }
  };
  const visitAll = (nodes: readonly CommandNode[]): void => nodes.forEach(visit);
  const visit = (node: CommandNode): void => {
    if (node.kind === 'malformed') malformed.push(node);
    if ('redirections' in node) redirections(node.redirections);
    switch (node.kind) {
      case 'simple':
        node.assignments.forEach(({ start, end }) => word({ start, end, parts: [] }));
        node.words.forEach(word);
        return;
      case 'for':
        cover(node.nameAt);
        words.push({ ...node.nameAt, parts: [] });
        node.words?.forEach(word);
        return visitAll(node.body);
      case 'arithmetic-for':
        cover({ start: node.head.start - 2, end: node.head.end + 2 });
        words.push({ start: node.head.start - 2, end: node.head.end + 2, parts: [] });
        return visitAll(node.body);
      case 'condition':
      case 'arithmetic': {
        const end = node.redirections[0]?.start ?? node.end;
        const leaf = { start: node.start, end: node.start + text.slice(node.start, end).trimEnd().length, parts: [] };
        cover(leaf);
        words.push(leaf);
        return;
      }
      case 'case':
        word(node.subject);
        for (const { patterns, body, start } of node.branches) {
          const last = patterns[patterns.length - 1];
          // The pattern's parentheses and bars belong to it.
          if (last !== undefined) {
            const leaf = { start, end: text.indexOf(')', last.end) + 1, parts: [] };
            cover(leaf);
            words.push(leaf);
          }
          visitAll(body);
        }
        return;
      case 'group':
        return visitAll(node.body);
      case 'if':
        node.branches.forEach(({ condition, body }) => {
          visitAll(condition);
          visitAll(body);
        });
        return visitAll(node.otherwise ?? []);
      case 'loop':
        visitAll(node.condition);
        return visitAll(node.body);
      case 'function':
        return visit(node.body);
      case 'pipeline':
        return visitAll(node.commands);
      case 'and-or':
        visit(node.first);
        return node.rest.forEach(({ command }) => visit(command));
      case 'background':
        return visit(node.command);
      case 'malformed':
        return;
    }
  };
  visitAll(file.commands);
  // What stands in a malformed stretch is its own and nobody else's; so are comments within words, and here-documents within either.
  for (const stretch of malformed) for (let at = stretch.start; at < stretch.end; at += 1) covered[at] = 1;
  const inside = (at: number): boolean => (covered[at] ?? 0) > 0;
  for (let index = 0; index < file.operators.length; index += 2) {
    const start = file.operators[index] ?? 0;
    if (!inside(start)) cover({ start, end: file.operators[index + 1] ?? 0 });
  }
  for (const stretch of [...file.documents, ...file.comments]) if (!inside(stretch.start)) cover(stretch);
  return covered;
}

/** Blanks, line ends, continuations, and what a here-document nobody can be told from. */
function isBlank(text: string, at: number): boolean {
  const character = text.charAt(at);
  return (
    /[ \t\n]/.test(character) ||
    (character === '\r' && text.charAt(at + 1) === '\n') ||
    (character === '\\' && /^(?:\r?\n|$)/.test(text.slice(at + 1))) ||
    (at === 0 && character === '\ufeff')
  );
}

describe('properties', () => {
  test('the grammar is unambiguous, and a simple command is the same without it', () => {
    for (const { script } of [...syntax, ...scripts].slice(0, 60)) expect(parseShell(script, { thorough: true })).toEqual(parseShell(script));
  });

  test('reading never throws, whatever the text', () => {
    fc.assert(
      fc.property(snippets, (parts) => {
        const text = parts.join('');
        const { commands } = parseShell(text);
        for (const { start, end } of commands) expect(start >= 0 && end <= text.length && start <= end).toBe(true);
      }),
      { numRuns: runs * 5 },
    );
  });

  test('every character that is not blank lies in exactly one leaf, comment or malformed stretch', () => {
    const check = (text: string): void => {
      const covered = coverage(text, parseShell(text));
      for (let at = 0; at < text.length; at += 1) {
        if (!isBlank(text, at)) expect([text, at, covered[at]]).toEqual([text, at, 1]);
      }
    };
    for (const { script } of [...syntax, ...scripts]) check(script);
    // A calculation in a here-document that is none: what its reading noted is forgotten.
    check("<<E\n  $(('");
    fc.assert(fc.property(arbitraryScript('bash'), check), { numRuns: 100 });
    fc.assert(
      fc.property(snippets, (parts) => {
        check(parts.join(''));
      }),
      { numRuns: runs },
    );
  });

  test('time grows with the length of the text, however it is nested or left open', () => {
    const units = [
      '((',
      '( ',
      '{ ',
      '$(',
      '${',
      '"',
      "'",
      '`',
      '"$(',
      '"${a:-',
      '$((',
      '$[',
      '<<a\n',
      'if ',
      'if x; then\n',
      'case x in\na) ',
      '[[ a\n',
      'a=([',
      'a=(\n',
      '@(',
      'f() ',
      '(( a\n',
      'echo ${\n',
      'echo `\n',
      'fi\n',
      '{1..9}',
    ];
    for (const unit of units) {
      const measure = (length: number): number => {
        const text = unit.repeat(Math.ceil(length / unit.length));
        const start = performance.now();
        parseShell(text);
        return performance.now() - start;
      };
      measure(10_000);
      // 200,000 characters take some 100 ms; what grows with the square of the length would take a minute.
      expect([unit, measure(200_000) < 5_000]).toEqual([unit, true]);
    }
  });
});
