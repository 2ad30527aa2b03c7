/** The nft printers: every form's text, and what the real nft and kernel make of it. */
import { describe, expect, test } from 'vitest';
import { lostInJson, printNftJson } from '../../src/nft/print-json.js';
import { printExpr, printNft, printPriority, printRule, printStatement, printTable, printTime } from '../../src/nft/print-text.js';
import { parseVersion } from '../../src/nft/version.js';
import type { BaseHook, NftFile } from '../../src/nft/ir.js';
import { accept, binary, ct, drop, hex, jump, limit, match, meta, number, payload, string, symbol } from '../../src/nft/build.js';
import { describeKernel, nftCheckBatch, nftLoadBatch, runSessions } from '../support/kernel.js';
import { installedNftVersions } from '../support/versions.js';
import { filterInput, forms, unloadableForms } from './forms.js';
import { fileOfRules, groupForms, listedRules } from './kernel-forms.js';

/** The version whose listings are written down in forms.ts. */
const LISTING_VERSION = '1.0.6';

const whole: NftFile = {
  comments: ['from rules.sh', '', 'two\nlines\r\n}; flush ruleset'],
  defines: [{ name: 'lan', value: '{ 192.0.2.0/24, 198.51.100.7 }', comment: 'where we are' }],
  replace: 'table',
  tables: [
    {
      family: 'ip',
      name: 'filter',
      comments: ['was: *filter'],
      objects: [{ kind: 'ct helper', name: 'ftp-standard', helper: 'ftp', protocol: 'tcp', l3proto: 'ip' }],
      sets: [
        { kind: 'set', name: 'seen', type: ['ipv4_addr'], flags: ['dynamic', 'timeout'], timeout: 5000, comments: ['new connections'] },
        {
          kind: 'set',
          name: 'pairs',
          type: ['ipv4_addr', 'inet_service'],
          flags: ['interval', 'timeout'],
          timeout: 90_000,
          gcInterval: 5000,
          size: 1000,
          elements: [
            {
              key: {
                kind: 'concatenation',
                parts: [
                  { kind: 'prefix', address: '192.0.2.0', length: 24 },
                  { kind: 'range', from: number(80), to: number(89) },
                ],
              },
              timeout: 3_600_000,
              expires: 1_800_000,
              comment: 'the "web"',
            },
          ],
        },
        {
          kind: 'set',
          name: 'many',
          type: ['ipv4_addr'],
          flags: ['interval'],
          autoMerge: true,
          elements: Array.from({ length: 12 }, (_, index) => ({ key: symbol(`192.0.2.${String(2 * index)}`) })),
        },
        {
          kind: 'map',
          name: 'verdicts',
          type: ['inet_service'],
          valueType: 'verdict',
          flags: [],
          elements: [
            { key: number(22), verdict: { kind: 'jump', chain: 'ssh' } },
            { key: number(23), verdict: { kind: 'drop' }, comment: 'telnet' },
          ],
        },
        {
          kind: 'map',
          name: 'marks',
          type: ['ipv4_addr'],
          valueType: 'mark',
          flags: ['dynamic', 'timeout'],
          timeout: 60_000,
          gcInterval: 1000,
          elements: [{ key: symbol('192.0.2.1'), value: hex(5) }],
        },
      ],
      chains: [
        {
          name: 'INPUT',
          base: { ...filterInput, policy: 'drop' },
          comments: ['who gets in'],
          rules: [
            { comments: ['rules.sh:1'], statements: [match(payload('ip', 'saddr'), symbol('$lan')), accept], comment: 'the "lan"' },
            { statements: [{ kind: 'verdictMap', key: payload('tcp', 'dport'), to: { kind: 'setReference', name: 'verdicts' } }] },
            { statements: [], comment: 'does nothing' },
          ],
        },
        { name: 'ssh', rules: [{ statements: [limit(3, 'minute', 5), jump('empty')] }, { statements: [drop] }] },
        { name: 'empty', rules: [] },
      ],
    },
    {
      family: 'ip6',
      name: 'raw',
      sets: [],
      chains: [{ name: 'OUTPUT', base: { type: 'filter', hook: 'output', priority: -300, policy: 'accept' }, rules: [] }],
    },
  ],
};

