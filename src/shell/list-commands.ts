/** The simple commands of a script, however deep they stand. */

import type { CommandNode, SimpleCommand } from '../../grammar/shell/ast.js';

/** All simple commands in the order they are written, without those in substitutions. */
export function listCommands(nodes: readonly CommandNode[]): SimpleCommand[] {
  const found: SimpleCommand[] = [];
  const visitAll = (list: readonly CommandNode[]): void => {
    for (const node of list) visit(node);
  };
  const visit = (node: CommandNode): void => {
    switch (node.kind) {
      case 'simple':
        found.push(node);
        return;
      case 'group':
      case 'for':
      case 'arithmetic-for':
        visitAll(node.body);
        return;
      case 'if':
        for (const branch of node.branches) {
          visitAll(branch.condition);
          visitAll(branch.body);
        }
        visitAll(node.otherwise ?? []);
        return;
      case 'loop':
        visitAll(node.condition);
        visitAll(node.body);
        return;
      case 'case':
        for (const branch of node.branches) visitAll(branch.body);
        return;
      case 'function':
        visit(node.body);
        return;
      case 'pipeline':
        visitAll(node.commands);
        return;
      case 'and-or':
        visit(node.first);
        for (const { command } of node.rest) visit(command);
        return;
      case 'background':
        visit(node.command);
        return;
      default:
    }
  };
  visitAll(nodes);
  return found;
}
