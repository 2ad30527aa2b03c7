/** `-m hbh`: the hop-by-hop options header of IPv6 packets. */

import { defineMatch, value } from '../define.js';
import { headerLength, headerOptions, lowerOptionsHeader } from '../values/header-options.js';

export default defineMatch({
  name: 'hbh',
  summary: 'hop-by-hop options header of IPv6 packets',
  families: ['ip6'],
  options: { 'hbh-len': value(headerLength('hbh'), { invertible: true }), 'hbh-opts': value(headerOptions('hbh')) },
  toNft: (given) => lowerOptionsHeader('hbh', given['hbh-len'], given['hbh-opts']),
});
