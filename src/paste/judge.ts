/** Turns what was noted in one command into its repairs and its findings. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';
import { brokenLineProblem, givesProgram, missingProgramProblem } from './broken-line.js';
import { repairOf, type CharacterContext, type PlaceInCommand } from './character-problem.js';
import type { CharacterCheck } from './characters.js';
import { collapsedContinuationProblem } from './collapsed-continuation.js';
import type { Command, PasteCheck, Place, Repair, Word } from './command.js';
import { commentAfterBackslashProblem, moveComments } from './comment-after-backslash.js';
import { htmlEntityProblem } from './html-entity.js';
import { invisibleCharacterProblem } from './invisible-character.js';
import { misspeltProgramProblem } from './misspelt-program.js';
import { acceptsDamage, governingOption, isOption, optionName, takesFreeText, takesNoArgument } from './options.js';
import { isFail2banAction, placeholderProblem, placeholderRepairs, placeholdersOf, templateRepairs } from './placeholder.js';
import { wordAround } from './problem.js';
import { takesRules } from './programs.js';
import { proseProblem } from './prose-after-rule.js';
import { restoreShellSyntaxProblem } from './restore-shell-syntax.js';
import { shellPromptProblem } from './shell-prompt.js';
import { smartQuoteProblem } from './smart-quote.js';
import { spaceAfterBackslashProblem } from './space-after-backslash.js';
import { twoCommandsProblem } from './two-commands-one-line.js';
import { unicodeDashProblem } from './unicode-dash.js';
import { unicodeSpaceProblem } from './unicode-space.js';

/** What is done to a text, and what is said about it. */
export interface Judgement {
  readonly repairs: Repair[];
  readonly problems: Problem[];
  /** Up to here the shell is inside of a quotation that a command before has opened: what it runs is not what is read. */
  swallowed: number;
  /** From here on a repair of quotes by itself may change which others are pairs to the shell. */
  astray: number;
}

/** How the value of a variable is used in firewall commands. */
export interface Use {
  /** Somewhere it is more than text for people. */
  readonly matters: boolean;
  /** The options whose argument it becomes, by name; `undefined` for a use that is none, such as a variable of whole options. */
  readonly options: ReadonlySet<string | undefined>;
}

/** here-document: rules in a script that writes a dump; the shell may still change them, so only their characters are judged. */
type Kind = 'script' | 'text' | 'save' | 'ipset' | 'here-document';
type Places = readonly [PlaceInCommand, ...PlaceInCommand[]];

/** Checks whose damage surely made the program, or the shell, refuse the command as it stands. */
const REFUSED: ReadonlySet<PasteCheck> = new Set([
  'space-after-backslash',
  'collapsed-continuation',
  'two-commands-one-line',
  'prose-after-rule',
  'shell-prompt',
  'misspelt-program',
]);

/** Judges a command of a firewall program. */
export function judgeCommand(source: Source, command: Command, kind: Kind, out: Judgement): void {
  const { program } = command;
  const plain = command.repairs.length === 0 && command.comments.length === 0 && command.prose === undefined && command.places.length === 0;
  const places = plain && command.words.every((word) => word.places.length === 0) ? [] : damageOf(source, command, kind);
  const rules = takesRules(program) || isDump(kind);
  if (plain && places.length === 0 && !rules) return;
  const refused = (command.words[0]?.start ?? command.end) >= out.swallowed && isRefused(command, places);
  noteSwallowed(source.text, places, out);
  const name = takesRules(program) ? 'iptables' : isDump(kind) ? 'iptables-restore' : kind === 'ipset' ? 'ipset' : (program ?? 'the shell');
  judgeCharacters(source, places, name, refused, out);
  if (kind !== 'here-document') judgeForm(source, command, kind, refused, places, out);
  if (rules) {
    const problem = placeholderProblem(source, command);
    if (problem !== undefined) {
      if (!problem.message.includes('<') || !isFail2banAction(source)) out.problems.push(problem);
      const repairsOf = kind === 'save' ? templateRepairs : placeholderRepairs;
      if (kind !== 'here-document') for (const { word } of placeholdersOf(command)) out.repairs.push(...repairsOf(source, word));
    }
  }
}

