/** `-m realm`: the realm of the route the packet takes. */

import { meta } from '../../nft/build.js';
import { defineMatch, exact, value, type ValueType } from '../define.js';
import { hexText, without, type MarkAndMask } from '../values/mark.js';
import { matchBits, namedNumber } from '../values/named-number.js';

const read = namedNumber({ name: 'realm', zero: 'cosmos', extension: 'realm', option: 'realm' });

const wantedRealm: ValueType<MarkAndMask> = {
  ...read,
  read: (text, context) => {
    const result = read.read(text, context);
    if (result.kind !== 'read') return result;
    const lost = without(result.value.value, result.value.mask);
    if (lost === 0) return result;
    const message = `the bits ${hexText(lost)} are not in the mask ${hexText(result.value.mask)}: no realm is like that`;
    return { ...result, changed: { check: 'contradictory-match', message, becomes: read.print(result.value, context.family) } };
  },
};

export default defineMatch({
  name: 'realm',
  summary: 'realm of the route the packet takes',
  families: ['ip'],
  hooks: ['INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  options: { realm: value(wantedRealm, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['realm'], says: 'realm: option "--realm" must be specified' }],
  // (kernel: net/netfilter/xt_realm.c, realm_mt)
  toNft: ({ realm }) => {
    if (realm === undefined) return exact([]);
    const { negated } = realm;
    const { value: wanted, mask } = realm.value;
    const possible = without(wanted, mask) === 0;
    if (possible && mask !== 0) return exact([matchBits(meta('rtclassid'), realm.value, negated)]);
    if (possible !== negated) return exact([]);
    return { kind: 'never', why: possible ? 'no realm differs in no bit' : `the bits ${hexText(without(wanted, mask))} are not in the mask` };
  },
});
