/**
 * The fast way to read a command: what its shape settles (which word is which option, which modules are loaded, which rules of
 * theirs can be broken at all) is taken from a command of the same shape that was read the plain way, and only arguments are read.
 * Anything that is not plainly fine is left to the plain way; a property test holds the two against each other.
 */

import type { Constraint, Extension, Family, Given, OptionSpec, RuleContext, Target, TargetDefinition, ValueContext } from '../extensions/define.js';
import type { Span } from '../text/source.js';
import { wordText, type Words } from '../text/word.js';
import { HOOKS, TABLE_CHAINS } from './builtin.js';
import { usesOf, type Action, type Command, type Counters, type Name, type RuleSpec, type Use } from './command.js';

/** An option of the shape: its argument is read anew for each command. */
interface TemplateOption {
  readonly name: string;
  readonly spec: OptionSpec;
  readonly negated: boolean;
  readonly word: number;
  readonly argument: number;
  readonly words: number;
}

interface TemplateUse {
  readonly use: Use;
  /** Options whose argument may differ; the others are as in `use`. */
  readonly varying: readonly TemplateOption[];
  /** Constraints that look at values or at the rule, not only at which options there are. */
  readonly constraints: readonly Extract<Constraint<Readonly<Record<string, unknown>>>, { kind: 'refuses' }>[];
  readonly made: UsesMade;
}

/** Uses already made, by their arguments. Shared by commands: most rules of a dump repeat their matches. */
interface UsesMade {
  readonly uses: Map<string, Use>;
  /** How often one was found. */
  hits: number;
  /** They hardly ever are: addresses come in hundreds of thousands. */
  isUseless: boolean;
}

/** What commands of one shape have in common. */
export interface Template {
  readonly base: TemplateUse;
  readonly matches: readonly TemplateUse[];
  readonly action:
    | (TemplateUse & { readonly name: Name; readonly actions: Map<Use, Action> })
    | { readonly word: number; readonly goto: boolean; readonly made: Map<string, Action> }
    | undefined;
  readonly chainWord: number;
  /** Lists of a single match already made. */
  readonly lists: Map<Use, RuleSpec['matches']>;
  readonly protocol: number | undefined;
  readonly protocolNegated: boolean;
  readonly protocolWord: number;
  /** What arguments are read with. */
  readonly values: ValueContext;
}

/** How many different uses of one place are kept. */
const SHARED_LIMIT = 1024;
const NO_MATCHES: RuleSpec['matches'][number][] = [];
const NO_PROBLEMS: Command['problems'] = [];

/** The template of a command, when the command is one that can be one: `-A` with nothing odd about it. `isFixed`: the word is part of the shape. */
export function createTemplate(command: Command, isFixed: (word: number) => boolean): Template | undefined {
  if (command.kind !== 'append' || command.problems.length > 0) return undefined;
  const { rule } = command;
  const uses = [rule.base, ...usesOf(rule)];
  const protocol = rule.base.given['protocol'];
  const repeats = uses.some((use) => Object.values(use.given).some((given) => given.before !== undefined));
  if (repeats || uses.some((use) => use.unsettled.length > 0) || (protocol !== undefined && !isFixed(protocol.argument))) return undefined;
  const action = rule.action;
  // A name in the word of its option, `-AINPUT` and `--jump=web`, is not all of that word.
  const isWholeWord = ({ text, word }: Name): boolean => wordText(command.words, word) === text;
  if (!isWholeWord(command.chain) || (action?.kind === 'chain' && !isWholeWord(action.name))) return undefined;
  return {
    base: templateUse(rule.base, isFixed),
    matches: rule.matches.map((use) => templateUse(use, isFixed)),
    action:
      action === undefined
        ? undefined
        : action.kind === 'target'
          ? { ...templateUse(action.use, isFixed), name: action.name, actions: new Map<Use, Action>() }
          : { word: action.name.word, goto: action.goto, made: new Map<string, Action>() },
    chainWord: command.chain.word,
    lists: new Map<Use, RuleSpec['matches']>(),
    protocol: protocol === undefined ? undefined : (protocol.value as number),
    protocolNegated: protocol?.negated === true,
    protocolWord: protocol?.word ?? -1,
    values: protocol === undefined || protocol.negated ? { family: command.family } : { family: command.family, protocol: protocol.value as number },
  };
}