function isDump(kind: Kind): boolean {
  return kind === 'save' || kind === 'here-document';
}

/** Judges the program that an assignment names. */
export function judgeNamedProgram(source: Source, command: Command, out: Judgement): void {
  const [first, ...rest] = command.repairs.filter(({ check }) => check === 'misspelt-program');
  if (first === undefined) return;
  out.problems.push(misspeltProgramProblem(source, [first, ...rest]));
  out.repairs.push(first, ...rest);
}

/** Judges an assignment, or the list of a `for` loop, whose value goes into firewall commands. */
export function judgeAssignment(source: Source, command: Command, use: Use, out: Judgement): void {
  const found: PlaceInCommand[] = [];
  const add = (place: Place, meant: string): void => {
    if (!use.matters && (place.quoted || (place.check !== 'smart-quote' && place.check !== 'unicode-space'))) return;
    // `A=“b c”` runs the command c.
    const splits = (place.role === 'double' || place.role === 'single') && /\s/.test(meant);
    found.push({ place, option: undefined, refused: splits || [...use.options].some((option) => !acceptsDamage(option, meant)), repaired: '' });
  };
  for (const word of command.words) for (const place of word.places) add(place, word.text.replace(/^\w+\+?=/, ''));
  for (const place of command.places) add(place, 'INPUT');
  found.sort((a, b) => a.place.start - b.place.start);
  judgeCharacters(
    source,
    found,
    'the shell',
    found.some(({ refused }) => refused),
    out,
  );
}

/** The damage of a command that is no welcome part of a text, in order. Looks at every word and place once. */
function damageOf(source: Source, command: Command, kind: Kind): PlaceInCommand[] {
  const found: PlaceInCommand[] = [];
  for (const [index, word] of command.words.entries()) if (word.places.length > 0) addPlacesInWord(source, command, index, word, kind, found);
  addPlacesBetween(source, command, found);
  return found.sort((a, b) => a.place.start - b.place.start);
}

function addPlacesInWord(source: Source, command: Command, index: number, word: Word, kind: Kind, found: PlaceInCommand[]): void {
  const rules = takesRules(command.program) || isDump(kind);
  const own = index > command.programWord;
  const option = own ? governingOption(command.words, index) : undefined;
  const text = rules && takesFreeText(option) && !isOption(word.text);
  // Behind the `=` of `--comment="9 to 17"`; damage before it makes another option of it.
  const glued = rules && takesFreeText(option) ? source.text.slice(word.start, word.end).indexOf('=') : -1;
  const before = command.words[index - 1]?.text ?? '';
  const awaited = isOption(before) && !takesNoArgument(optionName(before));
  const split = word.quoted && /[ \t]/.test(word.text);
  const accepted = rules && own && acceptsDamage(option, word.text);
  const repaired = word.text.slice(0, SHOWN);
  for (const place of word.places) {
    if (!rules && place.quoted) continue;
    if ((kind === 'ipset' || kind === 'here-document') && place.check === 'restore-shell-syntax') continue;
    // In text for people only what the shell would take for something else is damage.
    const welcome = text || (glued !== -1 && place.start > word.start + glued);
    if (welcome && (place.quoted || place.text === '' || !['smart-quote', 'html-entity', 'restore-shell-syntax'].includes(place.check))) continue;
    let refused = !accepted;
    if (rules && own) {
      if (place.check === 'html-entity' && !place.quoted && !isDump(kind))
        refused = place.role === 'operator' || (place.start === word.start && awaited);
      else if (split && (place.role === 'double' || place.role === 'single')) refused = true;
    }
    found.push({ place, option, refused, repaired });
  }
}

/** How much of a word a message can need. */
const SHOWN = 80;

