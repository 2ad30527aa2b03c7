/** Truth of `test`, `[` and `[[`, as far as it can be known without running anything. */

import type { ConditionOperator, WordNode } from '../../grammar/shell/ast.js';
import { evaluateArithmetic } from './arithmetic.js';
import { arithmeticVariables, expandPattern, expandValue } from './fields.js';
import { matchesPattern } from './patterns.js';
import { isThereToSource } from './sourced-files.js';
import type { Shell } from './state.js';
import { isUnsure, sureText, type Value } from './value.js';

/** True, false, or undefined when only the run decides. */
export type Truth = boolean | undefined;

const BINARY = new Set(['=', '==', '!=', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '<', '>', '-ef', '-nt', '-ot']);
const UNARY = /^-[a-zA-Z]$/;

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

function and(left: Truth, right: Truth): Truth {
  if (left === false || right === false) return false;
  return left === undefined || right === undefined ? undefined : true;
}

function or(left: Truth, right: Truth): Truth {
  if (left === true || right === true) return true;
  return left === undefined || right === undefined ? undefined : false;
}

/** Whether a value is empty. Known text around an unknown part is enough to be not empty. */
function isEmpty(value: Value): Truth {
  if (isUnsure(value)) return undefined;
  let known = true;
  for (const fragment of value) {
    if (fragment.unknown !== undefined) known = false;
    else if (fragment.text !== '') return false;
  }
  return known ? true : undefined;
}

function compareNumbers(operator: string, left: bigint, right: bigint): Truth {
  switch (operator) {
    case '-eq':
      return left === right;
    case '-ne':
      return left !== right;
    case '-lt':
      return left < right;
    case '-le':
      return left <= right;
    case '-gt':
      return left > right;
    case '-ge':
      return left >= right;
    default:
      return undefined;
  }
}

function readInteger(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\s*[-+]?\d+\s*$/.test(text) ? BigInt(text.trim().replace(/^\+/, '')) : undefined;
}

function isSet(shell: Shell, name: string | undefined): Truth {
  const variable = name === undefined ? undefined : shell.variables.get(name);
  if (variable === undefined || variable.maybe) return undefined;
  return variable.unknown || variable.value !== undefined;
}

function unary(shell: Shell, operator: string, operand: Value): Truth {
  switch (operator) {
    case '-n':
      return not(isEmpty(operand));
    case '-z':
      return isEmpty(operand);
    case '-v':
      return isSet(shell, sureText(operand));
    default:
      return isThereToSource(shell, operator, operand) ? true : undefined;
  }
}

/** The arguments of `test`, or of `[` without its `]`. */
export function evaluateTest(shell: Shell, words: readonly Value[]): Truth {
  const texts = words.map((word) => sureText(word));
  let at = 0;
  let depth = 0;
  const primary = (): Truth => {
    const word = words[at];
    if (word === undefined) return false;
    const operator = texts[at + 1];
    const left = words.length - at;
    if (left >= 3 && operator !== undefined && BINARY.has(operator)) {
      const right = words[at + 2] ?? [];
      at += 3;
      return binary(operator, word, right);
    }
    const text = texts[at];
    if (text === '!' && left >= 2) {
      at += 1;
      return not(primary());
    }
    if (text === '(' && left >= 3 && depth < 50) {
      at += 1;
      depth += 1;
      const inner = disjunction();
      depth -= 1;
      at += 1;
      return inner;
    }
    if (text !== undefined && UNARY.test(text) && left >= 2 && text !== '-a' && text !== '-o') {
      const operand = words[at + 1] ?? [];
      at += 2;
      return unary(shell, text, operand);
    }
    at += 1;
    return not(isEmpty(word));
  };
  const conjunction = (): Truth => {
    let result = primary();
    while (texts[at] === '-a') {
      at += 1;
      result = and(result, primary());
    }
    return result;
  };
  const disjunction = (): Truth => {
    let result = conjunction();
    while (texts[at] === '-o') {
      at += 1;
      result = or(result, conjunction());
    }
    return result;
  };
  if (words.length === 0) return false;
  const result = disjunction();
  // What is left over is an error of test's.
  return at < words.length ? undefined : result;
}

