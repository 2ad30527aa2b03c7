/** The shape of what fwlint knows about an error message. */

/**
 * How much a message tells. reason: the kernel's own reason; cause: names what is wrong; symptom: the same words for many causes;
 * echo: only comes along with another message.
 */
export type Weight = 'reason' | 'cause' | 'symptom' | 'echo';

/** What a message means. In the texts `{1}` stands for what the first group of the pattern matched, and so on. */
export interface ErrorEntry {
  readonly weight: Weight;
  /** Found anywhere in a line. Must take time in proportion to the line. */
  readonly pattern: RegExp;
  /** Must be found somewhere in the whole text, in any line of it: for words that other programs say as well. */
  readonly near?: RegExp;
  /** Must be found in the lines behind it: nft shows there what it complains of. */
  readonly behind?: RegExp;
  /** What happened, and why. Plain sentences. */
  readonly cause: string;
  /** What to do about it. */
  readonly cure: string;
  /** The checks that find it in a command, a script or a dump. */
  readonly checks?: readonly string[];
}