function templateUse(use: Use, isFixed: (word: number) => boolean): TemplateUse {
  const varying: TemplateOption[] = [];
  const options = use.extension.options as Readonly<Record<string, OptionSpec>>;
  for (const [name, given] of Object.entries(use.given)) {
    const spec = options[name];
    if (spec?.value === undefined || given.argument === given.word) continue;
    const words = spec.words ?? 1;
    let fixed = true;
    for (let index = 0; index < words; index += 1) fixed &&= isFixed(given.argument + index);
    if (!fixed) varying.push({ name, spec, negated: given.negated, word: given.word, argument: given.argument, words });
  }
  return {
    use,
    varying,
    constraints: ((use.extension.constraints ?? []) as readonly Constraint<Readonly<Record<string, unknown>>>[]).filter(
      (constraint) => constraint.kind === 'refuses',
    ),
    made: { uses: new Map(), hits: 0, isUseless: false },
  };
}

/** What a command of a dump has besides its words. */
export interface LineContext {
  readonly family: Family;
  readonly target: Target;
  readonly table: string;
  readonly counters: Counters | undefined;
  readonly names: ChainNames;
}

/** The chains that rules of a dump stand in. */
export interface ChainNames {
  readonly met: Map<string, Name>;
  /** That of the last rule: the rules of a chain stand together. */
  last: Name | undefined;
}

/** Reads a command by the template of its shape; undefined when it takes the plain way to say what is odd about it. */
export function readByTemplate(template: Template, textOf: (word: number) => string, words: Words, at: Span, line: LineContext): Command | undefined {
  const chain = textOf(template.chainWord);
  const base = fillUse(template.base, textOf, template);
  if (base === undefined || usesWrongInterface(base, chain)) return undefined;
  if (!Object.hasOwn(TABLE_CHAINS, line.table)) return undefined;
  let context: RuleContext | undefined;
  const refused = (templateOfUse: TemplateUse, use: Use): boolean => {
    if (templateOfUse.constraints.length === 0) return false;
    context ??= ruleContext(template, chain, line);
    for (const constraint of templateOfUse.constraints) if (constraint.when(use.given, context)) return true;
    return false;
  };
  if (refused(template.base, base)) return undefined;
  const matches = fillMatches(template, textOf, line, chain, refused);
  if (matches === undefined) return undefined;
  let action: Action | undefined;
  if (template.action !== undefined) {
    if ('use' in template.action) {
      const use = fillUse(template.action, textOf, template);
      if (use === undefined || refused(template.action, use) || isMisplaced(use.extension, chain, line.table)) return undefined;
      action = template.action.actions.get(use);
      if (action === undefined) {
        action = { kind: 'target', use: use as Use<TargetDefinition>, name: template.action.name };
        if (template.action.actions.size < SHARED_LIMIT) template.action.actions.set(use, action);
      }
    } else {
      const name = textOf(template.action.word);
      if (isSuspiciousName(name)) return undefined;
      action = template.action.made.get(name);
      if (action === undefined) {
        action = { kind: 'chain', name: { text: name, word: template.action.word }, goto: template.action.goto };
        template.action.made.set(name, action);
      }
    }
  }
  const rule = createRule(base as RuleSpec['base'], matches, action, line.counters);
  return {
    program: line.family === 'ip' ? 'iptables' : 'ip6tables',
    family: line.family,
    table: line.table,
    words,
    at,
    problems: NO_PROBLEMS,
    refused: false,
    kind: 'append',
    chain: chainName(template, chain, line.names),
    rule,
  };
}

/** The uses of a rule's matches. A list of one, which most are, is shared by the rules that have just that match. */
function fillMatches(
  template: Template,
  textOf: (word: number) => string,
  line: LineContext,
  chain: string,
  refused: (templateOfUse: TemplateUse, use: Use) => boolean,
): RuleSpec['matches'] | undefined {
  const count = template.matches.length;
  if (count === 0) return NO_MATCHES;
  // Of the right size from the start: an array that grows keeps room for a dozen more, a hundred thousand times.
  let list: RuleSpec['matches'][number][] | undefined;
  for (let index = 0; index < count; index += 1) {
    const templateOfUse = template.matches[index];
    const use = templateOfUse === undefined ? undefined : fillUse(templateOfUse, textOf, template);
    if (templateOfUse === undefined || use === undefined || refused(templateOfUse, use) || isMisplaced(use.extension, chain, line.table))
      return undefined;
    if (count === 1) {
      const known = template.lists.get(use);
      if (known !== undefined) return known;
    }
    list ??= new Array<RuleSpec['matches'][number]>(count);
    list[index] = use as RuleSpec['matches'][number];
    if (count === 1 && template.lists.size < SHARED_LIMIT) template.lists.set(use, list);
  }
  return list;
}

