/** Which names nft takes, asked of every nft there is, and what the others become. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';
import { isUsableName, usableName, type NameKind } from '../../src/nft/names.js';
import { parseVersion } from '../../src/nft/version.js';
import { describeKernel, nftCheckBatch } from '../support/kernel.js';
import { installedNftVersions, toolsFolder } from '../support/versions.js';

const kinds: readonly NameKind[] = ['table', 'chain', 'set', 'object'];

/** Words that came after 1.0.6 and are kept away from already. */
const newWords = new Set(['destroy', 'geneve', 'gre', 'gretap', 'tunnel', 'vni', 'vxlan', 'xt', 'name', 'until']);

/** Words that are refused only after a chain `last`. */
const wordsAfterLast = new Set(['never', 'used']);

/** Words of the scanner that stand for signs and so are nowhere in libnftables as text. */
const signs = ['eq', 'ne', 'lt', 'gt', 'le', 'ge', 'lte', 'gte', 'and', 'or', 'xor', 'lshift', 'rshift', 'not', 'in'];

/** The libraries of the nft versions here; none where a distribution keeps them elsewhere. */
function libraries(): readonly string[] {
  const folders = installedNftVersions().map(({ origin }) => (origin === 'installed' ? '/' : join(toolsFolder(), origin)));
  return folders.map((folder) => join(folder, 'usr/lib/x86_64-linux-gnu/libnftables.so.1')).filter((library) => existsSync(library));
}

/** Everything in the libraries that looks like a name: among it, the names of all tokens of the grammar. */
function libraryWords(): readonly string[] {
  const texts = libraries().map((library) => readFileSync(library, 'latin1'));
  const found = texts.flatMap((text) => [...text.matchAll(/(?<=[\0"])[A-Za-z_.][A-Za-z0-9_./-]{0,29}(?=[\0"])/g)]);
  return [...new Set([...signs, ...found.map(([word]) => word)])].filter((word) => word !== 'x' && word !== 'zzz');
}

/** One line for each name of a kind, which nft refuses on its own line. */
function declaration(kind: NameKind, name: string): string {
  switch (kind) {
    case 'table':
      return `add table ip ${name}`;
    case 'chain':
      return `add chain ip x ${name}`;
    case 'set':
      return `add set ip x ${name} { type ipv4_addr; flags dynamic; }`;
    case 'object':
      return `add ct helper ip x ${name} { type "ftp" protocol tcp; }`;
  }
}

/** A rule that uses the name. */
function use(kind: NameKind, name: string): string {
  switch (kind) {
    case 'table':
      return `add chain ip ${name} c`;
    case 'chain':
      return `add rule ip x zzz ct state new tcp dport 80 jump ${name}`;
    case 'set':
      return `add rule ip x zzz ip saddr @${name} update @${name} { ip saddr } accept`;
    case 'object':
      return `add rule ip x zzz ct helper set "${name}"`;
  }
}

const head = 'add table ip x\nadd chain ip x zzz\n';

