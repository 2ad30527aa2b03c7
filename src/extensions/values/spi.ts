/** The index of ESP and AH packets, which names the security association they belong to. */

import { compare, number, payload } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import type { ValueType } from '../define.js';
import { numberRange, type NumberRange } from './number-range.js';

export const LARGEST_SPI = 0xffffffff;

export function spiRange(extension: string, option: string): ValueType<NumberRange> {
  return numberRange({ name: 'SPI', most: LARGEST_SPI, extension, option });
}

/** That the header is there: fragments after the first do not have it, and iptables and nft pass them by alike. */
export function hasSpi(protocol: 'ah' | 'esp'): Statement {
  return compare(payload(protocol, 'spi'), '>=', number(0));
}
