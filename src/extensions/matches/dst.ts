/** `-m dst`: the destination options header of IPv6 packets. */

import { defineMatch, value } from '../define.js';
import { headerLength, headerOptions, lowerOptionsHeader } from '../values/header-options.js';

export default defineMatch({
  name: 'dst',
  summary: 'destination options header of IPv6 packets',
  families: ['ip6'],
  options: { 'dst-len': value(headerLength('dst'), { invertible: true }), 'dst-opts': value(headerOptions('dst')) },
  toNft: (given) => lowerOptionsHeader('dst', given['dst-len'], given['dst-opts']),
});
