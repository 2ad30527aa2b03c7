// Begins a check: `npm run new:check NAME` writes src/checks/NAME.ts and its fixture, and puts it into the list.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';

const name = process.argv[2];
if (name === undefined || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
  console.error('usage: npm run new:check NAME     the mistake, in kebab-case: reads well after "allow"');
  process.exit(2);
}

const files = {
  [`src/checks/${name}.ts`]: `/** SUMMARY. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: '${name}',
  summary: '',
  why: '',
  advice: '',
  severity: 'warning',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: '',
    good: '',
  },
  source: '',
  since: '0.1.0',
  // Leave this out when reading itself notices the mistake and reports a problem of this name.
  find: (input) => {
    const problems: Problem[] = [];
    for (const command of input.commands) {
      if (command.refused) continue;
    }
    return problems;
  },
});
`,
  [`test/checks/${name}.md`]: `# ${name}

## TITLE OF A HIT

\`\`\`sh
iptables -A INPUT -p icmp -j ACCEPT
\`\`\`

\`\`\`findings
\`\`\`

## TITLE OF A NEAR MISS

\`\`\`sh
iptables -A INPUT -p icmp -j ACCEPT
\`\`\`

\`\`\`findings
\`\`\`
`,
};

for (const path of Object.keys(files))
  if (existsSync(path)) {
    console.error(`${path} is there already`);
    process.exit(1);
  }
for (const [path, text] of Object.entries(files)) {
  writeFileSync(path, text);
  console.log(path);
}
process.exit(spawnSync(process.execPath, ['tools/generate.mjs'], { stdio: 'inherit' }).status ?? 1);
