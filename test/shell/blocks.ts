/** Reads the files of cases in this folder: blocks that begin with `### name [tag]`, cut into sections at lines that begin with `--- `. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  readonly name: string;
  readonly tags: ReadonlySet<string>;
  readonly script: string;
  /** Sections after the script, by what follows the `---`. */
  readonly sections: ReadonlyMap<string, string>;
}

/** The blocks of a file in this folder. */
export function readBlocks(file: string): readonly Block[] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  return text
    .split(/^### /m)
    .slice(1)
    .map((block) => {
      const { first: title, rest: body } = cutLine(block);
      const [script = '', ...sections] = body.split(/^--- ?/m);
      const tags = new Set([...title.matchAll(/\[([\w-]+)\]/g)].map((match) => match[1] ?? ''));
      return {
        name: title.replace(/\s*\[[\w-]+\]/g, ''),
        tags,
        script,
        sections: new Map(sections.map((section) => [cutLine(section).first.trim(), cutLine(section).rest])),
      };
    });
}

function cutLine(text: string): { readonly first: string; readonly rest: string } {
  const end = text.indexOf('\n');
  return end === -1 ? { first: text, rest: '' } : { first: text.slice(0, end), rest: text.slice(end + 1) };
}
