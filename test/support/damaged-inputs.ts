/** Inputs for repairs: the fixtures of all checks and the corpus, written in other ways and damaged; any one of them again by its number. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { createSource, type Options, type Source } from '../../src/api.js';
import { readFixture, type FixtureOptions } from './fixtures.js';
import { mangle } from './mangle.js';
import { createRandom } from './random.js';

/** A text, how it is read, and what is known of the files it sources. */
export interface DamagedInput {
  readonly text: string;
  readonly options: FixtureOptions & Pick<Options, 'readFile'>;
}

const plain = (kind: FixtureOptions['kind']): FixtureOptions => ({ kind, target: {}, defines: new Map(), escapes: false });
const root = resolve(import.meta.dirname, '../..');
const checks = join(root, 'test/checks');

/** What the inputs are made of. */
export const SEEDS: readonly (DamagedInput & { readonly alone?: true })[] = [
  ...['snippets', 'scripts', 'dumps'].flatMap((folder) =>
    readdirSync(join(root, 'corpus', folder)).map((name) => ({
      text: readFileSync(join(root, 'corpus', folder, name), 'utf8'),
      options: plain(folder === 'dumps' ? 'save' : 'script'),
    })),
  ),
  ...readdirSync(checks)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .flatMap((name) =>
      readFixture(name.slice(0, -3), readFileSync(join(checks, name), 'utf8')).cases.map(({ text, options }) => ({
        text,
        options,
        // A file of another firewall is told as one while no command stands in it.
        ...(name === 'unsupported-input.md' ? { alone: true as const } : {}),
      })),
    ),
];

/** What happens to text on its way through pages and word processors, and the slips of who types it. */
const DAMAGES: readonly (readonly [RegExp, string])[] = [
  [/--/g, '–'],
  [/-/g, '−'],
  [/ /g, '\u00a0'],
  [/"/g, '”'],
  [/'/g, '’'],
  [/&/g, '&amp;'],
  [/\\\n/g, '\\ \n'],
  [/\n/g, '\r\n'],
  [/ -/g, '\u200b -'],
  [/,/g, ', '],
  [/--/g, '-'],
  [/! /g, '!'],
  [/ACCEPT/g, 'accept'],
  [/ -m (?:tcp|udp|conntrack|recent|limit)/g, ''],
  [/ -p tcp/g, ''],
  [/^(?=iptables)/gm, '# '],
  [/^(?=iptables)/gm, 'root@host:~# '],
  [/\n(?=iptables)/g, ' '],
  // Two in one word.
  [/ --(?=\w)/g, ' \u200b–'],
  [/ -(?=\w)/g, '\u00a0−\u00ad'],
  [/"([^"\n]*)"/g, '“\u200b$1”'],
  [/--/g, '&ndash;'],
  [/NEW/g, 'new'],
  [/\biptables\b/g, 'iptabels'],
  [/(?<=\w) -/g, ' \\ -'],
  [/(\d+)\.(\d+)\.(\d+)\.0\/24/g, '$1.$2.0$3.9/24'],
  [/(?<=\d):(?=\d)/g, '-'],
  [/-([sdio]) /g, '-$1 ! '],
];

/** The same written in another way. */
const FORMS: readonly ((text: string, some: () => boolean) => string)[] = [
  (text, some) => text.replace(/ (?=-)/g, (blank) => (some() ? '\t' : blank)),
  (text, some) => text.replace(/ (?=-(?:-|[mj]))/g, (blank) => (some() ? ' \\\n    ' : blank)),
  (text) => text.replace(/\r?\n/g, '\r\n'),
  (text) => text.replace(/^([ \t]*)(?:\/sbin\/)?iptables(?= )/gm, '$1$IPT').replace(/^(?!#!)/, 'IPT=/sbin/iptables\n'),
  (text, some) => text.replace(/-j DROP\b/g, (target) => (some() ? '-j "$TARGET"' : target)).replace(/^(?!#!)/, 'TARGET=DROP\n'),
  (text) => `open() {\n${text}}\nopen\n`,
  (text) => `for port in 22 2222; do\n${text.replace(/--dport \d+/g, '--dport $port')}done\n`,
  (text) => `if [ -x /sbin/iptables ]; then\n${text}fi\n`,
  (text) => text.replace(/\n$/, ''),
];

/** Input number `number`: fixtures in turn, so that as many inputs as there are seeds take every one. */
export function damagedInput(number: number): DamagedInput {
  const random = createRandom(number);
  const oneOf = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const seed = SEEDS[number % SEEDS.length] ?? { text: '', options: plain('script'), alone: true };
  let { text } = seed;
  let { kind } = seed.options;
  let readFile: Options['readFile'];
  const other = oneOf(SEEDS);
  // A dump within a script is a listing of what the script made, and is read as one where commands do not tell otherwise.
  if (other?.options.kind === kind && seed.alone === undefined && other.alone === undefined && !(text + other.text).includes('*filter')) {
    if (kind === 'script' && random() < 0.2) {
      const sourced = createSource('rules.sh', other.text);
      readFile = (file: string, from: Source) => (file === './rules.sh' && from !== sourced ? sourced : undefined);
      text = random() < 0.5 ? `. ./rules.sh\n${text}` : `${text}\n. ./rules.sh\n`;
    } else if (random() < 0.6) text = `${text}\n${other.text}`;
  }
  const dump = kind === 'save' && text.startsWith('*') && seed.options.family === undefined;
  if (dump && random() < 0.2) {
    kind = 'script';
    text = `iptables-restore <<${random() < 0.5 ? 'EOF' : "'EOF'"}\n${text}${text.endsWith('\n') ? '' : '\n'}EOF\n`;
  }
  if (kind === 'script' && random() < 0.4) {
    const chance = random();
    text = oneOf(FORMS)?.(text, () => random() < chance) ?? text;
  }
  for (let round = Math.floor(random() * 4); round > 0; round -= 1) {
    const [pattern, damaged] = oneOf(DAMAGES) ?? [/^$/g, ''];
    const chance = random();
    text = text.replace(pattern, (...found: unknown[]) => (random() < chance ? fill(damaged, found) : String(found[0])));
  }
  if (random() < 0.25) text = mangle(text, random);
  return { text, options: { ...seed.options, kind, ...(readFile === undefined ? {} : { readFile }) } };
}

/** `$1` and so on become what the groups of a match hold. */
function fill(damaged: string, found: readonly unknown[]): string {
  return damaged.replace(/\$(\d)/g, (_, group: string) => String(found[Number(group)]));
}
