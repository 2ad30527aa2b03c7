// Scripts → nftables: names, sets, comments and companions. FWLINT_UPDATE=1 writes what comes out now; read the difference before you keep it.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, printNft, read, translateScripts, type Translation } from '../../src/api.js';
import { canUseNamespaces } from './namespaces.js';
import { readBlocks, type Block } from './blocks.js';

const FILE = 'translate.cases';
const blocks = readBlocks(FILE);

function translateBlock({ script }: Block, names = true): Translation {
  const input = read(createSource('script.sh', script), { kind: 'script' });
  return translateScripts([input], { target: {}, rates: 'meter', replace: 'none', counters: 'drop', partial: false, names });
}

describe('what is written', () => {
  test.each(blocks.map((block) => [block.name, block] as const))('%s', (_name, block) => {
    const { file, report } = translateBlock(block);
    expect(report.unsupported).toBe(0);
    const printed = printNft(file);
    const notes = report.remarks.map((line) => `${line}\n`).join('');
    if (process.env['FWLINT_UPDATE'] === '1') {
      const path = join(import.meta.dirname, FILE);
      const text = readFileSync(path, 'utf8');
      const from = text.indexOf(`### ${block.name}`);
      const next = text.indexOf('\n### ', from);
      const own = text.slice(from, next === -1 ? text.length : next + 1);
      const sections = own.slice(0, own.indexOf('--- nft\n')) + `--- nft\n${printed}` + (block.sections.has('notes') ? `--- notes\n${notes}` : '');
      writeFileSync(path, text.slice(0, from) + sections + (next === -1 ? '' : text.slice(next + 1)));
      return;
    }
    expect(printed).toBe(block.sections.get('nft'));
    if (block.sections.has('notes')) expect(notes).toBe(block.sections.get('notes'));
  });
});

test('JSON has no names: the values stand there themselves, and what is not known is not carried over', () => {
  const [known, unknown] = blocks;
  if (known === undefined || unknown === undefined) throw new Error('there are no cases');
  expect(JSON.stringify(translateBlock(known, false).file)).not.toContain('$');
  expect(translateBlock(unknown, false).report.unsupported).toBe(2);
});

test('nft 0.9.8 takes no values on its command line', () => {
  const input = read(createSource('script.sh', 'iptables -A INPUT -s "$1" -j DROP\n'), { kind: 'script' });
  const options = { rates: 'meter', replace: 'none', counters: 'drop', partial: false, names: true } as const;
  const told = (target: { nft?: string }): string => {
    const { file, report } = translateScripts([input], { ...options, target });
    return printNft(file) + report.remarks.join('\n');
  };
  expect(told({ nft: '1.1.7' }).match(/nft -D/g)).toHaveLength(2);
  expect(told({ nft: '0.9.8' })).toContain('have to be set before the file is loaded: `define NAME = VALUE` here.');
  expect(told({ nft: '0.9.8' })).not.toContain('nft -D');
});

describe.skipIf(!canUseNamespaces())('nft loads it (skipped without namespaces)', () => {
  test.each(blocks.map((block) => [block.name, block] as const))('%s', (_name, block) => {
    const given = (block.sections.get('set') ?? '').split('\n').filter((line) => line !== '');
    const nft = (defines: readonly string[]): number | null =>
      spawnSync('unshare', ['-n', 'nft', '-c', ...defines.flatMap((define) => ['-D', define]), '-f', '-'], {
        input: block.sections.get('nft') ?? '',
        encoding: 'utf8',
      }).status;
    expect(nft(given)).toBe(0);
    // Values that have to be given are missed, not guessed.
    if (given.length > 0) expect(nft([])).not.toBe(0);
  });
});
