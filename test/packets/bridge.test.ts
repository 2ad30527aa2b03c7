/**
 * `-m physdev`: every option, each `!`, in every hook, for packets that are bridged, routed, for the machine and from it: they pass the same rules of
 * iptables-legacy and of every nft, leave by the same ports and with the same marks.
 */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translateAll } from '../../src/api.js';
import { sendThroughBridge, type BridgeJob, type BridgePacket } from '../support/bridge.js';
import { describePackets } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

const PACKETS: readonly BridgePacket[] = [
  { from: 'p1', to: 'p2' },
  { from: 'vnet3', to: 'p2' },
  { from: 'p1', to: 'nobody' },
  { from: 'p1', to: 'all' },
  { from: 'p1', to: 'host' },
  { from: 'vnet3', to: 'host' },
  { from: 'p1', to: 'eth0' },
  { from: 'p1', to: 'p2', routed: true },
  { from: 'eth0', to: 'p2' },
  { from: 'eth0', to: 'host' },
  { from: 'host', to: 'p2' },
  { from: 'p1', to: 'p2', vlan: 5 },
  { from: 'p1', to: 'p2', pppoe: true },
];

const OPTIONS: readonly string[] = [
  ...['--physdev-is-in', '--physdev-is-out', '--physdev-is-bridged'],
  ...['--physdev-in p1', '--physdev-in vnet+', '--physdev-in br0', '--physdev-in ""', '--physdev-out p2', '--physdev-out p+', '--physdev-out +'],
].flatMap((option) => [option, `! ${option}`]);

const TOGETHER: readonly string[] = [
  '--physdev-in p1 --physdev-out p2',
  '! --physdev-in p1 ! --physdev-out p2',
  '--physdev-is-in ! --physdev-out p2',
  '! --physdev-is-out ! --physdev-out p2',
  '--physdev-in vnet+ ! --physdev-is-bridged',
];

const BRIDGED: readonly string[] = ['', '--physdev-in p1', '! --physdev-in p1', '--physdev-out p2', '! --physdev-out p2'].map((options) =>
  `${options} --physdev-is-bridged`.trim(),
);

const HOOKS = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'] as const;

/** Rules without a target, each with its own words for a comment. In OUTPUT there are no ports that packets leave by. */
function dump(hooks: readonly string[], options: readonly string[]): string {
  const rules = hooks.flatMap((hook) =>
    options
      .filter((option) => hook !== 'OUTPUT' || !/-out/.test(option))
      .map((option) => `-A ${hook} -p udp --dport 9 -m physdev ${option} -m comment --comment ${hook}/${option.replace(/[ "]+/g, '_')}\n`),
  );
  return `*mangle\n${HOOKS.map((hook) => `:${hook} ACCEPT [0:0]\n`).join('')}${rules.join('')}COMMIT\n`;
}

const EVERYTHING = dump(HOOKS, [...OPTIONS, ...TOGETHER]);

const MARKS = `*mangle
:PREROUTING ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -j CONNMARK --restore-mark
-A PREROUTING -m mark --mark 0x0 -m comment --comment unmarked -j MARK --set-mark 7
-A FORWARD -m physdev --physdev-in p1 -m mark --mark 0x7 -m comment --comment seven -j MARK --set-mark 9
-A FORWARD -m mark --mark 0x9 -m comment --comment nine -j CONNMARK --save-mark
-A FORWARD -m connmark --mark 0x9 -m comment --comment saved
-A FORWARD -j CONNMARK --restore-mark
-A FORWARD -m mark ! --mark 0x0 -m comment --comment marked -j MARK --or-mark 0x10
-A POSTROUTING -m mark --mark 0x19 -m comment --comment restored
-A POSTROUTING -m physdev --physdev-in p1 --physdev-is-bridged -m comment --comment still
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -p udp -m physdev ! --physdev-is-bridged -m comment --comment routed -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
-A FORWARD -p udp -m physdev --physdev-in vnet3 --physdev-out p2 -m comment --comment caught -j DROP
-A FORWARD -m physdev --physdev-is-bridged -m comment --comment bridged -j ACCEPT
-A FORWARD -i br0 -m comment --comment not-bridged -j DROP
-A INPUT -i br0 -m physdev ! --physdev-in p1 -m comment --comment other -j DROP
COMMIT
`;

/** How much has to be noted differs: only until PREROUTING is over, only while a packet is bridged, until it leaves, all the way. */
const DUMPS: readonly (readonly [name: string, dump: string])[] = [
  ['every hook', EVERYTHING],
  ['PREROUTING', dump(['PREROUTING'], OPTIONS)],
  ['INPUT', dump(['INPUT'], OPTIONS)],
  ['bridged in FORWARD', dump(['FORWARD', 'INPUT'], BRIDGED)],
  ['bridged in PREROUTING and POSTROUTING', dump(['PREROUTING', 'POSTROUTING'], [...BRIDGED, '! --physdev-is-bridged'])],
  ['marks and verdicts', MARKS],
];

type Dumps = Readonly<Partial<Record<'ip' | 'ip6', string>>>;

function translated(dumps: Dumps, nft: string): string {
  const inputs = Object.entries(dumps).map(([family, text]) => read(createSource(family, text), { kind: 'save', family: family as keyof Dumps }));
  const target = { kernel: '6.18', nft };
  const { file, report } = translateAll(inputs, { target, rates: 'meter', replace: 'none', counters: 'keep', partial: false });
  expect(report.unsupported).toBe(0);
  return printNft(file, { nft });
}

/** The packets of each family through its own dump and through the one translation of all. */
async function expectSame(
  dumps: Dumps,
  nft: { readonly version: string; readonly binary: string },
  settings: BridgeJob['settings'] = {},
): Promise<void> {
  const text = translated(dumps, nft.version);
  for (const [family, dumped] of Object.entries(dumps)) {
    const job: BridgeJob = {
      family: family === 'ip' ? 4 : 6,
      sides: [
        { kind: 'iptables-save', text: dumped },
        { kind: 'nft', text, binary: nft.binary },
      ],
      settings,
      packets: PACKETS,
    };
    const [iptables, made] = await sendThroughBridge(job);
    expect([iptables?.error, made?.error]).toEqual([undefined, undefined]);
    for (const [index, packet] of PACKETS.entries())
      expect({ packet, ...made?.packets[index] }, text).toEqual({ packet, ...iptables?.packets[index] });
    expect(iptables?.packets.some(({ counts }) => Object.keys(counts).length > 0)).toBe(true);
  }
}

describePackets('-m physdev', () => {
  const versions = installedNftVersions();
  const newest = versions.at(-1);
  for (const nft of versions.slice(0, -1)) test(`every hook, IPv4, nft ${nft.version}`, () => expectSame({ ip: EVERYTHING }, nft));
  if (newest === undefined) return;
  test.each(DUMPS)('%s, of both families', (_name, text) => expectSame({ ip: text, ip6: text }, newest));
  test('different rules for each family', () =>
    expectSame({ ip: dump(['INPUT', 'FORWARD'], OPTIONS), ip6: dump(['PREROUTING', 'FORWARD'], BRIDGED) }, newest));
  test.each([
    { 'net.bridge.bridge-nf-filter-vlan-tagged': '1', 'net.bridge.bridge-nf-filter-pppoe-tagged': '1' },
    // Bridged packets do not come to the rules, and those for the machine have no port in them.
    { 'net.bridge.bridge-nf-call-iptables': '0' },
  ])('every hook with %o', (settings) => expectSame({ ip: EVERYTHING }, newest, settings));
});
