/** Whether a rule may be what it is: what iptables and the kernel refuse of options that stand together, and of places. */

import type { Constraint, Given, RuleContext } from '../extensions/define.js';
import { protocolName } from '../net/protocols.js';
import { HOOKS, TABLE_CHAINS } from './builtin.js';
import type { Operation, RuleSpec, Use } from './command.js';
import { addProblem, optionSpelling, type Draft } from './draft.js';

/** Reports what iptables, or the kernel, refuses in the rule of an operation. */
export function checkRule(draft: Draft, operation: Operation, rule: RuleSpec): void {
  if (!('rule' in operation)) return;
  const chain = 'chain' in operation ? operation.chain.text : undefined;
  const protocol = draft.base.given['protocol'];
  const ruleContext: RuleContext = {
    family: draft.context.registry.family,
    table: draft.table,
    target: draft.context.target,
    ...(protocol === undefined ? {} : { protocol: protocol.value as number, protocolNegated: protocol.negated, protocolWord: protocol.word }),
    ...(chain === undefined ? {} : { chain }),
  };
  checkInterfaceDirection(draft, chain);
  checkUse(draft, rule.base, ruleContext);
  for (const use of rule.matches) checkUse(draft, use, ruleContext);
  if (rule.action?.kind === 'target') checkUse(draft, rule.action.use, ruleContext);
}

function checkInterfaceDirection(draft: Draft, chain: string | undefined): void {
  const wrong: readonly (readonly [string, string, readonly string[]])[] = [
    ['out-interface', '-o', ['INPUT', 'PREROUTING']],
    ['in-interface', '-i', ['OUTPUT', 'POSTROUTING']],
  ];
  for (const [name, spelling, chains] of wrong) {
    const given = draft.base.given[name];
    if (given === undefined || chain === undefined || !chains.includes(chain)) continue;
    addProblem(
      draft,
      'interface-direction',
      given.word,
      given.argument,
      `packets in ${chain} have no ${name === 'out-interface' ? 'outgoing' : 'incoming'} interface yet: \`${spelling}\` cannot be used there`,
      {
        says: `Can't use ${spelling} with ${chain}`,
        do: name === 'out-interface' ? 'use -i, or another chain' : 'use -o, or another chain',
        fatal: true,
      },
    );
  }
}

function checkUse(draft: Draft, use: Use, context: RuleContext): void {
  const { extension, given } = use;
  const name = extension.name === '' ? 'the rule' : extension.kind === 'match' ? `-m ${extension.name}` : `-j ${extension.name}`;
  if (
    extension.protocols !== undefined &&
    !draft.base.unsettled.includes('protocol') &&
    (context.protocol === undefined || context.protocolNegated === true || !extension.protocols.includes(context.protocol))
  ) {
    // `-p` twice: which of them the match goes with is not the question.
    if (draft.problems.some((problem) => problem.check === 'repeated-option')) return;
    const wanted = extension.protocols.map((number) => `\`-p ${protocolName(number) ?? String(number)}\``).join(' or ');
    const written = context.protocol === undefined ? '' : `-p ${protocolName(context.protocol) ?? String(context.protocol)}`;
    addProblem(
      draft,
      context.protocol === undefined ? 'ports-without-protocol' : 'protocol-mismatch',
      use.first,
      use.last,
      context.protocol === undefined
        ? `\`${name}\` needs ${wanted}`
        : `\`${name}\` needs ${wanted}, and ${context.protocolNegated === true ? `\`! ${written}\` will not do` : `the rule has \`${written}\``}`,
      {
        why: `the kernel says: ${extension.name} ${extension.kind}: only valid for protocol ${String(extension.protocols[0])}`,
        do: `write ${wanted} before it`,
        fatal: true,
      },
    );
    return;
  }
  if (refusesPlace(draft, use, name, context)) return;
  for (const constraint of (extension.constraints ?? []) as readonly Constraint<Readonly<Record<string, unknown>>>[])
    checkConstraint(draft, use, name, constraint, given, context);
}

/** Whether the kernel refuses the extension in this table or built-in chain. (kernel: net/netfilter/x_tables.c, xt_check_match and xt_check_target) */
function refusesPlace(draft: Draft, use: Use, name: string, context: RuleContext): boolean {
  const { extension } = use;
  // A table or chain that is not there is a finding of its own.
  const chains = Object.hasOwn(TABLE_CHAINS, context.table) ? (TABLE_CHAINS[context.table] ?? []) : [];
  if (chains.length === 0 || (HOOKS.some((hook) => hook === context.chain) && !chains.some((hook) => hook === context.chain))) return false;
  const module = `x_tables: ${context.family === 'ip' ? 'ip' : 'ip6'}_tables: ${extension.name} ${extension.kind}`;
  if (extension.tables !== undefined && !extension.tables.includes(context.table)) {
    const tables = extension.tables.join(' or ');
    addProblem(
      draft,
      extension.kind === 'match' ? 'match-not-in-hook' : 'target-not-in-table',
      use.first,
      use.last,
      `\`${name}\` only works in the ${tables} table`,
      {
        why: `the kernel says: ${module}: only valid in ${extension.tables[0] ?? ''} table, not ${context.table}`,
        do: `put the rule into the ${tables} table`,
        fatal: true,
      },
    );
    return true;
  }
  const { hooks } = extension;
  if (hooks === undefined || !HOOKS.some((hook) => hook === context.chain) || hooks.some((hook) => hook === context.chain)) return false;
  addProblem(draft, `${extension.kind}-not-in-hook`, use.first, use.last, `\`${name}\` does not work in ${context.chain ?? ''}`, {
    why: `the kernel says: ${module}: used from hooks ${context.chain ?? ''}, but only ${extension.kind === 'match' ? 'valid' : 'usable'} from ${hooks.join('/')}`,
    do: `it works in ${hooks.join(', ')}`,
    fatal: true,
  });
  return true;
}

