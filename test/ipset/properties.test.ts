/** Whatever an ipset file says: reading it does not throw, keeps every word, and what is printed of its sets is read as the same sets. */

import fc from '../support/properties.js';
import { expect, test } from 'vitest';
import { printIpsets } from '../../src/ipset/print.js';
import { readIpsetFile } from '../../src/ipset/read-file.js';
import { runIpset } from '../../src/ipset/run.js';
import type { IpsetRun } from '../../src/ipset/model.js';
import { unmappedText } from '../../src/text/mapped-text.js';
import { createSource } from '../../src/text/source.js';
import { wordCount } from '../../src/text/word.js';

function run(text: string): IpsetRun {
  return runIpset(readIpsetFile(unmappedText(createSource('sets', text))));
}

const name = fc.constantFrom('a', 'b', 's', '__proto__', 'toString', 'x:y');
const type = fc.constantFrom(
  'hash:ip',
  'hash:net',
  'hash:ip,port',
  'hash:net,port',
  'hash:net,net',
  'hash:ip,port,net',
  'hash:net,port,net',
  'hash:net,iface',
  'hash:mac',
  'hash:ip,mac',
  'hash:ip,mark',
  'bitmap:ip range 10.0.0.0/24',
  'bitmap:ip,mac range 10.0.0.0/24',
  'bitmap:port range 0-99',
  'list:set',
  'iphash',
);
const option = fc.constantFrom(
  '',
  'family inet6',
  'timeout 9',
  'counters comment',
  'netmask 24',
  'maxelem 3',
  'markmask 0xff',
  'size',
  'skbinfo',
  '-6',
);
const part = fc.constantFrom(
  '10.0.0.1',
  '10.0.0.0/30',
  '10.0.0.1-10.0.0.5',
  '::1',
  '2001:db8::/32',
  '80',
  'udp:53-55',
  'icmp:ping',
  'eth0',
  'physdev:eth0',
  '00:11:22:33:44:55',
  '0x7',
  '0.0.0.0/0',
  'a',
  '10/8',
  '99999',
  '',
);
const element = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(','));
const addOption = fc.constantFrom('', 'timeout 3', 'nomatch', 'comment "a b"', 'packets 5', 'wildcard', 'skbmark 0x1/0x3', 'before a', 'timeout');
const line = fc.oneof(
  fc.tuple(fc.constantFrom('create', '-N', 'cr', '-! create'), name, type, option).map((words) => words.join(' ')),
  fc.tuple(fc.constantFrom('add', '-A', 'del', '-exist add', 'test'), name, element, addOption).map((words) => words.join(' ')),
  fc.tuple(fc.constantFrom('swap', 'rename', 'destroy', 'flush', 'e', 'save'), name, fc.oneof(name, fc.constant(''))).map((words) => words.join(' ')),
  fc.string(),
);
const file = fc.array(line, { maxLength: 25 }).map((lines) => lines.join('\n'));

test('reading is total, and every word is kept', () => {
  fc.assert(
    fc.property(file, (text) => {
      for (const command of readIpsetFile(unmappedText(createSource('sets', text)))) {
        expect(wordCount(command.words)).toBeGreaterThan(0);
        expect(command.at.source.text.slice(command.at.start, command.at.end).trim()).not.toBe('');
      }
      run(text);
    }),
    { numRuns: 300 },
  );
});

test('what is printed is read as the same', () => {
  fc.assert(
    fc.property(file, (text) => {
      const printed = printIpsets(run(text).sets.values());
      // Names with blanks cannot be read back: ipset prints them without quotes as well.
      fc.pre(![...run(text).sets.keys()].some((set) => /[\s"]|^$|^-|^#/.test(set)));
      const again = run(printed);
      expect(again.problems.map(({ problem }) => problem.message)).toEqual([]);
      expect(printIpsets(again.sets.values())).toBe(printed);
    }),
    { numRuns: 300 },
  );
});
