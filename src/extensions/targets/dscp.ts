/** `-j DSCP`: sets the differentiated services code point. */

import { number, payload } from '../../nft/build.js';
import { defineTarget, exact, value } from '../define.js';
import { dscpClass, printDscp } from '../values/dscp.js';
import { wholeNumber } from '../values/number.js';

export default defineTarget({
  name: 'DSCP',
  summary: 'sets the differentiated services code point',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['mangle'],
  options: {
    'set-dscp': value(wholeNumber('DSCP', 0, 63, { extension: 'DSCP', option: 'set-dscp' }, printDscp)),
    'set-dscp-class': value(dscpClass),
  },
  constraints: [{ kind: 'exactlyOne', of: ['set-dscp', 'set-dscp-class'], says: 'DSCP target: Parameter --set-dscp is required' }],
  print: (given) => ['--set-dscp', printDscp(given['set-dscp']?.value ?? given['set-dscp-class']?.value ?? 0)],
  toNft: (given, { family }) =>
    exact([{ kind: 'assign', to: payload(family, 'dscp'), value: number(given['set-dscp']?.value ?? given['set-dscp-class']?.value ?? 0) }]),
});