/** Findings about an option that may be the one that is missing, misspelt: `-m state --states`, `-m conntrack --state`. */
const MAY_BE_IT: ReadonlySet<string> = new Set(['unknown-option', 'missing-match-module', 'ports-need-multiport']);

function checkConstraint(
  draft: Draft,
  use: Use,
  name: string,
  constraint: Constraint<Readonly<Record<string, unknown>>>,
  given: Readonly<Record<string, Given>>,
  context: RuleContext,
): void {
  const has = (option: string): boolean => Object.hasOwn(given, option) || use.unsettled.includes(option);
  const spell = (option: string): string => `\`${optionSpelling(use.extension, option)}\``;
  const place = (option: string): readonly [number, number] => {
    const found = given[option];
    return found === undefined ? [use.first, use.last] : [found.word, Math.max(found.word, found.argument)];
  };
  const prefix = use.extension.name === '' ? '' : `${use.extension.name}: `;
  switch (constraint.kind) {
    case 'exactlyOne':
    case 'atLeastOne': {
      const present = constraint.of.filter(has);
      // A command that is read as repaired has to be right then: what is missing beside the repair is told.
      const isExplained = draft.problems.some(({ check, fatal }) => fatal && MAY_BE_IT.has(check));
      if (present.length === 0 && !isExplained)
        addProblem(
          draft,
          constraint.check ?? 'missing-required-option',
          use.first,
          use.last,
          `\`${name}\` needs ${constraint.of.length === 1 ? '' : constraint.kind === 'exactlyOne' ? 'one of ' : 'at least one of '}${constraint.of.map(spell).join(', ')}`,
          {
            ...(constraint.says === undefined ? {} : { says: constraint.says }),
            fatal: true,
          },
        );
      const [first, second] = present;
      if (constraint.kind === 'exactlyOne' && first !== undefined && second !== undefined) {
        const [from, to] = place(second);
        addProblem(draft, constraint.check ?? 'excluded-option', from, to, `${spell(first)} and ${spell(second)} exclude each other`, {
          says: `${prefix}option "${optionSpelling(use.extension, first)}" cannot be used together with "${optionSpelling(use.extension, second)}".`,
          do: 'use two matches (`-m` twice) or two rules',
          fatal: true,
        });
      }
      return;
    }
    case 'needs': {
      if (!has(constraint.option) || has(constraint.other)) return;
      const [from, to] = place(constraint.option);
      addProblem(draft, constraint.check ?? 'missing-required-option', from, to, `${spell(constraint.option)} needs ${spell(constraint.other)}`, {
        says:
          constraint.says ??
          `${prefix}option "${optionSpelling(use.extension, constraint.option)}" also requires "${optionSpelling(use.extension, constraint.other)}".`,
        fatal: true,
      });
      return;
    }
    case 'excludes': {
      const other = constraint.others.find(has);
      if (!has(constraint.option) || other === undefined) return;
      const [from, to] = place(constraint.option);
      addProblem(draft, constraint.check ?? 'excluded-option', from, to, `${spell(constraint.option)} and ${spell(other)} exclude each other`, {
        says:
          constraint.says ??
          `${prefix}option "${optionSpelling(use.extension, constraint.option)}" cannot be used together with "${optionSpelling(use.extension, other)}".`,
        fatal: true,
      });
      return;
    }
    case 'refuses': {
      if (use.unsettled.length > 0 || !possibleContexts(draft, context).every((possible) => constraint.when(given, possible))) return;
      const [from, to] = constraint.at === undefined ? [use.first, use.last] : place(constraint.at);
      addProblem(draft, constraint.check ?? 'excluded-option', from, to, constraint.message, {
        ...(constraint.says === undefined
          ? {}
          : constraint.by === 'kernel'
            ? { why: `the kernel says: ${constraint.says}` }
            : { says: constraint.says }),
        ...(constraint.do === undefined ? {} : { do: constraint.do }),
        fatal: true,
      });
    }
  }
}

/** tcp, udp, icmp, sctp: what an extension demands of the protocol, one of them fulfils. */
const POSSIBLE_PROTOCOLS = [6, 17, 1, 132];

/** What the context may be at run time, where a variable stands for the protocol. */
function possibleContexts(draft: Draft, context: RuleContext): readonly RuleContext[] {
  if (!draft.base.unsettled.includes('protocol')) return [context];
  return POSSIBLE_PROTOCOLS.map((protocol) => ({ ...context, protocol, protocolNegated: false }));
}