/** One literal for each form: objects put together by spreading take twice the memory. */
function createRule(base: RuleSpec['base'], matches: RuleSpec['matches'], action: Action | undefined, counters: Counters | undefined): RuleSpec {
  if (counters === undefined) return action === undefined ? { base, matches } : { base, matches, action };
  return action === undefined ? { base, matches, counters } : { base, matches, action, counters };
}

function chainName({ chainWord }: Template, text: string, names: ChainNames): Name {
  if (names.last?.text === text && names.last.word === chainWord) return names.last;
  let name = names.met.get(text);
  if (name?.word !== chainWord) {
    name = { text, word: chainWord };
    names.met.set(text, name);
  }
  names.last = name;
  return name;
}

/** Names that the plain way has something to say about. */
function isSuspiciousName(name: string): boolean {
  return name === '' || (HOOKS as readonly string[]).includes(name);
}

/** Restrictions to tables or built-in chains are the plain way's business. */
function isMisplaced(extension: Extension, chain: string, table: string): boolean {
  if (extension.tables !== undefined && !extension.tables.includes(table)) return true;
  return extension.hooks !== undefined && (HOOKS as readonly string[]).includes(chain) && !(extension.hooks as readonly string[]).includes(chain);
}

function usesWrongInterface(base: Use, chain: string): boolean {
  if (base.given['out-interface'] !== undefined && (chain === 'INPUT' || chain === 'PREROUTING')) return true;
  return base.given['in-interface'] !== undefined && (chain === 'OUTPUT' || chain === 'POSTROUTING');
}

function ruleContext(template: Template, chain: string, line: LineContext): RuleContext {
  return {
    family: line.family,
    table: line.table,
    target: line.target,
    chain,
    ...(template.protocol === undefined
      ? {}
      : { protocol: template.protocol, protocolNegated: template.protocolNegated, protocolWord: template.protocolWord }),
  };
}

function fillUse(template: TemplateUse, textOf: (word: number) => string, whole: Template): Use | undefined {
  const { varying, made } = template;
  const [first] = varying;
  if (first === undefined) return template.use;
  if (made.isUseless) return readUse(template, textOf, whole);
  let key = argumentText(first, textOf);
  for (let index = 1; index < varying.length; index += 1) {
    const option = varying[index];
    if (option !== undefined) key += `\u0000${argumentText(option, textOf)}`;
  }
  const known = made.uses.get(key);
  if (known !== undefined) {
    made.hits += 1;
    return known;
  }
  const use = readUse(template, textOf, whole);
  if (use === undefined) return undefined;
  if (made.uses.size < SHARED_LIMIT) made.uses.set(key, use);
  else {
    // Where every rule has its own, looking them up costs more than it saves. Others come back soon after they came first.
    made.isUseless = made.hits < SHARED_LIMIT;
    made.hits = 0;
    made.uses.clear();
  }
  return use;
}

/** A use with its arguments read; undefined when one is not plainly fine. */
function readUse({ use, varying }: TemplateUse, textOf: (word: number) => string, whole: Template): Use | undefined {
  const given: Record<string, Given> = { ...use.given };
  for (const option of varying) {
    const { spec, name, negated, word, argument } = option;
    if (spec.value === undefined) return undefined;
    const result = spec.value.read(argumentText(option, textOf), whole.values);
    if (result.kind !== 'read' || result.changed !== undefined) return undefined;
    given[name] = { value: result.value, negated, word, argument };
  }
  return { extension: use.extension, given, unsettled: use.unsettled, implicit: use.implicit, first: use.first, last: use.last };
}

function argumentText(option: TemplateOption, textOf: (word: number) => string): string {
  let text = textOf(option.argument);
  for (let index = 1; index < option.words; index += 1) text += ` ${textOf(option.argument + index)}`;
  return text;
}
