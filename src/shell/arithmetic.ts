/** Arithmetic of the shell: 64-bit integers with the operators of C. */

/** Where an expression finds and leaves its variables. */
export interface ArithmeticVariables {
  /** The value of a variable as text: `''` when it is unset, undefined when it is not known. */
  readonly get: (name: string, index: bigint | undefined) => string | undefined;
  readonly set: (name: string, index: bigint | undefined, value: bigint | undefined) => void;
}

/** Not known, or an error that stops the shell. */
type Result = bigint | undefined;

const TOKEN =
  /\s*(?:(0[xX][0-9A-Fa-f]+|\d+#[0-9A-Za-z@_]+|\d+)|([A-Za-z_][A-Za-z0-9_]*)|(\*\*=?|<<=?|>>=?|\+\+|--|&&|\|\||[-+*/%&^|<>=!]=|[-+*/%&^|<>=!~?:(),[\]]))/y;

interface Token {
  readonly number?: bigint;
  readonly name?: string;
  readonly operator?: string;
}

/** Expressions longer than this are not computed. */
const LONGEST = 4096;
const DEEPEST = 50;

function readTokens(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  let at = 0;
  const end = text.trimEnd().length;
  if (end > LONGEST) return undefined;
  while (at < end) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    at = TOKEN.lastIndex;
    const [, number, name, operator] = match;
    if (number !== undefined) {
      const value = readNumber(number);
      if (value === undefined) return undefined;
      tokens.push({ number: value });
    } else if (name !== undefined) tokens.push({ name });
    else if (operator === '++' || operator === '--') {
      const last = tokens[tokens.length - 1];
      // Beside a name it is an increment; `--1` and `2--1` are two signs.
      if (last?.name !== undefined || last?.operator === ']' || /^\s*[A-Za-z_]/.test(text.slice(at))) tokens.push({ operator });
      else tokens.push({ operator: operator.charAt(0) }, { operator: operator.charAt(0) });
    } else if (operator !== undefined) tokens.push({ operator });
  }
  return tokens;
}

function readNumber(text: string): Result {
  if (/^0[xX]/.test(text)) return BigInt.asIntN(64, BigInt(text));
  const hash = text.indexOf('#');
  if (hash !== -1) {
    const base = Number(text.slice(0, hash));
    if (base < 2 || base > 64) return undefined;
    let value = 0n;
    for (const character of text.slice(hash + 1)) {
      const digit = digitOf(character, base);
      if (digit >= base) return undefined;
      value = value * BigInt(base) + BigInt(digit);
    }
    return BigInt.asIntN(64, value);
  }
  if (text.length > 1 && text.startsWith('0')) return /^[0-7]+$/.test(text) ? BigInt.asIntN(64, BigInt(`0o${text.slice(1)}`)) : undefined;
  return BigInt.asIntN(64, BigInt(text));
}

function digitOf(character: string, base: number): number {
  const code = character.charCodeAt(0);
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 122) return code - 87;
  if (code >= 65 && code <= 90) return base <= 36 ? code - 55 : code - 29;
  return character === '@' ? 62 : character === '_' ? 63 : 99;
}

const BINARY: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['<=', 7],
  ['>', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
  ['**', 11],
]);

const ASSIGNMENTS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=', '<<=', '>>=', '**=']);

/** What stops an evaluation: a syntax error. */
const BROKEN = new Error('no arithmetic expression');

interface Evaluation {
  readonly tokens: readonly Token[];
  readonly variables: ArithmeticVariables;
  position: number;
  depth: number;
  /** Set in the branch of `&&`, `||` and `?:` that is not taken: nothing is assigned. */
  idle: boolean;
}

/** The value of an expression; undefined when it is not known or not one. */
export function evaluateArithmetic(text: string, variables: ArithmeticVariables, depth = 0): bigint | undefined {
  const tokens = readTokens(text);
  if (tokens === undefined || depth > 10) return undefined;
  if (tokens.length === 0) return 0n;
  const evaluation: Evaluation = { tokens, variables, position: 0, depth: depth * 5, idle: false };
  try {
    const value = readComma(evaluation);
    return evaluation.position < tokens.length ? undefined : value;
  } catch (error) {
    if (error === BROKEN) return undefined;
    throw error;
  }
}

function peek(evaluation: Evaluation): string | undefined {
  return evaluation.tokens[evaluation.position]?.operator;
}

function accept(evaluation: Evaluation, operator: string): boolean {
  if (peek(evaluation) !== operator) return false;
  evaluation.position += 1;
  return true;
}

function readComma(evaluation: Evaluation): Result {
  let value = readAssignment(evaluation);
  while (accept(evaluation, ',')) value = readAssignment(evaluation);
  return value;
}

function readAssignment(evaluation: Evaluation): Result {
  if (evaluation.depth > DEEPEST) throw BROKEN;
  evaluation.depth += 1;
  const start = evaluation.position;
  const target = readTarget(evaluation);
  const operator = peek(evaluation);
  if (target !== undefined && operator !== undefined && ASSIGNMENTS.has(operator)) {
    evaluation.position += 1;
    const right = readAssignment(evaluation);
    const value = operator === '=' ? right : compute(operator.slice(0, -1), lookUp(evaluation, target), right);
    if (!evaluation.idle) evaluation.variables.set(target.name, target.index, value);
    evaluation.depth -= 1;
    return value;
  }
  evaluation.position = start;
  const value = readConditional(evaluation);
  evaluation.depth -= 1;
  return value;
}

interface Target {
  readonly name: string;
  readonly index: bigint | undefined;
}

