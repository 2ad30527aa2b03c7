/** `-m condition` (xtables-addons): whether somebody wrote a 1 to a file in /proc/net/nf_condition. */

import { match, meta, setReference } from '../../nft/build.js';
import { defineMatch, value, type ValueType } from '../define.js';
import { setToFill } from '../values/set-to-fill.js';

const name: ValueType<string> = { name: 'name', read: (text) => ({ kind: 'read', value: text }), print: (text) => text, saveQuotes: 'if needed' };

const options = { condition: value(name, { invertible: true }) };

export default defineMatch({
  name: 'condition',
  summary: 'whether somebody wrote a 1 to a file in /proc/net/nf_condition (xtables-addons)',
  families: ['ip', 'ip6'],
  options,
  constraints: [{ kind: 'atLeastOne', of: ['condition'] }],
  toNft: ({ condition }, context) => {
    if (condition === undefined) return { kind: 'unsupported', reason: 'no condition is named' };
    const { name: set, sets } = setToFill(
      `condition ${condition.value}`,
      `condition_${condition.value}`,
      { type: ['ether_type'], flags: [] },
      context,
    );
    return {
      kind: 'approximate',
      // Every packet of the family has the same key.
      items: [match(meta('protocol'), setReference(set), condition.negated)],
      sets,
      differs: `the set for the condition stands for its file: \`nft add element\` with \`{ ${context.family} }\` writes the 1, \`nft flush set\` the 0`,
    };
  },
});
