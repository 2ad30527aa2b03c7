/** Tells sentences from commands. */

const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a an the this that these those is are was were be been being will would shall should can could may might must to of in on at by for from with ' +
    'without into onto over under about above below after before between through during and or but nor so yet not if when while whenever then than ' +
    'because since as it its we you your i my our us they them their he she his her which who whom whose what where how why there here also just only ' +
    'all any some each every both few more most other another such same very too again once have has had having does did do doing dont let lets now ' +
    'first second next following use using used want wants need needs make makes ' +
    // Spanish, Portuguese, Italian, French
    'el la los las un una de del en con por para que se es son esta este como más no si al lo su sus o os um uma do da dos das em para com ao não ' +
    'il gli di che per nel nella sono le les des du et est sont une dans pour sur avec ce cette qui ne pas vous nous ' +
    // German, Dutch, Swedish, Polish
    'der die das und ist sind ein eine einen mit von zu im den dem des auf für nicht auch wird werden kann man ich sie wir bei nach aus wenn oder het een ' +
    'van niet voor naar dat deze zijn och att som är inte på med till nie jest się na oraz dla'
  ).split(' '),
);

const FIRST_WORDS = 16;

/** What the beginning of a text looks like, word by word. */
interface Sample {
  /** Words, up to `FIRST_WORDS`. */
  readonly count: number;
  /** Words of letters only, punctuation at their ends aside. */
  readonly plain: number;
  readonly stop: number;
  /** The first letter is a capital followed by a small letter, or the text begins with `I ` or `A `. */
  readonly capital: boolean;
  /** One of the words is in letters beyond ASCII: Cyrillic, Chinese, é. */
  readonly foreign: boolean;
  /** The number of the first word that is an option, or the count. */
  readonly option: number;
}

function sample(text: string): Sample {
  const words = text.slice(0, 400).trim().split(/\s+/, FIRST_WORDS);
  let plain = 0;
  let stop = 0;
  let foreign = false;
  let option = words.length;
  for (const [index, word] of words.entries()) {
    const bare = word.replace(/^["'“”‘’«»(*_`[]+|["'“”‘’«»)*_`\],.;:!?…]+$/g, '');
    if (/^\p{Script=Latin}+(?:['’]\p{Script=Latin}{1,12})?$/u.test(bare)) {
      plain += 1;
      if (STOP_WORDS.has(bare.toLowerCase().replace(/['’]/, ''))) stop += 1;
    } else if (/^[^\u0000-\u00bf\u2000-\u2bff\u3000-\u303f\uff00-\uffef]/.test(bare)) foreign = true;
    if (option === words.length && /^!?[-\u2010-\u2015\u2212]{1,2}[A-Za-z]/.test(word)) option = index;
  }
  return {
    count: words[0] === '' ? 0 : words.length,
    plain,
    stop,
    capital: /^["'“‘(*_[]*(?:[A-Z][a-z]|[AI][ ,])/.test(text.trimStart()),
    foreign,
    option,
  };
}

/**
 * Whether a text that stands where no word of a command can stand reads like a sentence. `options`: the target before it takes
 * options, so that `to 1.2.3.4` may be one that lost its dashes.
 */
export function readsAsProse(text: string, options: boolean): boolean {
  const seen = sample(text);
  if (seen.foreign) return true;
  if (seen.option < 2) return false;
  if (options) return seen.count >= 3 && seen.stop >= 2;
  return (seen.plain >= 2 && (seen.stop >= 1 || seen.capital)) || seen.plain >= 4;
}

/** The same for places where a word of the command could stand: only what is surely a sentence. */
export function surelyProse(text: string): boolean {
  const seen = sample(text);
  return seen.option === seen.count && seen.count >= 4 && seen.capital && seen.stop >= 2 && seen.plain * 3 >= seen.count * 2;
}

/** Whether a line explains an option: `--limit 3/s: the average rate`, `--syn – only the first packet`. */
export function explainsOption(line: string): boolean {
  return /^[^\p{L}\d]*[\p{L}\d-]+(?:[ \t=]+[^\s"':]+)?[ \t]*(?::|[ \t][\u2010-\u2015-])[ \t]+\p{L}/u.test(line);
}

/** Whether a whole line is a sentence, or a piece of one, rather than a line of a script. */
export function isProseLine(line: string): boolean {
  const seen = sample(line);
  if (seen.foreign && !/^[\w./$"'-]+[ =]/.test(line.trimStart())) return true;
  if (!/^\s*(?:>[ >]*)?["'“‘(*_¹²³•·@]*[\p{L}\d]/u.test(line)) return false;
  if (/^\s*[A-Za-z_]\w*\+?=/.test(line) || /[;{}]\s*$|^\s*\w+\s*\(\)|\$\(|\|\||&&|"\$/.test(line)) return false;
  // A pipe or a redirection; a mail quotes with the same sign.
  if (/\s[|>]\s/.test(line) && seen.stop < 3) return false;
  if (/^\s*(?:echo|printf|logger)\s/.test(line)) return false;
  if (seen.count >= 5 && seen.stop >= 2 && seen.plain * 3 >= seen.count * 2) return true;
  // In a language whose small words are not known.
  if (seen.capital && seen.plain >= 6 && seen.plain * 4 >= seen.count * 3) return true;
  return seen.capital && seen.count >= 3 && seen.stop >= 1 && seen.plain * 3 >= seen.count * 2;
}
