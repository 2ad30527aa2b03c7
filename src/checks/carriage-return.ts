/** Lines end with a carriage return, as Windows writes them. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'carriage-return',
  summary: 'Lines end with a carriage return, as Windows writes them',
  why:
    "The carriage return becomes part of the last word of every line: ``Invalid target name `ACCEPT'`` with the cursor " +
    'thrown back to the beginning of the line. iptables-restore fails at its first line with `unable to initialize table ' +
    "'filter'`.",
  advice: "Save the file with Unix line ends (`dos2unix`, `sed -i 's/\\r$//'`).",
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
