/** `-m dscp`: the differentiated services code point. */

import { hex, match, payload } from '../../nft/build.js';
import { defineMatch, exact, value } from '../define.js';
import { dscpClass, printDscp } from '../values/dscp.js';
import { wholeNumber } from '../values/number.js';

export default defineMatch({
  name: 'dscp',
  summary: 'differentiated services code point, by number or class',
  families: ['ip', 'ip6'],
  options: {
    dscp: value(wholeNumber('DSCP', 0, 63, { extension: 'dscp', option: 'dscp' }, printDscp), { invertible: true }),
    'dscp-class': value(dscpClass, { invertible: true }),
  },
  constraints: [
    { kind: 'excludes', option: 'dscp', others: ['dscp-class'] },
    { kind: 'atLeastOne', of: ['dscp', 'dscp-class'], says: 'DSCP match: Parameter --dscp is required' },
  ],
  print: (given) => {
    const asked = given.dscp ?? given['dscp-class'];
    return asked === undefined ? [] : [...(asked.negated ? ['!'] : []), '--dscp', printDscp(asked.value)];
  },
  toNft: (given, { family }) => {
    const asked = given.dscp ?? given['dscp-class'];
    return exact(asked === undefined ? [] : [match(payload(family, 'dscp'), hex(asked.value), asked.negated)]);
  },
});
