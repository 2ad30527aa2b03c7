/** The input is of a kind that fwlint does not read. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unsupported-input',
  summary: 'The input is of a kind that fwlint does not read',
  why: 'Nothing in it was checked, so no finding means nothing.',
  advice: 'Give fwlint the commands, script or dump.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  source: 'fwlint',
  since: '0.1.0',
});
