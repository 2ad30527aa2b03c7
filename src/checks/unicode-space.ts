/** A blank in a command is not the ASCII space. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unicode-space',
  summary: 'A blank in a command is not the ASCII space',
  why:
    'A no-break space and its relatives do not separate words for the shell. `-p` and `tcp` with one between them are a ' +
    'single word, and iptables says `unknown protocol "-p tcp" specified`, which looks right on the screen.',
  advice: 'Replace it by a plain space; an editor that shows invisible characters helps.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