const wholeText = `# from rules.sh
#
# two
# lines
# }; flush ruleset
# where we are
define lan = { 192.0.2.0/24, 198.51.100.7 }

table ip filter
delete table ip filter
# was: *filter
table ip filter {
	ct helper ftp-standard {
		type "ftp" protocol tcp;
		l3proto ip
	}

	# new connections
	set seen {
		type ipv4_addr
		flags dynamic,timeout
		timeout 5s
	}

	set pairs {
		type ipv4_addr . inet_service
		size 1000
		flags interval,timeout
		timeout 90s
		gc-interval 5s
		elements = { 192.0.2.0/24 . 80-89 timeout 1h expires 30m comment "the 'web'" }
	}

	set many {
		type ipv4_addr
		flags interval
		auto-merge
		elements = { 192.0.2.0, 192.0.2.2, 192.0.2.4, 192.0.2.6, 192.0.2.8, 192.0.2.10, 192.0.2.12, 192.0.2.14,
			     192.0.2.16, 192.0.2.18, 192.0.2.20, 192.0.2.22 }
	}

	map verdicts {
		type inet_service : verdict
		elements = { 22 : jump ssh, 23 comment "telnet" : drop }
	}

	map marks {
		type ipv4_addr : mark
		flags dynamic,timeout
		timeout 1m
		elements = { 192.0.2.1 : 0x5 }
	}

	# who gets in
	chain INPUT {
		type filter hook input priority filter; policy drop;
		# rules.sh:1
		ip saddr $lan accept comment "the 'lan'"
		tcp dport vmap @verdicts
		continue comment "does nothing"
	}

	chain ssh {
		limit rate 3/minute burst 5 packets jump empty
		drop
	}

	chain empty {
	}
}

table ip6 raw
delete table ip6 raw
table ip6 raw {
	chain OUTPUT {
		type filter hook output priority raw; policy accept;
	}
}
`;

