/** Prints the outline of a shell tree: commands with their words as written, compound commands by their keywords. */

import type { CommandNode, ShellFile } from '../../grammar/shell/ast.js';

/** One line for each command of the file, then its problems. */
export function outlineOf(text: string, file: ShellFile): string {
  const written = ({ start, end }: { readonly start: number; readonly end: number }): string => text.slice(start, end).replaceAll(/\\\n\s*/g, '');
  const list = (nodes: readonly CommandNode[]): string => nodes.map(outline).join('; ');
  const outline = (node: CommandNode): string => {
    switch (node.kind) {
      case 'simple':
        return [
          ...node.assignments.map((assignment) => `${assignment.name}=${assignment.elements === undefined ? '' : '()'}`),
          ...node.words.map((word) => (word.elements === undefined ? written(word) : `${written(word).replace(/=[^]*/, '')}=()`)),
        ].join(' ');
      case 'malformed':
        return `malformed: ${written(node)}`;
      case 'group':
        return node.subshell ? `( ${list(node.body)} )` : `{ ${list(node.body)} }`;
      case 'function':
        return `function ${node.name} ${outline(node.body)}`;
      case 'if': {
        const branches = node.branches.map(({ condition, body }, index) => [index === 0 ? 'if' : 'elif', list(condition), 'then', list(body)]);
        return [...branches.flat(), ...(node.otherwise === undefined ? [] : ['else', list(node.otherwise)]), 'fi']
          .filter((part) => part !== '')
          .join(' ');
      }
      case 'loop':
        return `${node.until ? 'until' : 'while'} ${list(node.condition)} do ${list(node.body)} done`;
      case 'for': {
        const words = node.words === undefined ? '' : ` in ${node.words.map(written).join(' ')}`;
        return `${node.select ? 'select' : 'for'} ${node.name}${words} do ${list(node.body)} done`;
      }
      case 'arithmetic-for':
        return `for (( )) do ${list(node.body)} done`;
      case 'case': {
        const branches = node.branches.map(
          ({ patterns, body }) => (patterns.length === 0 ? '' : `${patterns.map(written).join('|')}) `) + list(body),
        );
        return `case ${written(node.subject)} in ${branches.map((branch) => branch.trimEnd()).join('; ')} esac`;
      }
      case 'condition':
        return '[[ ]]';
      case 'arithmetic':
        return '(( ))';
      case 'pipeline':
        return `${node.negated ? '! ' : ''}${node.commands.map(outline).join(' | ')}`;
      case 'and-or':
        return outline(node.first) + node.rest.map(({ operator, command }) => ` ${operator} ${outline(command)}`).join('');
      case 'background':
        return `${outline(node.command)} &`;
    }
  };
  const lines = [...file.commands.map(outline), ...file.problems.map(({ message }) => `problem: ${message}`)];
  return lines.map((line) => `${line}\n`).join('');
}
