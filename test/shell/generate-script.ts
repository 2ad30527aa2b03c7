/** Makes random scripts of which everything is known, so that a real shell and the reader must agree on every word. */

import fc from 'fast-check';

import type { ShellName } from './sandbox.js';

const VARIABLES = ['v0', 'v1', 'v2', 'v3'];
const NUMBERS = ['n0', 'n1'];

const plain = fc.stringMatching(/^[a-z0-9][a-z0-9./:=,+-]{0,5}$/);
const variable = fc.constantFrom(...VARIABLES);
const number = fc.constantFrom(...NUMBERS);
const blanks = fc.constantFrom(' ', '  ', '\t');

/** Text for single quotes and, with a backslash before what double quotes would read, for double quotes. */
const quotedText = fc.stringMatching(/^[a-z0-9 *?~#;&|<>(){}!-]{0,6}$/);

const expression: fc.Arbitrary<string> = fc.letrec<{ expression: string; operand: string }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small' },
    fc.nat(20).map(String),
    number,
    number.map((name) => `$${name}`),
    tie('expression').map((inner) => `(${inner})`),
  ),
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('operand'),
    fc
      .tuple(tie('operand'), fc.constantFrom('+', '-', '*', '<', '>=', '==', '&&', '||', '&', '|', '<<1+'), tie('operand'))
      .map((parts) => parts.join(' ')),
    fc.tuple(tie('operand'), tie('operand'), tie('operand')).map(([condition, yes, no]) => `${condition} ? ${yes} : ${no}`),
    tie('operand').map((operand) => `-${operand}`),
  ),
})).expression;

const pattern = fc
  .array(fc.constantFrom('*', '?', 'a', 'b', '1', '.', '[a-m]', '[!x]', "'*'"), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join(''));

interface Kinds {
  readonly word: string;
  readonly piece: string;
  readonly inner: string;
  readonly condition: string;
  readonly statement: string;
  readonly block: string;
}