describe('names', () => {
  test.each([
    ['chain', 'INPUT', 'INPUT'],
    ['chain', 'LOG', 'LOG'],
    ['chain', 'log', 'log_chain'],
    ['set', 'dynamic', 'dynamic_set'],
    ['table', 'ip', 'ip_table'],
    ['set', 'nh', 'nh_set'],
    ['chain', 'nh', 'nh'],
    ['object', 'helper', 'helper_object'],
    ['chain', 'cali-fw-eth0', 'cali-fw-eth0'],
    ['chain', '1st', '_1st'],
    ['chain', '5s', '_5s'],
    ['chain', '-x', '_-x'],
    ['chain', 'a b"c', 'a_b_c'],
    ['chain', '', '_'],
    ['chain', '.', '_'],
    ['chain', 'käse', 'k_se'],
    ['chain', '__proto__', '__proto__'],
  ] as const)('%s %s is called %s', (kind, name, expected) => {
    expect(usableName(kind, name, new Set())).toBe(expected);
    expect(isUsableName(kind, name)).toBe(name === expected);
  });

  test('a name that is taken gets a number', () => {
    expect(usableName('chain', 'log', new Set(['log_chain', 'log_chain_2']))).toBe('log_chain_3');
    expect(usableName('chain', 'x'.repeat(300), new Set())).toBe('x'.repeat(255));
    expect(usableName('chain', 'x'.repeat(300), new Set(['x'.repeat(255)]))).toBe('x'.repeat(253) + '_2');
  });

  test('older nft has more words of its own', () => {
    expect(isUsableName('chain', 'trace')).toBe(true);
    expect(isUsableName('chain', 'trace', '0.9.8')).toBe(false);
    expect(usableName('chain', 'trace', new Set(), '0.9.8')).toBe('trace_chain');
  });

  test('whatever it was, the new name is usable, free and always the same', () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('drop', 'ip', 'nh', 'state', '5s', '.', '__proto__'),
    );
    fc.assert(
      fc.property(fc.constantFrom(...kinds), word, fc.uniqueArray(word), fc.constantFrom('0.9.8', '1.0.6', undefined), (kind, name, others, nft) => {
        const taken = new Set(others.flatMap((other) => [other, usableName(kind, other, new Set(), nft)]));
        const renamed = usableName(kind, name, taken, nft);
        expect(isUsableName(kind, renamed, nft)).toBe(true);
        expect(taken.has(renamed)).toBe(false);
        expect(usableName(kind, name, taken, nft)).toBe(renamed);
        if (isUsableName(kind, name, nft) && !taken.has(name)) expect(renamed).toBe(name);
      }),
    );
  });
});

describeKernel('names in nft', () => {
  const words = libraryWords();
  const found = words.length > 1000;
  if (!found) console.warn('not tried: the words of nft as names: libnftables.so.1 is not where Debian has it');

  for (const nft of installedNftVersions()) {
    test.runIf(found)(
      `${nft.version} takes every word but those that are kept away from`,
      async () => {
        const texts = kinds.map((kind) => {
          const usable = words.filter((word) => isUsableName(kind, word, nft.version));
          return head + [...usable.map((word) => declaration(kind, word)), ...usable.map((word) => use(kind, word)), ''].join('\n');
        });
        expect(await nftCheckBatch(texts, nft.binary)).toEqual(kinds.map(() => ({ status: 0, stderr: '' })));
      },
      120_000,
    );

    test.runIf(found)(
      `${nft.version} refuses those`,
      async () => {
        const old = parseVersion(nft.version) < parseVersion('1.1.7');
        const known = words.filter((word) => !wordsAfterLast.has(word) && !(old && newWords.has(word)));
        const refused = (kind: NameKind): readonly string[] => known.filter((word) => !isUsableName(kind, word, nft.version));
        const chains = refused('chain');
        expect(chains.length).toBeGreaterThan(140);
        expect(refused('table')).toEqual(chains);
        // What is no chain is no set and no object either; those have a few more.
        const tried = [
          ...chains.map((word) => ['chain', word] as const),
          ...refused('set').flatMap((word) => (chains.includes(word) ? [] : [['set', word] as const])),
          ...refused('object').flatMap((word) => (chains.includes(word) ? [] : [['object', word] as const])),
        ];
        const results = await nftCheckBatch(
          tried.map(([kind, word]) => `${head}${declaration(kind, word)}\n${use(kind, word)}\n`),
          nft.binary,
        );
        expect(tried.filter((_, index) => !(results[index]?.stderr ?? '').includes('syntax error'))).toEqual([]);
      },
      120_000,
    );

    test(`${nft.version} takes made names`, async () => {
      const words = fc.sample(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), { numRuns: 200, seed: 1 });
      const texts = kinds.map((kind) => {
        const taken = new Set(['x', 'zzz']);
        for (const word of words) taken.add(usableName(kind, word, taken, nft.version));
        taken.delete('x');
        taken.delete('zzz');
        return head + [...taken].map((name) => declaration(kind, name) + '\n' + use(kind, name) + '\n').join('');
      });
      expect(await nftCheckBatch(texts, nft.binary)).toEqual(kinds.map(() => ({ status: 0, stderr: '' })));
    }, 60_000);
  }
});