function readTarget(evaluation: Evaluation): Target | undefined {
  const name = evaluation.tokens[evaluation.position]?.name;
  if (name === undefined) return undefined;
  evaluation.position += 1;
  if (!accept(evaluation, '[')) return { name, index: undefined };
  const idle = evaluation.idle;
  const index = readComma(evaluation);
  evaluation.idle = idle;
  if (!accept(evaluation, ']')) throw BROKEN;
  return { name, index };
}

function lookUp(evaluation: Evaluation, target: Target): Result {
  const text = evaluation.variables.get(target.name, target.index);
  if (text === undefined) return undefined;
  if (/^-?\d+$/.test(text) && !/^-?0\d/.test(text)) return BigInt.asIntN(64, BigInt(text));
  if (text.trim() === '') return 0n;
  return evaluateArithmetic(text, evaluation.variables, Math.floor(evaluation.depth / 5) + 1);
}

function readConditional(evaluation: Evaluation): Result {
  const condition = readBinary(evaluation, 1);
  if (!accept(evaluation, '?')) return condition;
  const { idle } = evaluation;
  evaluation.idle = idle || condition === undefined || condition === 0n;
  const yes = readAssignment(evaluation);
  if (!accept(evaluation, ':')) throw BROKEN;
  evaluation.idle = idle || condition === undefined || condition !== 0n;
  const no = readAssignment(evaluation);
  evaluation.idle = idle;
  return condition === undefined ? undefined : condition === 0n ? no : yes;
}

function readBinary(evaluation: Evaluation, least: number): Result {
  let left = readUnary(evaluation);
  for (;;) {
    const operator = peek(evaluation);
    const precedence = operator === undefined ? undefined : BINARY.get(operator);
    if (operator === undefined || precedence === undefined || precedence < least) return left;
    evaluation.position += 1;
    const { idle } = evaluation;
    if (operator === '&&' || operator === '||') {
      const decided = left !== undefined && (operator === '&&' ? left === 0n : left !== 0n);
      evaluation.idle = idle || decided || left === undefined;
      const right = readBinary(evaluation, precedence + 1);
      evaluation.idle = idle;
      if (decided) left = operator === '&&' ? 0n : 1n;
      else left = left === undefined || right === undefined ? undefined : right === 0n ? 0n : 1n;
      continue;
    }
    // `**` groups from the right.
    const right = readBinary(evaluation, operator === '**' ? precedence : precedence + 1);
    left = compute(operator, left, right);
  }
}

function readUnary(evaluation: Evaluation): Result {
  if (evaluation.depth > DEEPEST) throw BROKEN;
  const token = evaluation.tokens[evaluation.position];
  if (token === undefined) throw BROKEN;
  if (token.number !== undefined) {
    evaluation.position += 1;
    return token.number;
  }
  if (token.name !== undefined) {
    const target = readTarget(evaluation);
    if (target === undefined) throw BROKEN;
    const value = lookUp(evaluation, target);
    const operator = peek(evaluation);
    if (operator !== '++' && operator !== '--') return value;
    evaluation.position += 1;
    if (!evaluation.idle) evaluation.variables.set(target.name, target.index, compute(operator === '++' ? '+' : '-', value, 1n));
    return value;
  }
  evaluation.position += 1;
  evaluation.depth += 1;
  let value: Result;
  switch (token.operator) {
    case '(':
      value = readComma(evaluation);
      if (!accept(evaluation, ')')) throw BROKEN;
      break;
    case '!':
      value = readUnary(evaluation);
      if (value !== undefined) value = value === 0n ? 1n : 0n;
      break;
    case '~':
      value = readUnary(evaluation);
      if (value !== undefined) value = ~value;
      break;
    case '-':
      value = readUnary(evaluation);
      if (value !== undefined) value = BigInt.asIntN(64, -value);
      break;
    case '+':
      value = readUnary(evaluation);
      break;
    case '++':
    case '--': {
      const target = readTarget(evaluation);
      if (target === undefined) throw BROKEN;
      value = compute(token.operator === '++' ? '+' : '-', lookUp(evaluation, target), 1n);
      if (!evaluation.idle) evaluation.variables.set(target.name, target.index, value);
      break;
    }
    default:
      throw BROKEN;
  }
  evaluation.depth -= 1;
  return value;
}

function compute(operator: string, left: Result, right: Result): Result {
  if (left === undefined || right === undefined) return undefined;
  const truth = (value: boolean): bigint => (value ? 1n : 0n);
  switch (operator) {
    case '+':
      return BigInt.asIntN(64, left + right);
    case '-':
      return BigInt.asIntN(64, left - right);
    case '*':
      return BigInt.asIntN(64, left * right);
    case '/':
      return right === 0n ? undefined : BigInt.asIntN(64, left / right);
    case '%':
      return right === 0n ? undefined : left % right;
    case '**': {
      if (right < 0n) return undefined;
      let power = 1n;
      let base = left;
      for (let rest = right; rest > 0n; rest >>= 1n) {
        if ((rest & 1n) === 1n) power = BigInt.asIntN(64, power * base);
        base = BigInt.asIntN(64, base * base);
      }
      return power;
    }
    case '<<':
      return BigInt.asIntN(64, left << (right & 63n));
    case '>>':
      return left >> (right & 63n);
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '==':
      return truth(left === right);
    case '!=':
      return truth(left !== right);
    case '<':
      return truth(left < right);
    case '<=':
      return truth(left <= right);
    case '>':
      return truth(left > right);
    case '>=':
      return truth(left >= right);
    default:
      return undefined;
  }
}
