/** Which variables a stretch of a script may assign, and which functions it may call. */

import type { CommandNode, RedirectionNode, Script, WordNode, WordPart } from '../../grammar/shell/ast.js';
import { assignmentOf } from '../../grammar/shell/simple-command.js';
import { oncePer } from '../text/once-per.js';

export interface Names {
  /** Variables that may be assigned. */
  readonly variables: ReadonlySet<string>;
  /** First words of commands as they are written. */
  readonly calls: ReadonlySet<string>;
  /** Something in it can assign any variable. */
  readonly anything: boolean;
}

interface Collector {
  readonly variables: Set<string>;
  readonly calls: Set<string>;
  anything: boolean;
}

/** See the file's head. The same list gives the same answer without looking again. */
export const namesIn = oncePer((commands: readonly CommandNode[]): Names => {
  const collector: Collector = { variables: new Set(), calls: new Set(), anything: false };
  for (const command of commands) visit(command, collector);
  return collector;
});

const ASSIGNING = new Set(['read', 'export', 'readonly', 'local', 'declare', 'typeset', 'unset', 'getopts', 'let', 'mapfile', 'readarray', 'printf']);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

function visit(node: CommandNode, into: Collector): void {
  switch (node.kind) {
    case 'simple': {
      for (const assignment of node.assignments) {
        into.variables.add(assignment.name);
        visitWord(assignment.value, into);
        for (const element of assignment.elements ?? []) visitWord(element, into);
      }
      const first = node.words[0]?.parts[0];
      const command = first?.kind === 'text' ? first.text : '';
      if (command !== '') into.calls.add(command);
      if (ASSIGNING.has(command)) for (const word of node.words.slice(1)) visitArgument(word, into);
      if (command === 'eval' || command === '.' || command === 'source') into.anything = true;
      for (const word of node.words) {
        visitWord(word, into);
        if (word.elements !== undefined) for (const element of word.elements) visitWord(element, into);
      }
      visitRedirections(node.redirections, into);
      return;
    }
    case 'group':
      visitAll(node.body, into);
      break;
    case 'if':
      for (const branch of node.branches) {
        visitAll(branch.condition, into);
        visitAll(branch.body, into);
      }
      visitAll(node.otherwise ?? [], into);
      break;
    case 'loop':
      visitAll(node.condition, into);
      visitAll(node.body, into);
      break;
    case 'for':
      into.variables.add(node.name);
      if (node.select) into.variables.add('REPLY');
      for (const word of node.words ?? []) visitWord(word, into);
      visitAll(node.body, into);
      break;
    case 'arithmetic-for':
      visitArithmetic(node.head, into);
      visitAll(node.body, into);
      break;
    case 'case':
      visitWord(node.subject, into);
      for (const branch of node.branches) visitAll(branch.body, into);
      break;
    case 'function':
      visit(node.body, into);
      return;
    case 'condition':
      for (const item of node.items) if ('parts' in item) visitWord(item, into);
      break;
    case 'arithmetic':
      visitArithmetic(node.expression, into);
      break;
    case 'pipeline':
      visitAll(node.commands, into);
      return;
    case 'and-or':
      visit(node.first, into);
      for (const { command } of node.rest) visit(command, into);
      return;
    case 'background':
      visit(node.command, into);
      return;
    case 'malformed':
      return;
  }
  visitRedirections(node.redirections, into);
}

function visitAll(nodes: readonly CommandNode[], into: Collector): void {
  for (const node of nodes) visit(node, into);
}

function visitRedirections(redirections: readonly RedirectionNode[], into: Collector): void {
  for (const { target, hereDocument } of redirections) {
    visitWord(target, into);
    if (hereDocument !== undefined) visitWord(hereDocument.content, into);
  }
}

function visitArgument(word: WordNode, into: Collector): void {
  const assignment = assignmentOf(word);
  if (assignment !== undefined) into.variables.add(assignment.name);
  const first = word.parts[0];
  if (first?.kind !== 'text') {
    into.anything = true;
    return;
  }
  const name = NAME.exec(first.text)?.[0];
  if (name !== undefined) into.variables.add(name);
}

function visitWord(word: WordNode, into: Collector): void {
  for (const part of word.parts) visitPart(part, into);
}

function visitPart(part: WordPart, into: Collector): void {
  switch (part.kind) {
    case 'text':
      return;
    case 'parameter':
      if (part.operator === ':=' || part.operator === '=') into.variables.add(part.name);
      if (part.operand !== undefined) visitWord(part.operand, into);
      if (part.index !== undefined) visitWord(part.index, into);
      return;
    case 'arithmetic':
      visitArithmetic(part.expression, into);
      return;
    case 'command':
    case 'process':
      // What a subshell assigns is lost, but it is cheaper to take it for assigned than to tell.
      visitScript(part.script, into);
  }
}

function visitScript(script: Script, into: Collector): void {
  visitAll(script.commands, into);
}

const ARITHMETIC_ASSIGNMENT =
  /([A-Za-z_][A-Za-z0-9_]*)(?:\[[^\]]*\])?\s*(?:[-+*/%&^|]|<<|>>|\*\*)?=(?!=)|([A-Za-z_][A-Za-z0-9_]*)\s*(?:\+\+|--)|(?:\+\+|--)\s*([A-Za-z_][A-Za-z0-9_]*)/g;

function visitArithmetic(word: WordNode, into: Collector): void {
  const text = word.parts.map((part) => (part.kind === 'text' ? part.text : ' ')).join('');
  for (const match of text.matchAll(ARITHMETIC_ASSIGNMENT)) into.variables.add(match[1] ?? match[2] ?? match[3] ?? '');
  visitWord(word, into);
}
