/** `-m geoip` (xtables-addons): the country of an address, by lists that were loaded into the kernel. */

import { match, payload, setReference } from '../../nft/build.js';
import type { NamedSet, Statement } from '../../nft/ir.js';
import { defineMatch, value, type ValueResult, type ValueType } from '../define.js';
import { setToFill } from '../values/set-to-fill.js';

/** At most 15. (xtables-addons: extensions/xt_geoip.h, XT_GEOIP_MAX) */
const MOST_COUNTRIES = 15;

/** Two letters or digits each, as ISO 3166 has them; small letters are made large. (xtables-addons: extensions/libxt_geoip.c, check_geoip_cc) */
const countries: ValueType<readonly string[]> = {
  name: 'list of countries',
  read: (text): ValueResult<readonly string[]> => {
    const found = text.toUpperCase().split(',');
    if (found.length <= MOST_COUNTRIES && found.every((country) => /^[A-Z][A-Z0-9]$/.test(country))) return { kind: 'read', value: found };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${text}\` is no list of at most ${String(MOST_COUNTRIES)} countries of two letters`,
    };
  },
  print: (found) => found.join(','),
};

const options = {
  'source-country': value(countries, { invertible: true, aliases: ['src-cc'] }),
  'destination-country': value(countries, { invertible: true, aliases: ['dst-cc'] }),
};

export default defineMatch({
  name: 'geoip',
  summary: 'the country of an address (xtables-addons)',
  families: ['ip', 'ip6'],
  options,
  constraints: [{ kind: 'exactlyOne', of: ['source-country', 'destination-country'] }],
  toNft: (given, context) => {
    const items: Statement[] = [];
    const sets: NamedSet[] = [];
    let negated = false;
    for (const [option, field] of [
      ['source-country', 'saddr'],
      ['destination-country', 'daddr'],
    ] as const) {
      const asked = given[option];
      if (asked === undefined) continue;
      const shape = { type: [context.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'], flags: ['interval'] } as const;
      const found = setToFill(`geoip ${asked.value.join(',')}`, `geoip_${asked.value.join('_')}`, shape, context);
      items.push(match(payload(context.family, field), setReference(found.name), asked.negated));
      sets.push(...found.sets);
      negated ||= asked.negated;
    }
    const until = negated
      ? 'excludes nothing until the networks of these countries are in it'
      : 'is empty until the networks of these countries are put into it';
    return { kind: 'approximate', items, sets, differs: `nft knows no countries: the set for them ${until}` };
  },
});
