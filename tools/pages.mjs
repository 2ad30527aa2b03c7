// The generated pages of docs: an index of the checks and one page each, and the matches and targets with what becomes of them.
import { existsSync, readFileSync } from 'node:fs';

const CATEGORIES = [
  ['lexical', 'What web pages and editors do to commands'],
  ['syntax', 'How a command is put together'],
  ['validity', 'What goes where'],
  ['values', 'What options are given'],
  ['order', 'The order of rules'],
  ['rate-limits', 'Rate limits'],
  ['posture', 'What the firewall as a whole lets through'],
  ['nat', 'NAT'],
  ['deprecated', 'What is gone or going'],
  ['script', 'Scripts'],
  ['migration', 'On the way to nftables'],
];

const cell = (text) => text.replaceAll('|', '\\|');

/** docs/checks.md. */
export function checksIndex(checks) {
  const lines = [
    '# Checks',
    '',
    'Generated from src/checks by `npm run generate`. `fwlint explain NAME` shows the page of a check in the terminal.',
    '',
    '`error`: refused, lost, or surely not what was meant. `warning`: very likely wrong. `info` and `hint` do not fail a run by themselves',
    '(`--fail-level` says from where on). *safe* repairs are those of `--fix`, *unsafe* ones those of `--unsafe-fixes`; see',
    '[fix-safety.md](fix-safety.md).',
    '',
  ];
  for (const [category, title] of CATEGORIES) {
    const own = checks.filter((check) => check.category === category);
    if (own.length === 0) continue;
    lines.push(`## ${title}`, '', '| check | severity | repair | what it finds |', '| --- | --- | --- | --- |');
    for (const check of own)
      lines.push(
        `| [${check.name}](checks/${check.name}.md) | ${check.severity} | ${check.fix === 'none' ? '' : check.fix} | ${cell(check.summary)} |`,
      );
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** docs/checks/NAME.md. */
export function checkDocument(check, checkPage) {
  const [, title] = CATEGORIES.find(([category]) => category === check.category);
  return `# ${check.name}\n\n${checkPage(check)}\n[All checks](../checks.md); this one is about: ${title.charAt(0).toLowerCase()}${title.slice(1)}.\n`.replace(
    'about: nAT',
    'about: NAT',
  );
}

/** The cases of a table (test/extensions/README.md) with what becomes of each: header lines and comments are passed over. */
function readCases(path) {
  if (!existsSync(path)) return [];
  const cases = [];
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, indent, word, rest = ''] = /^(\s*)(\S+)\s*(.*)$/.exec(line);
    if (indent !== '') cases.at(-1)?.results.push({ word, rest });
    else if (/^(?:table|chain|from|family|target|before)$/.test(word)) continue;
    else cases.push({ rule: line, results: [] });
  }
  return cases;
}

/** Examples shown of each extension. */
const MOST_EXAMPLES = 3;

function extensionSection(extension, folder) {
  const flag = extension.kind === 'match' ? '-m' : '-j';
  const cases = readCases(`test/extensions/${folder}/${extension.name.toLowerCase()}.cases`);
  const said = (item, word) => item.results.filter((result) => result.word === word).map((result) => result.rest);
  const isExact = (item) =>
    said(item, 'nft').length > 0 && !item.results.some(({ word }) => /^(?:approximate|unsupported|iptables|kernel|changed)$/.test(word));
  // A case names as much of a reason as is enough to know which it is; what others say at more length is left out.
  const reasons = (word) => {
    const all = [...new Set(cases.flatMap((item) => said(item, word)))];
    return all.filter((reason) => !all.some((other) => other !== reason && other.includes(reason)));
  };
  const examples = cases.filter((item) => isExact(item) && said(item, 'nft').length === 1).slice(0, MOST_EXAMPLES);
  const families = extension.families.length === 2 ? 'IPv4, IPv6' : extension.families[0] === 'ip' ? 'IPv4' : 'IPv6';
  const where = [
    families,
    ...(extension.tables === undefined ? [] : [`table ${extension.tables.join(', ')}`]),
    ...(extension.hooks === undefined ? [] : [extension.hooks.join(', ')]),
  ];
  const lines = [
    `### ${flag} ${extension.name}`,
    '',
    `${extension.summary.charAt(0).toUpperCase()}${extension.summary.slice(1)}. *${where.join('; ')}.*`,
    '',
  ];
  const options = Object.entries(extension.options);
  if (options.length > 0) {
    const shown = options.map(
      ([name, option]) => `\`${option.invertible === true ? '[!] ' : ''}--${name}${option.value === undefined ? '' : ` ${option.value.name}`}\``,
    );
    lines.push(`Options: ${shown.join(', ')}.`, '');
  }
  if (examples.length > 0) {
    lines.push('```');
    for (const item of examples) lines.push(item.rule, `    ${said(item, 'nft')[0]}`);
    lines.push('```', '');
  }
  const approximate = reasons('approximate');
  const unsupported = reasons('unsupported');
  if (approximate.length > 0) lines.push(`Approximate, in some forms: ${approximate.join('; ')}.`, '');
  if (unsupported.length > 0) lines.push(`Not carried over, in some forms: ${unsupported.join('; ')}.`, '');
  const kind = [
    ...(cases.some(isExact) ? ['exact'] : []),
    ...(cases.some((item) => said(item, 'whole-ruleset').length > 0) ? ['by the ruleset as a whole'] : []),
    ...(approximate.length > 0 ? ['approximate'] : []),
    ...(unsupported.length > 0 ? ['not carried over'] : []),
  ];
  return { name: `${flag} ${extension.name}`, row: [extension.summary, families, kind.join('; ')], text: lines.join('\n') };
}

/** docs/extensions.md. */
export function extensionsDocument(matches, targets) {
  const anchor = (name) => name.replaceAll(' ', '-').toLowerCase();
  const lines = [
    '# Matches and targets',
    '',
    'Generated by `npm run generate` from src/extensions and from the tables of cases in test/extensions, which are judged by iptables, nft and the',
    'kernel. *exact*: the nftables rule does the same, packet by packet. *approximate*: it differs, with bounds, which the report of',
    '`fwlint translate` gives for each rule. *not carried over*: the report says why. Several in one row: it depends on the options.',
    '',
  ];
  for (const [title, list, folder] of [
    ['Matches', matches, 'matches'],
    ['Targets', targets, 'targets'],
  ]) {
    const sections = list.map((extension) => extensionSection(extension, folder));
    lines.push(`## ${title}`, '', '| | what it is | for | in nftables |', '| --- | --- | --- | --- |');
    for (const { name, row } of sections) lines.push(`| [${name}](#${anchor(name)}) | ${row.map(cell).join(' | ')} |`);
    lines.push('');
    for (const { text } of sections) lines.push(text);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
