/** Reads the cases of `cases/*.md`. */

import { readdirSync, readFileSync } from 'node:fs';
import type { PastedKind } from '../../src/paste/detect.js';

/** One case: an input, what is to be read, and what is to be found. */
export interface Case {
  readonly file: string;
  readonly title: string;
  readonly kind: PastedKind;
  readonly input: string;
  readonly reads: string;
  readonly finds: readonly string[];
}

const FOLDER = new URL('./cases/', import.meta.url);

/** All cases, file by file. */
export function readCases(): readonly Case[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .sort()
    .flatMap((name) => casesOf(name.replace(/\.md$/, ''), readFileSync(new URL(name, FOLDER), 'utf8')));
}

function casesOf(file: string, text: string): Case[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const title = section.split('\n', 1)[0] ?? '';
      const blocks = new Map<string, string>();
      for (const found of section.matchAll(/^```(\w+)\n((?:.*\n)*?)```$/gm)) blocks.set(found[1] ?? '', visible((found[2] ?? '').replace(/\n$/, '')));
      const kind = (['script', 'save', 'ipset', 'text'] as const).find((name) => blocks.has(name));
      if (kind === undefined) throw new Error(`${file}: "${title}" has no input`);
      const input = blocks.get(kind) ?? '';
      return {
        file,
        title,
        kind,
        input,
        reads: blocks.get('reads') ?? input,
        finds: (blocks.get('finds') ?? '').split('\n').filter((line) => line !== ''),
      };
    });
}

/** `<U+00A0>` stands for the character itself. */
function visible(text: string): string {
  return text.replace(/<U\+([0-9A-F]{4,6})>/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}