function binary(operator: string, left: Value, right: Value): Truth {
  const leftText = sureText(left);
  const rightText = sureText(right);
  if (operator.startsWith('-')) {
    const leftNumber = readInteger(leftText);
    const rightNumber = readInteger(rightText);
    return leftNumber === undefined || rightNumber === undefined ? undefined : compareNumbers(operator, leftNumber, rightNumber);
  }
  if (leftText === undefined || rightText === undefined) return undefined;
  if (operator === '<') return leftText < rightText;
  if (operator === '>') return leftText > rightText;
  return (leftText === rightText) === (operator !== '!=');
}

/** The items of `[[ … ]]`. */
export function evaluateCondition(shell: Shell, items: readonly (WordNode | ConditionOperator)[]): Truth {
  let at = 0;
  let depth = 0;
  const operatorAt = (index: number): string | undefined => {
    const item = items[index];
    return item !== undefined && 'operator' in item ? item.operator : undefined;
  };
  const wordAt = (index: number): WordNode | undefined => {
    const item = items[index];
    return item !== undefined && !('operator' in item) ? item : undefined;
  };
  const plainText = (node: WordNode | undefined): string | undefined => {
    const part = node?.parts[0];
    return part?.kind === 'text' && !part.quoted && node?.parts.length === 1 ? part.text : undefined;
  };
  const primary = (): Truth => {
    const word = wordAt(at);
    if (word === undefined) {
      if (operatorAt(at) !== '(' || depth > 50) {
        at += 1;
        return undefined;
      }
      at += 1;
      depth += 1;
      const inner = disjunction();
      depth -= 1;
      at += 1;
      return inner;
    }
    const text = plainText(word);
    if (text === '!') {
      at += 1;
      return not(primary());
    }
    const operand = wordAt(at + 1);
    if (text !== undefined && UNARY.test(text) && operand !== undefined) {
      at += 2;
      return unary(shell, text, expandValue(shell, operand));
    }
    const operator = operatorAt(at + 1) ?? plainText(operand);
    const right = wordAt(at + 2);
    if (operator !== undefined && right !== undefined && (BINARY.has(operator) || operator === '=~')) {
      at += 3;
      return compareInCondition(shell, operator, word, right);
    }
    at += 1;
    return not(isEmpty(expandValue(shell, word)));
  };
  const conjunction = (): Truth => {
    let result = primary();
    while (operatorAt(at) === '&&') {
      at += 1;
      result = and(result, primary());
    }
    return result;
  };
  const disjunction = (): Truth => {
    let result = conjunction();
    while (operatorAt(at) === '||') {
      at += 1;
      result = or(result, conjunction());
    }
    return result;
  };
  const result = disjunction();
  return at < items.length ? undefined : result;
}

function compareInCondition(shell: Shell, operator: string, leftNode: WordNode, rightNode: WordNode): Truth {
  const left = expandValue(shell, leftNode);
  const leftText = sureText(left);
  if (operator === '=~') {
    // Evaluated for its uses only: the shell's expressions are not JavaScript's.
    expandValue(shell, rightNode);
    return undefined;
  }
  if (operator === '=' || operator === '==' || operator === '!=') {
    const { pieces } = expandPattern(shell, rightNode);
    if (leftText === undefined || pieces === undefined) return undefined;
    const matches = matchesPattern(leftText, pieces);
    return operator === '!=' ? not(matches) : matches;
  }
  const right = expandValue(shell, rightNode);
  const rightText = sureText(right);
  if (leftText === undefined || rightText === undefined) return undefined;
  if (operator === '<') return leftText < rightText;
  if (operator === '>') return leftText > rightText;
  const variables = arithmeticVariables(shell, shell.script.origin.span(leftNode.start, rightNode.end));
  const leftNumber = evaluateArithmetic(leftText, variables);
  const rightNumber = evaluateArithmetic(rightText, variables);
  return leftNumber === undefined || rightNumber === undefined ? undefined : compareNumbers(operator, leftNumber, rightNumber);
}
