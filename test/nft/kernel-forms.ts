/** Puts single statements into loadable files and takes listings apart. */
import type { NftFile, NftRule } from '../../src/nft/ir.js';
import { filterInput, fixtureChain, fixtureObjects, fixtureSets, type Form } from './forms.js';

/** A file with one chain, what its rules refer to, and nothing else. */
export function fileOfRules(rules: readonly NftRule[], form: Pick<Form, 'family' | 'base'> = {}): NftFile {
  const family = form.family ?? 'ip';
  return {
    comments: [],
    defines: [],
    replace: 'table',
    tables: [
      {
        family,
        name: 'forms',
        sets: fixtureSets(family),
        objects: fixtureObjects,
        chains: [
          { name: 'tried', base: form.base ?? filterInput, rules },
          { name: fixtureChain, rules: [] },
        ],
      },
    ],
  };
}

/** Forms that can stand in one chain, together: a process a form would take too long. */
export interface FormGroup {
  readonly forms: readonly Form[];
  readonly file: NftFile;
}

/** The forms by family and hook. */
export function groupForms(forms: readonly Form[]): readonly FormGroup[] {
  const groups = new Map<string, Form[]>();
  for (const form of forms) {
    const key = JSON.stringify([form.family, form.base]);
    groups.set(key, [...(groups.get(key) ?? []), form]);
  }
  return [...groups.values()].map((group) => ({
    forms: group,
    file: fileOfRules(
      group.map(({ statements }) => ({ statements })),
      group[0],
    ),
  }));
}

/** The rules of the chain `tried` in a listing, a line each. */
export function listedRules(listing: string): readonly string[] {
  const chain = /\tchain tried \{\n\t\ttype .*\n((?:\t\t.*\n)*)\t\}/.exec(listing);
  return (chain?.[1] ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