function addPlacesBetween(source: Source, command: Command, found: PlaceInCommand[]): void {
  const { words, places } = command;
  let index = -1;
  let attachedUpTo = -1;
  for (const place of places) {
    for (let next = words[index + 1]; next !== undefined && next.end <= place.start; next = words[index + 1]) {
      index += 1;
      attachedUpTo = next.end;
    }
    const before = words[index];
    const attached = place.start === attachedUpTo;
    if (attached) attachedUpTo = place.end;
    if (before === undefined || index < command.programWord || place.role === 'operator') {
      found.push({ place, option: undefined, refused: true, repaired: '' });
      continue;
    }
    const option = isOption(before.text) && before.text.length < SHOWN && !before.text.includes('=') ? optionName(before.text) : undefined;
    let refused: boolean;
    let ruling: string | undefined = option;
    if (place.check === 'html-entity') refused = index === command.programWord || (option !== undefined && !takesNoArgument(option));
    // A program name with something at its end is another program.
    else if (index === command.programWord) refused = attached || place.role === 'blank';
    else {
      if (attached && option === undefined) ruling = governingOption(words, index);
      // `-i⍽eth0` is -i with an argument, `--dport⍽22` an option of that name.
      else if (option !== undefined && option.length > 1 && attached) ruling = undefined;
      // Nobody creates a chain with a blank in its name.
      refused = !acceptsDamage(ruling, 'INPUT');
    }
    found.push({ place, option: ruling, refused, repaired: '' });
  }
}

function noteSwallowed(text: string, places: readonly PlaceInCommand[], out: Judgement): void {
  const opening = places.find(({ place }) => place.runsOn === true)?.place;
  if (opening === undefined) return;
  const quote = opening.role === 'double' ? '"' : "'";
  const close = text.indexOf(quote, opening.end);
  out.swallowed = Math.max(out.swallowed, close === -1 ? text.length : close);
}

function isRefused(command: Command, places: readonly PlaceInCommand[]): boolean {
  if (command.repairs.some((repair) => REFUSED.has(repair.check)) || command.prose !== undefined) return true;
  for (const { place, refused } of places) {
    if (place.runsOn === true) return false;
    if (refused) return true;
    // The shell ends the command at the `&`: damage behind it is not the command's any more.
    if (place.check === 'html-entity' && !place.quoted) return false;
  }
  return false;
}

const BUILDERS: Readonly<Record<CharacterCheck, (source: Source, context: CharacterContext) => Problem>> = {
  'unicode-dash': unicodeDashProblem,
  'smart-quote': smartQuoteProblem,
  'unicode-space': unicodeSpaceProblem,
  'invisible-character': invisibleCharacterProblem,
  'html-entity': htmlEntityProblem,
};

function judgeCharacters(source: Source, places: readonly PlaceInCommand[], program: string, safe: boolean, out: Judgement): void {
  const groups = new Map<CharacterCheck, PlaceInCommand[]>();
  for (const found of places) {
    const { check } = found.place;
    if (check === 'restore-shell-syntax') continue;
    const group = groups.get(check);
    if (group === undefined) groups.set(check, [found]);
    else group.push(found);
  }
  for (const [check, group] of groups) {
    const [first, ...rest] = group;
    if (first === undefined) continue;
    const all: Places = [first, ...rest];
    const words = [...new Set(group.slice(0, 64).map(({ place }) => wordAround(source, place.start, place.end)))];
    const astray = group.some(({ place }) => (place.role === 'double' || place.role === 'single') && place.start >= out.astray);
    out.problems.push(BUILDERS[check](source, { places: all, words, program, safe: safe && !astray }));
    for (const { place } of group) out.repairs.push(repairOf(place));
  }
}

