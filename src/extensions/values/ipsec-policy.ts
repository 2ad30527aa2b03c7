/** The elements of `-m policy`: what one transformation of IPsec after the other must be like. */

import type { Network } from '../../net/address.js';
import { protocolNumber } from '../../net/protocols.js';
import { flag, value, type Given, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { maskedHost } from './masked-host.js';
import { hexText } from './mark.js';
import { leadingNumber, shown, wholeNumber } from './number.js';

/** One of some words. `what` is what iptables calls them. */
function oneOf<const Word extends string>(name: string, words: readonly Word[], what: string): ValueType<Word> {
  return {
    name,
    read: (text): ValueResult<Word> => {
      const word = words.find((candidate) => candidate === text);
      if (word !== undefined) return { kind: 'read', value: word };
      return { kind: 'refused', by: 'iptables', message: `${shown(text)} is neither ${words.join(' nor ')}`, says: `${what} "${text}"` };
    },
    print: (word) => word,
  };
}

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [50, 'esp'],
  [51, 'ah'],
  [108, 'ipcomp'],
]);

const transformation: ValueType<number> = {
  name: 'protocol of IPsec',
  read: (text): ValueResult<number> => {
    const digits = leadingNumber(text, 0, 255);
    const number = digits?.rest === '' ? digits.value : text === 'comp' ? undefined : protocolNumber(text);
    if (number !== undefined && PROTOCOLS.has(number)) return { kind: 'read', value: number };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is none of ${[...PROTOCOLS.values()].join(', ')}`,
      says: number === undefined ? `unknown protocol "${text}" specified` : 'policy match: protocol must be ah/esp/ipcomp',
    };
  },
  print: (number) => PROTOCOLS.get(number) ?? String(number),
};

const MOST = 0xffffffff;
const host = (option: string) => maskedHost({ extension: 'policy', option });
const element = { invertible: true, repeatable: true } as const;

export const policyOptions = {
  dir: value(oneOf('direction', ['in', 'out'], 'policy_match: invalid dir')),
  pol: value(oneOf('policy', ['ipsec', 'none'], 'policy match: invalid policy')),
  strict: flag(),
  reqid: value(wholeNumber('number', 0, MOST, { extension: 'policy', option: 'reqid' }), element),
  spi: value(wholeNumber('SPI', 0, MOST, { extension: 'policy', option: 'spi' }, hexText), element),
  proto: value(transformation, element),
  mode: value(oneOf('mode', ['transport', 'tunnel'], 'policy match: invalid mode'), element),
  'tunnel-dst': value(host('tunnel-dst'), element),
  'tunnel-src': value(host('tunnel-src'), element),
  next: flag({ repeatable: true }),
};

export type PolicyGiven = GivenOf<typeof policyOptions>;

/** In the order iptables-save prints them. */
const ELEMENT_OPTIONS = ['reqid', 'spi', 'proto', 'mode', 'tunnel-dst', 'tunnel-src'] as const;
type ElementOption = (typeof ELEMENT_OPTIONS)[number];

/** What one transformation must be like; several conditions of one kind are refused. */
export interface PolicyElement {
  readonly reqid?: Given<number>;
  readonly spi?: Given<number>;
  readonly proto?: Given<number>;
  readonly mode?: Given<'transport' | 'tunnel'>;
  readonly 'tunnel-dst'?: Given<Network>;
  readonly 'tunnel-src'?: Given<Network>;
}

/** All uses of an option, in the order they were given. */
function usesOf<V>(last: Given<V> | undefined): readonly Given<V>[] {
  const uses: Given<V>[] = [];
  for (let use = last; use !== undefined; use = use.before) uses.unshift(use);
  return uses;
}

/** The elements between the `--next`, at least one, and the first option that an element has twice. */
export function policyElements(given: PolicyGiven): { readonly elements: readonly PolicyElement[]; readonly twice?: ElementOption } {
  const starts = usesOf(given.next).map(({ word }) => word);
  const elements: Partial<Record<ElementOption, Given>>[] = Array.from({ length: starts.length + 1 }, () => ({}));
  let twice: ElementOption | undefined;
  for (const option of ELEMENT_OPTIONS)
    for (const use of usesOf<unknown>(given[option])) {
      const at = elements[starts.filter((start) => start < use.word).length];
      if (at === undefined) continue;
      if (at[option] !== undefined) twice ??= option;
      else at[option] = use;
    }
  return { elements: elements as readonly PolicyElement[], ...(twice === undefined ? {} : { twice }) };
}

/** The words of an element. */
export function printElement(of: PolicyElement, family: 'ip' | 'ip6'): readonly string[] {
  return ELEMENT_OPTIONS.flatMap((option) => {
    const use = of[option];
    if (use === undefined) return [];
    const type: ValueType<unknown> = policyOptions[option].value;
    return [...(use.negated ? ['!'] : []), `--${option}`, type.print(use.value, family)];
  });
}
