/** A command contains a character that cannot be seen. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'invisible-character',
  summary: 'A command contains a character that cannot be seen',
  why:
    'Zero-width spaces, soft hyphens, byte order marks and marks of writing direction come along when text is copied. They ' +
    "are part of the word they stand in: iptables says ``invalid port/service `22' specified`` with nothing to see.",
  advice: 'Delete it.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
