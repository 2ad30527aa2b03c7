/** Firewall commands that stand in the lines of other files: systemd units, YAML, wg-quick and ifupdown, HTML, programs of other languages. */

/** A call of a program of another language, or a text it gives a name to or hands back; a shell's assignments have no blanks around `=`. */
const PROGRAM_TEXT =
  '(?:[^"\'`#]{0,80}[\\w)]\\([ \\t]*|(?:(?:const|let|var|my|our|local|String)[ \\t]+)?[$@]?\\w[\\w.\\[\\]]*[ \\t]+:?[+.]?=[ \\t]*|return[ \\t]+)[frbu]{0,2}(?=["\'`])';

/** What may stand before a command on its line there; the command itself begins behind it. */
const CARRIER = new RegExp(
  '^[ \\t]*(?:' +
    // systemd.service(5), wg-quick(8): ExecStart=-/sbin/iptables …, PostUp = iptables …
    '(?:Exec[A-Z]\\w*|P(?:re|ost)(?:Up|Down))[ \\t]*=[ \\t]*[-@:+!|]*' +
    // jail.conf(5) of fail2ban
    '|action\\w*[ \\t]*=[ \\t]*' +
    // interfaces(5)
    '|(?:(?:pre|post)-)?(?:up|down)[ \\t]+' +
    // Dockerfile
    '|RUN[ \\t]+' +
    // YAML, JSON, Puppet, Ruby: a value behind its name, or an item of a list
    '|(?:-[ \\t]+)?(?:["\']?[\\w.-]+["\']?[ \\t]*:|.{0,80}\\bcommand[ \\t]*=>)[ \\t]+(?:\\[[ \\t]*(?:"[^"\\n]{0,40}",[ \\t]*){0,3})?' +
    '|-[ \\t]+' +
    // A call of a program of another language
    '|' +
    PROGRAM_TEXT +
    // Markdown: a line that is a piece of code
    '|(?=`[^`]*`(?:\\{[^}]*\\})?[ \\t]*$)' +
    // HTML, with the prompt
    '|(?:<[a-z][^<>\\n]{0,80}>[ \\t]*)+(?:[#$%][ \\t]+)?' +
    // An argument or an item on a line of its own, of Terraform or of a program
    '|(?="[^"\\n]*"[ \\t]*(?:,|\\)?;|\\])[ \\t]*$)' +
    ')',
);

/** A call of iptables that does something, its quote included. */
const CALL =
  /^["'`]?[ \t]*(?:sudo[ \t]+)?(?:\/[\w./-]*\/)?ip6?tables(?:-legacy|-nft)?[ \t]+(?:-\w[ \t]+\w+[ \t]+)?[-\u2010-\u2015\u2212]{1,2}[A-Za-z]/;

/** Where the command begins that a line of another kind of file carries, its quote included; undefined when it carries none. */
export function carriedCommandAt(line: string): number | undefined {
  const start = CARRIER.exec(line.slice(0, 300))?.[0].length;
  return start !== undefined && CALL.test(line.slice(start, start + 200)) ? start : undefined;
}

const OPENS_PROGRAM_TEXT = new RegExp(`^[ \\t]*${PROGRAM_TEXT}`);

/** The quote of the text of another language's program that begins at `start` of a line; undefined when none does. */
export function programQuoteAt(line: string, start: number): string | undefined {
  return OPENS_PROGRAM_TEXT.exec(line.slice(0, start + 1))?.[0].length === start ? line.charAt(start) : undefined;
}

/** Where the next element of HTML begins that ends a line or the command on it; undefined when there is none. */
export function endedByTag(line: string, from: number): number | undefined {
  const found = line.slice(from).search(/<(?:br\b|\/(?:code|pre|p|div|span|li|td|tt|samp|kbd|h\d)\b)/i);
  return found === -1 ? undefined : from + found;
}
