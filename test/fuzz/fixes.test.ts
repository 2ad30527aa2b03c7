// Repairs of damaged inputs: they end, a second round changes nothing, none brings an error, safe ones keep the ruleset, and what was
// taken before still is. FWLINT_FIXED says how many inputs, FWLINT_FIXED_FROM the number of the first one.
import { describe, expect, test } from 'vitest';

import { CHECKS, createSource, fix, lint } from '../../src/api.js';
import { applyEdits } from '../../src/diagnostics/apply-fixes.js';
import { damagedInput, SEEDS, type DamagedInput } from '../support/damaged-inputs.js';
import { judgeFixes } from '../support/judge-fixes.js';

const count = Number(process.env['FWLINT_FIXED'] ?? 300);
const first = Number(process.env['FWLINT_FIXED_FROM'] ?? 1);

/** As many inputs as it takes for every check that has a repair to make it. */
const ENOUGH_FOR_ALL = 10_000;

const script = (text: string): DamagedInput => ({ text, options: { kind: 'script', target: {}, defines: new Map(), escapes: false } });
const dump = (text: string): DamagedInput => ({ text, options: { ...script('').options, kind: 'save' } });

describe('fixes of damaged inputs', () => {
  test(`${String(count)} of them, from number ${String(first)}`, { timeout: 500_000 }, () => {
    const failed: string[] = [];
    const repaired = new Set<string>();
    for (let number = first; number < first + count && failed.length < 20; number += 1) {
      const input = damagedInput(number);
      const judged = judgeFixes(input);
      for (const name of judged.repaired) repaired.add(name);
      if (judged.faults.length > 0)
        failed.push([`input ${String(number)} ${JSON.stringify(input.options)}`, input.text, ...judged.faults].join('\n'));
    }
    expect(failed).toEqual([]);
    if (count >= ENOUGH_FOR_ALL) expect(checksWithFixes().filter((name) => !repaired.has(name))).toEqual([]);
  });

  test('the inputs are made of some that need each repair there is', () => {
    const offered = new Set<string>();
    for (const { text, options } of SEEDS)
      for (const { check, fixes } of lint(createSource('input', text), options).findings)
        for (const { applicability, edits } of fixes)
          if (applicability !== 'suggestion' && edits.every(({ span }) => span.source.name === 'input') && applyEdits(text, edits) !== text)
            offered.add(check);
    expect(checksWithFixes().filter((name) => !offered.has(name))).toEqual([]);
  });

  test.each([
    ['an invisible character between `!` and an option with one dash', 'iptables -A FORWARD -p tcp !\u200b-syn -j DROP', '! --syn -j'],
    ['a NUL there', 'iptables -A FORWARD -p tcp !\u0000-syn -j DROP', '! --syn -j'],
    ['an invisible character between a dash and a glued argument', 'iptables -A INPUT \u2212\u00adieth0 -j ACCEPT', '--ieth0'],
    ['one before a dash in a text that becomes words', 'WEB="-p tcp \u200b\u2013dport 80"\niptables -A INPUT $WEB -j ACCEPT', '"-p tcp --dport 80"'],
    [
      'an entity between `!` and an option, in a second command',
      'iptables -A INPUT -j LOG iptables -A INPUT -m owner !&ndash;uid-owner 0',
      '!&ndash;uid',
    ],
    ['an invisible character behind the program, behind a prompt', 'root@fw:~# iptables\u200b -A INPUT -p tcp -j DROP', 'root@fw:~# iptables -A'],
    [
      'two misspelt programs, the second alone on its line',
      'iptabels -A INPUT -p tcp -j DROP\niptabels\n-A INPUT -p icmp -j DROP\n',
      'iptables -A INPUT',
    ],
  ])('%s', (_what, text, becomes) => {
    const input = script(text);
    expect(judgeFixes(input).faults).toEqual([]);
    expect(fix(createSource('input', text), ['safe'], input.options).source.text).toContain(becomes);
  });

  test.each([
    [
      'a limit below a rule that takes all its packets',
      'iptables -A INPUT -p icmp -j DROP\niptables -A INPUT -p icmp -m limit --limit 1/s -j ACCEPT',
    ],
    ['a chain whose name only a call knows', 'open() {\niptables -A INPUT -j "$1"\n}\nopen'],
    ['a copy of a rule that stands alone in a branch', 'iptables -A INPUT -j DROP\nif true; then\n  iptables -A INPUT -j DROP\nfi'],
    ['`--tcp-flags` beside `--syn`', 'iptables -t mangle -A FORWARD -p tcp ! --syn -j TCPMSS --set-mss 1400'],
    ['a port without a protocol', 'ip6tables -t nat -A POSTROUTING -o eth0 -j SNAT --to-source 2001:db8::1:4000'],
    ['a jump that closes a circle, behind a `!`', 'iptables -N a\niptables -A a -g !a\niptables -A INPUT -p icmp -j a'],
    ['backslashes that are left behind a prompt and around a flag', 'root@fw:~# iptables \\ -A INPUT \\ -n \\ -p icmp \\ -j ACCEPT\n'],
    ['prose with a here-document in it', 'iptables -A INPUT -p tcp --dport 2\ufffd -m recent --set -j DROP cat <<END\n-j is an option\nEND\n'],
    ['options of a module that another module has, too', 'iptables -A INPUT -p tcp \u2212name web -rcheck -seconds 5 -hitcount 20 -j DROP'],
    [
      'a list in capitals, another one nearer',
      'iptables -A INPUT -m recent --name ssh --set\niptables -A INPUT -m recent --name mail --mask 24 --rcheck --seconds 9 -j DROP\niptables -A INPUT -m recent --name Mail --mask 24 --set',
    ],
    ['a limit in a rule that is refused', 'iptables -A INPUT -p icmp 1 -m limit --limit 20000/s -j ACCEPT'],
    [
      'a table of hashlimit that a misspelt match makes',
      'iptables -A INPUT -p udp -m hashlimgt --hashlimit-name u --hashlimit-above 5/sec --hashlimit-mode srcip --hashlimit-rate-match -j DROP\niptables -A INPUT -p udp -m hashlimit --hashlimit-name u --hashlimit-above 5/sec --hashlimit-mode srcip -j DROP',
    ],
    [
      'a limit below a rule whose service is misspelt',
      'iptables -A INPUT -p tcp --dport htttp -j ACCEPT\niptables -A INPUT -p tcp --syn --dport 80 -m connlimit --connlimit-above 3 -j DROP',
    ],
    [
      '`--name` without its match, in a rule that counts every packet',
      'iptables -A INPUT -p tcp --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 10 -j DROP\niptables -A INPUT -p tcp --dport 22 --name ssh --set',
    ],
    [
      'a list that is filled by a rule without packets',
      'iptables -A INPUT -p tcp ! --dport 22 -j DROP\niptables -A INPUT -m recent --name a --update --seconds 86400 -j DROP\niptables -A INPUT -p tcp --dport 139 -m recent --name a --set -j DROP',
    ],
    ['a limit in a command that reads a here-document', 'iptables -A INPUT -p<<EOF icmp -m limit --limit 3/s -j ACCEPT'],
    ['a placeholder with a dash', 'iptables -A INPUT \u2013s <your\u2013ip>-dport 22 -j ACCEPT'],
    ['words that read as prose, and a line that goes on behind them', 'iptables -A INPUT -p icmp - LOG j other\n --hitcount '],
    ['a command behind another one and `echo`', 'iptables -A INPUT -p tcp -j DROP echo iptables\u200b -A INPUT\u200b -p udp -j DROP'],
    ['prose that goes on in the next line', 'iptables -P INPUT DROP this is all there is to do \\\n    --sport 22 \\\n    -j ACCEPT'],
    [
      'inserts that hide a rule, and share a list',
      'iptables -I INPUT -p tcp -j DROP\niptables -I INPUT -p tcp -m recent --name a --set\niptables -I INPUT -p tcp -j ACCEPT\niptables -I INPUT -p tcp -m recent --name a --rcheck --seconds 60 -j DROP',
    ],
    [
      'a plain quote that a typographic one closes, where no rule stands',
      'if [ "$lan\u201d ]; then\niptables -A INPUT -p \u201d$1\u201d\u00a0-j REJECT --reject-with tcp-reset',
    ],
    ['one before a program that is misspelt', '[ -z "$admin\u201d ] && exit 1\niptabels -A INPUT -s \u201d$admin\u201d -j ACCEPT'],
    [
      'plain and typographic quotes around the program, in any mixture',
      'for family in iptables ip6tables; do\n  \u201d$family" -F INPUT\n  \u201d$family\u201d -A INPUT -i lo -j ACCEPT\n  "$family\u201d -A INPUT -p icmp -j ACCEPT\n  \u201d$family\u201d -A INPUT -p udp -j ACCEPT\n  \u201d$family\u201d -P INPUT DROP\n  \u201d$family\u201d -P FORWARD DROP\ndone\n',
    ],
    [
      'typographic quotes in the function that calls iptables',
      'iptable() { iptables \u201d$@\u201d; }\niptable -A INPUT -p icmp -j ACCEPT\niptables -A INPUT -p icmp -j,\n',
    ],
    ['a glued argument that would begin a comment', 'iptables -A INPUT -i#lo -j ACCEPT\niptables -P INPUT DROP\n'],
    [
      'a chain that a loop cannot delete once the rule in it is mended',
      'for port in 22 2222; do\niptables -A INPUT -p udp --dport $port -j accept\niptables -N ssh\niptables -A ssh -p icmp -j accept\niptables -X ssh\ndone\n',
    ],
    [
      'a list that has another mask than the one it is given the name of',
      'iptables -A INPUT -p tcp --syn -m recent --name net --set --mask 255.255.255.0\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name host --rcheck --seconds 60 --hitcount 3 -j DROP\n',
    ],
    [
      'a list that is asked by a rule without `-p`',
      'iptables -A INPUT -m recent --name ssh --rcheck --seconds 60 --hitcount 10 -j DROP\niptables -A INPUT -p tcp --dport 22 -m recent --name ssh --set\n',
    ],
    ['damaged blanks and backslashes around a flag that goes', 'iptables -A INPUT \\\u00a0-n\u00a0\\\u00a0-p icmp -j ACCEPT\n'],
    ['a control character in an option behind a misspelt program', 'iptables -N a\niptable5 -A\u001aa -g a\niptables -A INPUT -p icmp -j a\n'],
    [
      'a chain that a loop cannot delete for the only rule that is mended',
      'for port in 22 80; do\niptables -N ssh\niptables -A ssh -p tcp --dport $port -j accept\niptables -X ssh\ndone\n',
    ],
    ['options in a here-document that never ends', 'for port in 22 80; do\niptables <<EOF\n -A INPUT -p tcp --syn -j syn\ndone\n'],
    [
      'a list without a name that would get the name of another',
      'iptables -A INPUT -p tcp --dport 22 -m recent --rcheck --seconds 60 --hitcount 3 -j DROP\niptables -A INPUT -p tcp --dport 22 -m recent --set\niptables -A INPUT -p tcp --syn -m recent --name ssh --mask 255.255.255.0 --rcheck --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn -m recent --name ssh --mask 255.255.255.0 --set',
    ],
    [
      'a plain single quote that a typographic one closes',
      "nft 'add chain inet filter input\u2019 \niptables -A INPUT -p icmp -m comment -\u2212comment \u2019a\u2019 \u2212j ACCEPT\n",
    ],
    ['rules that a loop deletes by number', 'for port in 22 2222; do\niptables -D INPUT 2\niptables -D INPUT 3\ndone\n'],
    [
      'a program glued to a rate',
      'iptables -A INPUT -m hashlimit --hashlimit-name x --hashlimit-mode srcip --hashlimit-above 5/siptables -A INPUT -\n',
    ],
    ['a word behind a target that a hint adds an option to', 'iptables -A INPUT -p tcp -m connlimit --connlimit-above 3 -j REJECT \ufffd\n'],
    [
      'two lists that nothing fills, one of them named like the one that is filled',
      'iptables -A INPUT -p tcp -m recent --name mail --rcheck --seconds 60 --hitcount 8 -j REJECT\niptables -A INPUT -p tcp -m recent --name Mail --set\niptables -A INPUT -m recent --name dns --mask 255.255.255.0 --rcheck --seconds 60 --hitcount 4 -j DROP\n',
    ],
    ['a rule without its program for another table', '\u2212A PREROUTING -p tcp \u2212j DNAT --to-destination 10.0.0.5:80\n'],
    ['an insert whose chain is glued to it, with a limit that limits nothing', 'iptables -IINPUT -m limit --limit 3/s -j ACCEPT\n'],
    ['a match and a target that are glued to their options', 'iptables -A INPUT -p icmp --icmp-type 8 -mlimit -jACCEPT\n'],
    ['a chain that is not there, in a rule below its program', 'iptables \\\n-A INPUT \\\n-j web\n'],
    [
      'a limit of connections in a rule that asks for states',
      'iptables -A INPUT -m state --state ESTABLISHED,RELATED -m connlimit --connlimit-above 3 --connlimit-mask 24 -j REJECT\n',
    ],
    [
      'an option of ICMP, misspelt, in a loop over both programs',
      'for ipt in iptables ip6tables; do\n$ipt -A INPUT -p icmp --icmp-tipe 8 -j ACCEPT\ndone\n',
    ],
    ['a redundant rule below a line that goes on', '-A INPUT -j ACCEPT\nfor port in 22\ndo \\\niptables -A INPUT -p tcp -j ACCEPT\ndone\n'],
    ['an option without its match, which needs another one', '-A INPUT -seconds 6 -j DROP\niptables -A INPUT --rttl -j DROP\n'],
    ['ICMP in a loop over both programs', 'for ipt in iptables ip6tables; do\n$ipt -A INPUT -p icmp --icmp-type echo-request -j ACCEPT\ndone\n'],
    [
      'an insert before the place of one that drops the rest',
      'iptables -I INPUT 1 -m limit --limit 5/s -j ACCEPT\niptables -I INPUT 2 -j LOG\niptables -I INPUT 2 -j RETURN\n',
    ],
    [
      'rules without their programs, the second for another table',
      '-A INPUT -d 10.0.0.1 -j DROP\n-A PREROUTING -p tcp -j DNAT --to-destination 10.0.0.5\n',
    ],
    ['a control character in a line that goes on', 'iptables -A INPUT -m\nse\u0000t --match-set denylist src \u2013j DROP\n'],
  ])('%s', (_what, text) => {
    expect(judgeFixes(script(text)).faults).toEqual([]);
  });

  test.each([
    [
      'a line of a dump behind an empty line that a carriage return ends',
      '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -m\u00a0tcp\n\r--dport 22 -j ACCEPT\nCOMMIT\n',
    ],
    ['one that begins with a backslash left of joined lines', '*filter\n-A INPUT\n\\ -p udp \\ -j LOG --log-prefix "udp: " -A'],
    ['a rule that goes on in a line with a `!` behind its option', '*filter\n-A INPUT\n-i ! lo -j ACCEPT\nCOMMIT\n'],
    ['chains glued to their options, which share a shape', '*filter\n:web - [0:0]\n-AINPUT -jweb\n-AINPUT -j web\nCOMMIT\n'],
    ['a table without COMMIT that begins again', '*filter\n-A INPUT -i lo -j ACCEPT\n*filter\n-A INPUT -j DROP\nCOMMIT\n'],
    ['a program with `-w` below a rule', '*filter\n-A INPUT -j ACCEPT\niptables -w -N web\nCOMMIT\n'],
    ['chains glued behind characters that are deleted', '*filter\n:WEB_IN - [0:0]\n-A WEB_IN\u0000 \n\u0000-AWEB_IN\nCOMMIT\n'],
    ['an entity that begins a line that goes on, behind a dash', '*filter\n\u2014A INPUT\n&minus;p udp -j DROP\nCOMMIT\n'],
    ['a sentence behind a rule with typographic dashes', '*nat\n-A POSTROUTING \u2013o eth0 \u2013j MASQUERADE this hides the network\nCOMMIT\n'],
    ['a sentence behind an argument', '*filter\n-A INPUT \u2013j REJECT --reject-with tcp-reset this drops the packets\nCOMMIT\n'],
    ['a program with a glued table below a rule', '-A INPUT -j DROP\niptables -tnat -APOSTROUTING -j ACCEPT\n'],
    ['a full stop behind a rule with damaged blanks', '*filter\n-A INPUT -j\u00a0\tACCEPT.\nCOMMIT\n'],
    ['a rule that goes on behind a comment', '*filter\n-A INPUT -p tcp # web\n--dport 80 -j ACCEPT\n-P INPUT DROP #\n-j\nCOMMIT\n'],
    ['a program before an option that is no operation, below a rule', '-A INPUT -j ACCEPT\niptables -a FORWARD -j DROP\n'],
    ['a protocol of IPv6 that is glued to its option', '-A INPUT -pipv6-icmp -j ACCEPT\n'],
    [
      'a quote that is not closed, in a chain that a repaired rule leads to',
      '*filter\n:end - [0:0]\n:mine - [0:0]\n-A INPUT -j end\n-A end \u2013p tcp -j mine\n-A mine -j RETUR"N\nCOMMIT\n',
    ],
  ])('%s', (_what, text) => {
    expect(judgeFixes(dump(text)).faults).toEqual([]);
  });

  test('a control character between the dashes of an option, on a page', () => {
    const text = 'Then allow the ping of everybody, as before:\niptables -IINPUT -picmp -\u0000-icmp-type echo-request -j ACCEPT\n';
    expect(judgeFixes({ text, options: { ...script('').options, kind: 'text' } }).faults).toEqual([]);
  });

  test('a rule of a page that stands without a program, and jumps to a chain that is not there', () => {
    const text = 'In the file of the firewall there are these rules for the name server:\n-A Firewall-INPUT -p udp\n--dport 53 -j ACC\n';
    expect(judgeFixes({ text, options: { ...script('').options, kind: 'text' } }).faults).toEqual([]);
  });
});

/** `name`: of the checks that say they have repairs. */
function checksWithFixes(): readonly string[] {
  return CHECKS.filter((check) => check.fix !== 'none').map(({ name }) => name);
}