describe('text', () => {
  test.each([...forms, ...unloadableForms])('$text', ({ statements, text }) => {
    expect(printRule({ statements })).toBe(text);
  });

  test('a whole file', () => {
    expect(printNft(whole)).toBe(wholeText);
  });

  test('flush and none', () => {
    const small = { ...whole, comments: [], defines: [], tables: whole.tables.slice(1) };
    expect(printNft({ ...small, replace: 'flush' })).toMatch(/^flush ruleset\n\ntable ip6 raw \{\n/);
    expect(printNft({ ...small, replace: 'none' })).toMatch(/^table ip6 raw \{\n/);
    expect(printNft({ comments: [], defines: [], replace: 'none', tables: [] })).toBe('');
    expect(printTable(small.tables[0] as NftFile['tables'][number])).toBe(printNft({ ...small, replace: 'none' }));
  });

  test('a map has gc-interval only where nft takes it', () => {
    expect(printNft(whole, { nft: '1.0.6' })).not.toMatch(/gc-interval 1s/);
    expect(printNft(whole, { nft: '1.1.3' })).toMatch(/gc-interval 1s/);
  });

  test('pieces alone', () => {
    expect(printStatement(match(meta('iifname'), string('eth0'), true))).toBe('iifname != "eth0"');
    expect(printExpr(binary(binary(number(1), '|', number(2)), '<<', binary(number(3), '<<', number(4))))).toBe('(1 | 2) << (3 << 4)');
    expect(printExpr(binary(binary(number(1), '&', number(2)), '|', binary(number(3), '^', number(4))))).toBe('1 & 2 | 3 ^ 4');
  });

  test.each([
    [0, '0s'],
    [1, '1ms'],
    [1500, '1500ms'],
    [60_000, '1m'],
    [60_004, '60004ms'],
    [90_000, '90s'],
    [5_400_000, '90m'],
    [86_400_000, '1d'],
    [604_800_000, '7d'],
  ])('%i ms is %s', (milliseconds, text) => {
    expect(printTime(milliseconds)).toBe(text);
  });

  test('100,000 rules are printed, each in its line', () => {
    const rules = Array.from({ length: 100_000 }, (_, index) => ({
      comments: [`rules:${String(index)}`],
      comment: `rule ${String(index)}`,
      statements: [
        match(meta('iifname'), string('eth0')),
        match(payload('ip', 'saddr'), { kind: 'prefix', address: `10.0.${String(index % 256)}.0`, length: 24 } as const),
        match(payload('tcp', 'dport'), { kind: 'set', elements: [number(22), number(index % 65536)] } as const),
        accept,
      ],
    }));
    const lines = printNft(fileOfRules(rules)).split('\n');
    expect(lines.filter((line) => line.includes('tcp dport {')).length).toBe(100_000);
    expect(lines.findLast((line) => line.includes('tcp dport'))?.trim()).toMatch(/^iifname "eth0" .* accept comment "rule 99999"$/);
  });
});

describe('JSON', () => {
  test('says what it cannot say', () => {
    const file = fileOfRules([
      {
        statements: [
          { kind: 'setUpdate', operation: 'update', set: 'seen', key: payload('ip', 'saddr'), timeout: 60_004 },
          { kind: 'setUpdate', operation: 'add', set: 'marks', key: payload('ip', 'saddr'), data: hex(1) },
        ],
      },
    ]);
    expect(lostInJson(file)).toEqual([
      { place: 'chain tried rule 1', kind: 'part of a second' },
      { place: 'chain tried rule 1', kind: 'map update' },
    ]);
    expect(lostInJson(file, { nft: '1.1.7' })).toEqual([{ place: 'chain tried rule 1', kind: 'part of a second' }]);
    expect(lostInJson(whole)).toEqual([{ place: 'set many', kind: 'auto-merge' }]);
    expect(lostInJson(whole, { nft: '1.1.7' })).toEqual([]);
  });

  test('a security context is a statement of its own, and a mark of a socket cannot be taken over', () => {
    const file = fileOfRules([
      {
        statements: [
          { kind: 'assign', to: meta('secmark'), value: string('inner') },
          { kind: 'assign', to: meta('mark'), value: { kind: 'socket', key: 'mark' } },
          { kind: 'assign', to: meta('secmark'), value: ct('secmark') },
        ],
      },
    ]);
    expect(printNftJson(file)).toContain('{"secmark":"inner"}');
    expect(printNftJson(file)).toContain('{"mangle":{"key":{"meta":{"key":"secmark"}},"value":{"ct":{"key":"secmark"}}}}');
    expect(lostInJson(file)).toEqual([{ place: 'chain tried rule 1', kind: 'socket mark' }]);
    expect(lostInJson(file, { nft: '0.9.8' })).toEqual([
      { place: 'chain tried rule 1', kind: 'secmark' },
      { place: 'chain tried rule 1', kind: 'socket mark' },
    ]);
  });
});

describeKernel('priorities', () => {
  test('print as nft reads them back', async () => {
    const bases = (['prerouting', 'input', 'forward', 'output', 'postrouting'] as const).flatMap((hook) =>
      [-400, -300, -200, -150, -100, -1, 0, 50, 100, 225, 300].map((priority): BaseHook => ({ type: 'filter', hook, priority, policy: 'accept' })),
    );
    const text = printNft({
      comments: [],
      defines: [],
      replace: 'none',
      tables: [{ family: 'inet', name: 'x', sets: [], chains: bases.map((base, index) => ({ name: `c${String(index)}`, base, rules: [] })) }],
    });
    const [, list] = (await runSessions([[{ argv: ['nft', '-f', '-'], stdin: text }, { argv: ['nft', '-j', 'list', 'ruleset'] }]]))[0] ?? [];
    const listed = JSON.parse(list?.stdout ?? '') as { nftables: { chain?: { prio: number } }[] };
    expect(listed.nftables.flatMap(({ chain }) => (chain === undefined ? [] : [chain.prio]))).toEqual(bases.map((base) => base.priority));
    expect(bases.filter((base) => !/^-?\d+$/.test(printPriority(base)))).toHaveLength(5 * 4 + 2);
  });
});

describeKernel('forms in the kernel', () => {
  test('load and are listed as written', async () => {
    const groups = groupForms(forms);
    const results = await nftLoadBatch(groups.map(({ file }) => printNft(file)));
    const installed = installedNftVersions().find(({ origin }) => origin === 'installed');
    groups.forEach((group, index) => {
      const { stderr, listing } = results[index] ?? { stderr: 'not run', listing: '' };
      expect(stderr).toBe('');
      const listed = listedRules(listing);
      if (installed?.version === LISTING_VERSION) expect(listed).toEqual(group.forms.map((form) => form.listed ?? form.text));
      else expect(listed).toHaveLength(group.forms.length);
    });
  }, 60_000);

  test('listings load again and stay the same', async () => {
    const groups = groupForms(forms);
    const first = await nftLoadBatch(groups.map(({ file }) => printNft(file)));
    const second = await nftLoadBatch(first.map(({ listing }) => listing));
    expect(second.map(({ stderr, listing }) => stderr + listing)).toEqual(first.map(({ listing }) => listing));
  }, 60_000);

  for (const { version, origin, binary } of installedNftVersions()) {
    const target = { nft: version };
    const atLeast = (since: string | undefined): boolean => since === undefined || parseVersion(since) <= parseVersion(version);

    test.skipIf(origin === 'installed')(
      `nft ${version} takes them`,
      async () => {
        const files = [wholeLoadable, ...groupForms(forms.filter((form) => atLeast(form.since))).map(({ file }) => file)];
        const results = await nftCheckBatch(
          files.map((file) => printNft(file, target)),
          binary,
        );
        expect(results).toEqual(files.map(() => ({ status: 0, stderr: '' })));
      },
      60_000,
    );

    test.runIf(atLeast('1.0.6'))(
      `nft ${version} makes the same of JSON`,
      async () => {
        const tried = forms.filter((form) => form.roundedInJson !== true && atLeast(form.since) && atLeast(form.jsonSince));
        const files = [wholeLoadable, ...groupForms(tried).map(({ file }) => file)];
        const list = { argv: [binary, '-s', 'list', 'ruleset'] };
        const results = await runSessions(
          files.flatMap((file) => [
            [{ argv: [binary, '-f', '-'], stdin: printNft(file, target) }, list],
            [{ argv: [binary, '-j', '-f', '-'], stdin: printNftJson(file, target) }, list],
          ]),
        );
        files.forEach((_, index) => {
          const [text, json] = [results[2 * index], results[2 * index + 1]].map(
            (steps) => (steps?.[0]?.stderr ?? 'not run') + comparable(steps?.[1]?.stdout ?? ''),
          );
          expect(text).toContain('\tchain ');
          expect(json).toBe(text);
        });
      },
      60_000,
    );
  }
});

/** A listing without the time that is left, and without the properties that the JSON of 1.0.6 does not know. */
function comparable(listing: string): string {
  return listing.replace(/ expires \w+/g, '').replace(/^\t\t(?:flags dynamic(?:,timeout)?|auto-merge)\n/gm, '');
}

/** The whole file but for what only the JSON of 1.0.6 can say. */
const wholeLoadable: NftFile = {
  ...whole,
  tables: whole.tables.map((table) => ({
    ...table,
    sets: table.sets.map(({ gcInterval, ...set }) => (gcInterval === undefined || set.kind === 'map' ? set : { ...set, gcInterval })),
  })),
};