/** A script for the shell. */
export function arbitraryScript(shell: ShellName): fc.Arbitrary<string> {
  const bash = shell === 'bash';
  const kinds = fc.letrec<Kinds>((tie: fc.LetrecTypedTie<Kinds>): fc.LetrecValue<Kinds> => {
    const words = (max: number): fc.Arbitrary<string> => fc.array(tie('word'), { maxLength: max }).map((list) => list.join(' '));
    const expansions: fc.Arbitrary<string>[] = [
      variable.map((name) => `\${${name}}`),
      number.map((name) => `\${${name}}`),
      fc.tuple(variable, fc.constantFrom(':-', '-', ':+', '+'), tie('inner')).map(([name, operator, word]) => `\${${name}${operator}${word}}`),
      fc.tuple(variable, fc.constantFrom('#', '##', '%', '%%'), pattern).map(([name, operator, taken]) => `\${${name}${operator}${taken}}`),
      variable.map((name) => `\${#${name}}`),
      expression.map((inner) => `$((${inner}))`),
      words(2).map((list) => `$(echo ${list})`),
      variable.map((name) => `\`echo $${name} x\``),
      fc.constantFrom('$1', '$2', '$#', '$@', '$*', '${3-gone}'),
      ...(bash
        ? [
            fc
              .tuple(variable, fc.constantFrom('/', '//'), fc.constantFrom('a', '1', '?', '.'), plain)
              .map(([name, operator, taken, put]) => `\${${name}${operator}${taken}/${put.replace(/[/&]/g, '')}}`),
            fc.tuple(variable, fc.nat(4), fc.nat(4)).map(([name, from, length]) => `\${${name}:${from}:${length}}`),
            fc.tuple(variable, fc.constantFrom('^', '^^', ',')).map(([name, operator]) => `\${${name}${operator}}`),
            fc.constantFrom('${a[@]}', '${a[1]}', '${#a[@]}', '${a[*]}', '${a[@]:1}'),
          ]
        : []),
    ];
    const statements: fc.Arbitrary<string>[] = [
      words(4).map((list) => `iptables ${list}`),
      words(3).map((list) => `ipset x ${list} y`),
      fc.tuple(variable, tie('word')).map(([name, word]) => `${name}=${word}`),
      fc.tuple(number, expression).map(([name, inner]) => `${name}=$((${inner}))`),
      fc.tuple(tie('condition'), tie('block'), tie('block')).map(([condition, yes, no]) => `if ${condition}\nthen ${yes}\nelse ${no}\nfi`),
      fc
        .tuple(tie('condition'), tie('condition'), tie('block'), tie('block'))
        .map(([first, second, yes, no]) => `if ${first}; then ${yes}\nelif ${second}; then\n${no}\nfi`),
      fc
        .tuple(variable, words(3), tie('block'), tie('condition'), fc.constantFrom('break', 'continue', ':'))
        .map(([name, list, body, condition, way]) => `for ${name} in ${list}; do\n${condition} && ${way}\n${body}\ndone`),
      fc
        .tuple(tie('word'), fc.array(fc.tuple(pattern, tie('block')), { maxLength: 3 }))
        .map(
          ([subject, branches]) => `case ${subject} in\n${branches.map(([taken, body]) => `${taken}) ${body}\n;;\n`).join('')}*) ipset else;;\nesac`,
        ),
      fc.tuple(tie('condition'), tie('statement')).map(([condition, statement]) => `${condition} && { ${statement}\n}`),
      fc.tuple(tie('condition'), tie('statement')).map(([condition, statement]) => `${condition} || { ${statement}\n}`),
      tie('block').map((body) => `( ${body}\n)`),
      tie('block').map((body) => `{ ${body}\n}`),
      fc.tuple(fc.constantFrom('f0', 'f1'), words(3)).map(([name, list]) => `${name} ${list}`),
      words(3).map((list) => `set -- ${list}`),
      fc.constant('[ $# -gt 0 ] && shift'),
      words(3).map((list) => `printf '%s|' ${list} | { read -r v0 v1; iptables "$v0" "$v1"; }`),
      fc.tuple(words(2), variable).map(
        ([list, name]) =>
          // bash drops empty parameters from `$*` in a here-document, dash does not.
          `while read -r x y; do iptables "$x" "$y" $${name}; done <<END\n${list.replace(/\$[*]/g, '')}\nz $${name}\nEND\n`,
      ),
      variable.map((name) => `eval "iptables \\$${name} '\\$${name}'"`),
      variable.map((name) => `n0=0; while [ $n0 -lt 2 ]; do n0=$((n0+1)); iptables $n0 "$${name}"; done`),
      ...(bash
        ? [
            fc.tuple(fc.nat(3), fc.nat(3)).map(([from, to]) => `iptables x{${from}..${to}} {a,"b c"}$v0`),
            fc.tuple(variable, tie('word')).map(([name, word]) => `${name}+=${word}`),
            words(3).map((list) => `a=(${list})`),
            words(2).map((list) => `a+=(${list})`),
            words(2).map((list) => `for e in "\${a[@]}" ${list}; do iptables "$e"; done`),
            fc.tuple(variable, pattern, tie('statement')).map(([name, taken, statement]) => `if [[ $${name} == ${taken} ]]; then ${statement}\nfi`),
            fc.tuple(expression, tie('statement')).map(([inner, statement]) => `if ((${inner})); then ${statement}\nfi`),
            fc.nat(3).map((count) => `for ((n1=0; n1<${count}; n1++)); do iptables $n1; done`),
          ]
        : []),
    ];
    return {
      inner: fc.oneof(
        { depthSize: 'xsmall' },
        plain,
        ...expansions,
        quotedText.map((text) => text.replace(/[^a-z0-9 ]/g, '')),
      ),
      piece: fc.oneof(
        { depthSize: 'xsmall' },
        plain,
        plain,
        quotedText.map((text) => `'${text}'`),
        fc
          .array(
            fc.oneof(
              { depthSize: 'xsmall' },
              quotedText.map((text) => text.replace(/!/g, '')),
              ...expansions,
            ),
            { maxLength: 3 },
          )
          .map((parts) => `"${parts.join('')}"`),
        fc.constantFrom('\\ ', '\\$', "\\'", '\\\\', '\\a'),
        ...expansions,
      ),
      word: fc.oneof(
        { depthSize: 'xsmall' },
        variable.map((name) => `$${name}`),
        fc.array(tie('piece'), { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('')),
      ),
      condition: fc.oneof(
        { depthSize: 'xsmall' },
        fc.constantFrom('true', 'false', ':'),
        fc.tuple(variable, fc.constantFrom('=', '!='), plain).map(([name, operator, text]) => `[ "$${name}" ${operator} ${text} ]`),
        fc.tuple(number, fc.constantFrom('-lt', '-ge', '-eq'), fc.nat(5)).map(([name, operator, count]) => `[ $${name} ${operator} ${count} ]`),
        fc.tuple(fc.constantFrom('-n', '-z'), variable).map(([operator, name]) => `test ${operator} "$${name}"`),
        tie('condition').map((condition) => `! ${condition.replace(/^! /, '')}`),
        fc.tuple(fc.constantFrom('t0', 't1'), words(1)).map(([name, list]) => `${name} ${list}`),
      ),
      statement: fc.oneof({ maxDepth: 4 }, ...statements),
      block: fc
        .tuple(tie('statement'), fc.option(tie('statement'), { nil: undefined }))
        .map(([first, second]) => (second === undefined ? first : `${first}\n${second}`)),
    };
  });
  return fc
    .tuple(
      fc.array(fc.constantFrom('', 'a', 'a b', '  c  d ', '*', '1', 'ab.ba.1', 'x\ty'), { minLength: 4, maxLength: 4 }),
      fc.tuple(fc.nat(5), fc.nat(5)),
      kinds.block,
      kinds.block,
      fc.array(kinds.statement, { minLength: 1, maxLength: 5 }),
      blanks,
    )
    .map(([values, [first, second], body, other, statements, blank]) => {
      const head = [
        ...values.map((value, index) => `${VARIABLES[index] ?? ''}='${value}'`),
        `n0=${first} n1=${second}`,
        `set -- p "q${blank}r" '' s`,
        ...(bash ? ["a=(A 'B C')"] : []),
      ];
      // Functions call each other only downwards, so that every script ends.
      const withoutCalls = (text: string): string => text.replace(/\bf[01]\b/g, ':');
      const functions = [
        't0() { [ "$1" = a ]; }',
        't1() { t0 "$@" && return 1; [ $# -lt 2 ]; }',
        `f0() {${blank}local v1=$1\n${withoutCalls(body)}\n}`,
        `f1() {\n[ $# -gt 2 ] && return 3\n${withoutCalls(other)}\nf0 "$@"\n}`,
      ];
      return [...head, ...functions, ...statements, 'iptables end', ''].join('\n');
    });
}
