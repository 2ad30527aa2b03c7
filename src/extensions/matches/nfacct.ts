/** `-m nfacct`: counts packets in an accounting object, whatever rule they meet. */

import { defineMatch, value, type ValueResult, type ValueType } from '../define.js';
import { shortName } from '../values/short-name.js';

/** (kernel: include/uapi/linux/netfilter/nfnetlink_acct.h: NFACCT_NAME_MAX is 32 with the closing NUL) */
const LIMIT = 31;

const cutName = shortName('name of an accounting object', 'a name', LIMIT);

const accountName: ValueType<string> = {
  ...cutName,
  read: (text, context): ValueResult<string> =>
    text === ''
      ? { kind: 'refused', by: 'iptables', message: 'the name is empty', says: 'Argument must have a minimum length of 1 characters' }
      : cutName.read(text, context),
};

export default defineMatch({
  name: 'nfacct',
  summary: 'counts packets in an accounting object; every packet passes',
  families: ['ip', 'ip6'],
  options: { 'nfacct-name': value(accountName) },
  constraints: [{ kind: 'atLeastOne', of: ['nfacct-name'], says: 'nfacct: option "--nfacct-name" must be specified' }],
  stateful: true,
  toNft: (given, { shared, freeName }) => {
    const account = given['nfacct-name']?.value ?? '';
    const key = `nfacct ${account}`;
    const before = shared?.get(key) as string | undefined;
    const name = before ?? freeName(`nfacct_${account.replace(/[^A-Za-z0-9_]/g, '_')}`);
    shared?.set(key, name);
    return {
      kind: 'approximate',
      items: [{ kind: 'objectReference', type: 'counter', name }],
      ...(before === undefined ? { objects: [{ kind: 'counter', name }] } : {}),
      differs:
        'counts in a counter of the nft table, not in the object that nfacct(8) shows; of an object with a quota only packets above it pass in iptables',
    };
  },
});
