/** Rules that log their number, through iptables-legacy and through nft: which of them a packet passes can be compared. */

import type { Family } from '../../src/extensions/define.js';
import type { NftChain, NftRule } from '../../src/nft/ir.js';
import { printNft } from '../../src/nft/print-text.js';
import { lowerCommand, readRule } from './cases.js';
import type { Ruleset } from './packets.js';
import type { NftVersion } from './versions.js';

/** Where the rules stand. */
export interface RulePlace {
  readonly table: string;
  /** A built-in chain. */
  readonly chain: string;
  readonly family: Family;
}

/** Rules without targets, as iptables-save prints them after `-A CHAIN`, for iptables and for one nft. Each logs its place in the list to NFLOG group 7. */
export function loggingSides(rules: readonly string[], place: RulePlace, { version, binary }: NftVersion): readonly [Ruleset, Ruleset] {
  const { table, chain, family } = place;
  const header = { ...place, from: [], families: [family], target: { nft: version }, before: [] };
  const saved: string[] = [];
  const nftRules: NftRule[] = [];
  const chains: NftChain[] = [];
  let base: NftChain | undefined;
  rules.forEach((rule, number) => {
    const logging = `${rule} -j NFLOG --nflog-group 7 --nflog-prefix ${String(number)}`;
    saved.push(`-A ${chain} ${logging}`);
    const { file } = lowerCommand(readRule(logging, place), header);
    for (const made of file?.tables[0]?.chains ?? []) {
      const named = withOwnNames(made, number);
      if (made.base === undefined) chains.push(named);
      else {
        base ??= made;
        nftRules.push(...named.rules);
      }
    }
  });
  if (base !== undefined) chains.push({ ...base, rules: nftRules });
  return [
    { kind: 'iptables-save', text: `*${table}\n${saved.join('\n')}\nCOMMIT\n` },
    {
      kind: 'nft',
      binary,
      text: printNft({ comments: [], defines: [], replace: 'none', tables: [{ family, name: 'judged', sets: [], chains }] }, { nft: version }),
    },
  ];
}

/** The chain with a number behind its name and those of the chains it jumps to: every rule was translated as if it were alone. */
function withOwnNames(chain: NftChain, number: number): NftChain {
  const own = (name: string): string => `${name}_${String(number)}`;
  return {
    ...chain,
    name: own(chain.name),
    rules: chain.rules.map(({ statements }) => ({
      statements: statements.map((statement) =>
        statement.kind === 'verdict' && 'chain' in statement.verdict
          ? { ...statement, verdict: { ...statement.verdict, chain: own(statement.verdict.chain) } }
          : statement,
      ),
    })),
  };
}