function judgeForm(
  source: Source,
  command: Command,
  kind: Exclude<Kind, 'here-document'>,
  refused: boolean,
  places: readonly PlaceInCommand[],
  out: Judgement,
): void {
  const shape = kind === 'ipset' ? 'script' : kind;
  const of = (check: PasteCheck): Repair[] => command.repairs.filter((repair) => repair.check === check);
  const prose = command.prose;
  const broken = of('broken-line');
  const proseRepairs: Repair[] = [];
  const dump: Repair[] = [
    ...of('restore-shell-syntax'),
    ...places.filter(({ place }) => place.check === 'restore-shell-syntax').map(({ place }) => repairOf(place)),
  ];
  const comment = of('comment-after-backslash');
  if (command.comments.length > 0) {
    const owner: PasteCheck =
      prose !== undefined && shape === 'save'
        ? 'prose-after-rule'
        : broken.length > 0 && command.comments.every(({ start, end }) => start === end)
          ? 'broken-line'
          : shape === 'save'
            ? 'restore-shell-syntax'
            : 'comment-after-backslash';
    const moved = moveComments(source.text, command, owner);
    const owned = owner === 'prose-after-rule' ? proseRepairs : owner === 'broken-line' ? broken : owner === 'restore-shell-syntax' ? dump : comment;
    for (const repair of moved) owned.push(repair);
  }
  if (prose !== undefined && shape !== 'save') {
    if (shape === 'text') {
      if (prose.glued) proseRepairs.push({ check: 'prose-after-rule', start: prose.start, end: prose.start, text: '', written: { text: '\n' } });
    } else {
      let end = prose.start;
      while (end < prose.end && /[ \t]/.test(source.text.charAt(end))) end += 1;
      const start = command.words[command.words.length - 1]?.end ?? prose.start;
      proseRepairs.push({ check: 'prose-after-rule', start, end, text: ' # ' });
      for (const { index, 0: lineEnd } of source.text.slice(end, prose.end).matchAll(/\\\r*\n[ \t]*/g))
        proseRepairs.push({ check: 'prose-after-rule', start: end + index, end: end + index + lineEnd.length, text: '' });
    }
  }
  const add = (repairs: readonly Repair[], build: (repairs: readonly [Repair, ...Repair[]]) => Problem | undefined): void => {
    const [first, ...rest] = [...repairs].sort((a, b) => a.start - b.start || a.end - b.end);
    if (first === undefined) return;
    const problem = build([first, ...rest]);
    if (problem !== undefined) out.problems.push(problem);
    out.repairs.push(first);
    for (const repair of rest) out.repairs.push(repair);
  };
  add(of('misspelt-program'), (repairs) => misspeltProgramProblem(source, repairs));
  add(of('shell-prompt'), (repairs) => shellPromptProblem(source, command, repairs, kind));
  for (const repair of broken.filter(givesProgram)) add([repair], (repairs) => missingProgramProblem(source, command, repairs));
  add(
    broken.filter((repair) => !givesProgram(repair)),
    (repairs) => brokenLineProblem(source, command, repairs, shape),
  );
  add(of('space-after-backslash'), (repairs) => spaceAfterBackslashProblem(source, repairs, wordBehind(source.text, repairs[0])));
  add(comment, (repairs) => commentAfterBackslashProblem(source, command, repairs));
  add(of('collapsed-continuation'), (repairs) => collapsedContinuationProblem(source, repairs, kind === 'save'));
  for (const repair of of('two-commands-one-line')) {
    const next = { start: repair.end, end: repair.end + (/^\S{1,60}/.exec(source.text.slice(repair.end, repair.end + 60))?.[0].length ?? 0) };
    add([repair], (repairs) => twoCommandsProblem(source, repairs, next));
  }
  if (prose !== undefined) add(proseRepairs, (repairs) => proseProblem(source, command, prose, repairs, shape));
  if (kind === 'save') {
    const formal = command.comments.length > 0 || command.repairs.length > 0;
    const problem = restoreShellSyntaxProblem(
      source,
      command,
      [...dump].sort((a, b) => a.start - b.start || a.end - b.end),
      refused || formal,
    );
    if (problem !== undefined) out.problems.push(problem);
    for (const repair of dump) out.repairs.push(repair);
  }
}

/** The first word of the next line when a continuation was meant. */
function wordBehind(text: string, repair: Repair): string | undefined {
  if (text.charAt(repair.start - 1) !== '\\') return undefined;
  return /^[\r\n]+\s*(\S{1,40})/.exec(text.slice(repair.end, repair.end + 200))?.[1];
}
