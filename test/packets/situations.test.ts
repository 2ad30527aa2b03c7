/**
 * Situations of rate limits that a compiler can get wrong, one small dump each: what is reported as exact does the same to packets as iptables-legacy, and every
 * nft loads it and its own listing of it.
 */

import { describe, expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { runSessions, testKernel } from '../support/kernel.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob, type Path } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

/** A dump, or rules of the filter table, and the packets to send. */
interface Situation {
  readonly name: string;
  readonly rules: string;
  readonly family?: 6;
  readonly clients?: number;
  /** Ways the packets take; by default they are for this machine. */
  readonly paths?: readonly Path[];
  readonly ttls?: readonly number[];
  /** Most seconds between two packets of a client: usually, and now and then. */
  readonly gap?: number;
  readonly pause?: number;
  /** The report calls it approximate; then it is only loaded. */
  readonly approximate?: true;
  /** The report calls it approximate for what only faster packets than these show. */
  readonly reported?: RegExp;
}

/** What faster tries than these make of a ban. */
const FLOODS = /tries more than 96 times a second is let in up to/;

const situations: readonly Situation[] = [
  {
    name: 'many stamps of what is forwarded',
    reported: FLOODS,
    rules: `
      -A FORWARD -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 20 --name ssh -j DROP
      -A FORWARD -p tcp -m tcp --dport 22 -m recent --set --name ssh
      -A FORWARD -p tcp -m tcp --dport 23 -m recent --rcheck --seconds 1 --hitcount 21 --name telnet -j DROP
      -A FORWARD -p tcp -m tcp --dport 23 -m recent --set --name telnet
`,
    paths: ['fwd'],
    clients: 1,
    gap: 0.04,
  },
  {
    name: 'update, then set',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --hitcount 4 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
`,
  },
  {
    name: 'shared by three chains',
    rules: `
      :A - [0:0]
      :B - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -j A
      -A INPUT -p tcp -m tcp --dport 23 -j B
      -A INPUT -p tcp -m tcp --dport 24 -m recent --rcheck --seconds 1 --hitcount 2 --name l -j DROP
      -A A -m recent --update --seconds 2 --hitcount 4 --name l -j DROP
      -A A -m recent --set --name l
      -A B -m recent --rcheck --seconds 1 --hitcount 3 --name l -j REJECT
      -A B -m recent --set --name l -j ACCEPT
`,
  },
  {
    name: 'views of one list, four windows',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 1 --hitcount 3 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 3 --hitcount 6 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --name x -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 4 --hitcount 8 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'remove knock',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --name open -j ACCEPT
      -A INPUT -p tcp -m tcp --dport 1111 -m recent --set --name open -j DROP
      -A INPUT -p tcp -m tcp --dport 1112 -m recent --remove --name open -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -j DROP
`,
  },
  {
    name: 'port knocking sequence',
    rules: `
      :K1 - [0:0]
      :K2 - [0:0]
      :K3 - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --name h3 -j ACCEPT
      -A INPUT -p tcp -m tcp --dport 1001 -m recent --set --name h1 -j DROP
      -A INPUT -p tcp -m tcp --dport 1002 -m recent --rcheck --seconds 1 --name h1 -j K2
      -A INPUT -p tcp -m tcp --dport 1003 -m recent --rcheck --seconds 1 --name h2 -j K3
      -A INPUT -j DROP
      -A K2 -m recent --remove --name h1
      -A K2 -m recent --set --name h2 -j DROP
      -A K3 -m recent --name h2 --remove
      -A K3 -m recent --name h3 --set -j DROP
`,
  },
  {
    name: 'negations',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent ! --rcheck --seconds 1 --hitcount 3 --name l -j MARK --set-mark 1
      -A INPUT -p tcp -m tcp --dport 22 -m recent ! --update --seconds 1 --hitcount 2 --name l -j MARK --set-mark 2
      -A INPUT -p tcp -m tcp --dport 23 -m recent ! --set --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 24 -m recent ! --remove --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'rdest',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 5 --name l --rdest -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l --rdest
`,
  },
  {
    name: 'rdest and rsource on one list',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 5 --name l --rdest -j DROP
      -A INPUT -p tcp -m tcp --dport 23 -m recent --rcheck --seconds 1 --hitcount 2 --name l --rsource -j DROP
      -A INPUT -p tcp -m recent --set --name l --rdest
      -A INPUT -p tcp -m recent --set --name l --rsource
`,
  },
  {
    name: 'mask first rule rules',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 5 --name l --mask 255.255.255.252 -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l --mask 255.255.255.255
`,
  },
  {
    name: 'seconds only',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'hitcount only',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --hitcount 6 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'neither seconds nor hitcount',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 23 -m recent --set --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 24 -m recent --remove --name l
`,
  },
  {
    name: 'reap',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --reap --hitcount 4 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'reap shorter than another view',
    approximate: true,
    rules: `
      -A INPUT -p tcp -m tcp --dport 23 -m recent --rcheck --seconds 1 --reap --hitcount 1 --name l -j MARK --set-mark 1
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 4 --hitcount 4 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'rttl',
    ttls: [63, 64, 64, 64],
    approximate: true,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --hitcount 4 --rttl --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'matches before and after',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 3 --name l -m tcp --sport 1024:40000 -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l -m tcp --sport 20000:65535 -j MARK --set-mark 7
`,
  },
  {
    name: 'limit behind recent',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 3 --name l -m limit --limit 1/min --limit-burst 3 -j LOG
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 1 --hitcount 3 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'limit before recent',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m limit --limit 1/min --limit-burst 30 -m recent --set --name l -j ACCEPT
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 3 --name l -j DROP
`,
  },
  {
    name: 'several recent in a rule',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --name a -m recent --update --seconds 1 --hitcount 3 --name b -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name a -m recent --set --name b -j ACCEPT
`,
  },
  {
    name: 'set and check in one rule',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name a -m recent --rcheck --seconds 2 --hitcount 4 --name a -j DROP
`,
  },
  {
    name: 'check and set in one rule, which never sets',
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 4 --name a -m recent --set --name a -j DROP
`,
  },
  {
    name: 'LOG and user chain targets',
    rules: `
      :LOGDROP - [0:0]
      :SEEN - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l -j SEEN
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 4 --name l -j LOG
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 1 --hitcount 4 --name l -j LOGDROP
      -A LOGDROP -m limit --limit 5/min -j LOG --log-prefix "ssh "
      -A LOGDROP -j DROP
      -A SEEN -p tcp -m tcp --sport 1024:10000 -j MARK --set-mark 9
      -A SEEN -j RETURN
`,
  },
  {
    name: 'goto',
    rules: `
      :OVER - [0:0]
      :MAYBE - [0:0]
      :C - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -j C
      -A INPUT -p tcp -m tcp --dport 22 -j MARK --set-xmark 0x100/0x100
      -A C -m recent --update --seconds 1 --hitcount 4 --name l -g OVER
      -A C -m recent --rcheck --seconds 2 --hitcount 3 --name l -g MAYBE
      -A C -m recent --set --name l
      -A OVER -j DROP
      -A MAYBE -p tcp -m tcp --sport 1024:30000 -j MARK --set-xmark 0x1/0x1
`,
  },
  {
    name: 'goto with update that may return',
    rules: `
      :MAYBE - [0:0]
      :C - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -j C
      -A INPUT -p tcp -m tcp --dport 22 -j MARK --set-xmark 0x100/0x100
      -A C -m recent --update --seconds 2 --hitcount 3 --name l -g MAYBE
      -A C -m recent --set --name l
      -A C -j MARK --set-xmark 0x2/0x2
      -A MAYBE -p tcp -m tcp --sport 1024:30000 -j MARK --set-xmark 0x1/0x1
`,
  },
  {
    name: 'return targets',
    rules: `
      :C - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -j C
      -A INPUT -p tcp -m tcp --dport 22 -j DROP
      -A C -m recent ! --update --seconds 2 --hitcount 3 --name l -j RETURN
      -A C -m recent --update --seconds 1 --hitcount 3 --name l -j RETURN
      -A C -m recent --remove --name l2 -j RETURN
      -A C -m recent --set --name l2
      -A C -m recent --set --name l -j ACCEPT
`,
  },
  {
    name: 'return with ring update',
    rules: `
      :C - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -j C
      -A INPUT -p tcp -m tcp --dport 22 -j DROP
      -A C -m recent --update --seconds 1 --hitcount 3 --name l -j RETURN
      -A C -m recent --set --name l -j ACCEPT
`,
  },
  {
    name: 'ip6 B1',
    family: 6,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --hitcount 4 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
`,
  },
  {
    name: 'ip6 mask',
    family: 6,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh --mask ffff:ffff:ffff:ffff::
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 14 --name ssh -j REJECT
`,
  },
  {
    name: 'two hooks of one table',
    paths: ['in', 'fwd'],
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --hitcount 4 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
      -A FORWARD -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 3 --name ssh -j DROP
`,
  },
  {
    name: 'raw and filter',
    rules: `
      *raw
      -A PREROUTING -m recent --rcheck --seconds 1 --name bad -j DROP
      COMMIT
      *filter
      -A INPUT -p tcp -m tcp --dport 23 -m recent --set --name bad -j DROP
      COMMIT
`,
  },
  {
    name: 'mangle and filter in one hook',
    rules: `
      *mangle
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
      COMMIT
      *filter
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 4 --name ssh -j DROP
      COMMIT
`,
  },
  {
    name: 'raw filter mangle with user chains of the same name',
    paths: ['in', 'fwd'],
    rules: `
      *raw
      :BAN - [0:0]
      -A PREROUTING -j BAN
      -A BAN -m recent --update --seconds 1 --name bad -j DROP
      COMMIT
      *mangle
      :BAN - [0:0]
      -A PREROUTING -p tcp -m tcp --dport 24 -j BAN
      -A BAN -j MARK --set-mark 3
      COMMIT
      *filter
      :BAN - [0:0]
      -A INPUT -p tcp -m tcp --dport 23 -j BAN
      -A FORWARD -p tcp -m tcp --dport 23 -j BAN
      -A BAN -m recent --set --name bad -j DROP
      COMMIT
`,
  },
  {
    name: 'hitcount 26 B1',
    reported: FLOODS,
    clients: 2,
    gap: 0.06,
    pause: 0.4,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --hitcount 26 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
`,
  },
  {
    name: 'hitcount 26 B2',
    reported: FLOODS,
    clients: 2,
    gap: 0.06,
    pause: 0.4,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 26 --name ssh -j DROP
`,
  },
  {
    name: 'hitcount 26 rcheck set',
    clients: 2,
    gap: 0.06,
    pause: 0.4,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 26 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
`,
  },
  {
    name: 'hitcount 100 B2u',
    reported: FLOODS,
    clients: 2,
    gap: 0.02,
    pause: 0.4,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --hitcount 100 --name ssh -j DROP
`,
  },
  {
    name: 'hitcount 255 B1r',
    clients: 2,
    gap: 0.008,
    pause: 0.4,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 255 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
`,
  },
  {
    name: 'hitcount 255 B1',
    reported: FLOODS,
    clients: 2,
    gap: 0.024,
    pause: 0.4,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 4 --hitcount 255 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh
`,
  },
  {
    name: 'hitcount 100 several rules',
    reported: FLOODS,
    clients: 2,
    gap: 0.02,
    pause: 0.4,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 2 --hitcount 100 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 23 -m recent --rcheck --seconds 1 --hitcount 30 --name ssh -j DROP
      -A INPUT -p tcp -m tcp -m recent --set --name ssh
      -A INPUT -p tcp -m tcp --dport 24 -m recent --remove --name ssh
`,
  },
  {
    name: 'hitcount only 40',
    gap: 0.05,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --hitcount 40 --name l -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l
`,
  },
  {
    name: 'output rdest',
    paths: ['out'],
    rules: `
      -A OUTPUT -p tcp -m tcp --dport 25 -m recent --rcheck --seconds 1 --hitcount 4 --name mail --rdest -j REJECT
      -A OUTPUT -p tcp -m tcp --dport 25 -m recent --set --name mail --rdest
`,
  },
  {
    name: 'nat hook',
    rules: `
      *nat
      -A PREROUTING -p tcp -m tcp --dport 80 -m recent --rcheck --seconds 2 --hitcount 3 --name w -j REDIRECT --to-ports 8080
      -A PREROUTING -p tcp -m tcp --dport 80 -m recent --set --name w
      COMMIT
`,
  },
  {
    name: 'hashlimit in two tables',
    rules: `
      *mangle
      -A PREROUTING -p udp -m hashlimit --hashlimit-name h --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-mode srcip -j MARK --set-mark 1
      COMMIT
      *filter
      -A INPUT -p udp -m hashlimit --hashlimit-name h --hashlimit-above 2/sec --hashlimit-burst 2 --hashlimit-mode srcip -j DROP
      COMMIT
`,
  },
  {
    name: 'nat and filter',
    paths: ['in', 'fwd'],
    rules: `
      *nat
      -A PREROUTING -p tcp -m tcp --dport 80 -m recent --rcheck --seconds 2 --hitcount 3 --name w -j REDIRECT --to-ports 8080
      COMMIT
      *filter
      -A INPUT -p tcp -m recent --set --name w
      -A FORWARD -p tcp -m recent --set --name w --rsource
      COMMIT
`,
  },
  {
    name: 'mangle output and filter',
    paths: ['out'],
    rules: `
      *mangle
      -A OUTPUT -p tcp -m recent --set --name w --rdest
      COMMIT
      *filter
      -A OUTPUT -p tcp -m recent --rcheck --seconds 2 --hitcount 3 --name w --rdest -j REJECT
      COMMIT
`,
  },
  {
    name: 'a limit behind a choice of ports, RETURN',
    rules: `
      :C - [0:0]
      -A INPUT -p tcp -j C
      -A INPUT -j DROP
      -A C -p tcp -m multiport --ports 22,80 -m limit --limit 1/min --limit-burst 10 -j RETURN
      -A C -p tcp -m tcp --dport 22 -j ACCEPT
`,
  },
  {
    name: 'a limit behind a choice of ports, goto',
    rules: `
      :C - [0:0]
      :D - [0:0]
      -A INPUT -p tcp -j C
      -A INPUT -j DROP
      -A C -p tcp -m multiport --ports 22,80 -m limit --limit 1/min --limit-burst 10 -g D
      -A C -p tcp -m tcp --dport 22 -j ACCEPT
      -A D -m mark --mark 5 -j ACCEPT
`,
  },
  {
    name: 'return below the limit',
    rules: `
      :C - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -j C
      -A INPUT -p tcp -m tcp --dport 22 -j MARK --set-mark 4
      -A C -m recent --set --name l
      -A C -m recent ! --rcheck --seconds 2 --hitcount 4 --name l -j RETURN
      -A C -j DROP
`,
  },
  {
    name: 'return with ring update and matches behind',
    rules: `
      :C - [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -j C
      -A INPUT -p tcp -m tcp --dport 22 -j MARK --set-mark 4
      -A C -p tcp -m tcp --sport 1024:50000 -m recent --update --seconds 1 --hitcount 3 --name l -m limit --limit 1/min --limit-burst 8 -j RETURN
      -A C -m recent --remove --name l2 -m tcp -p tcp --sport 3000:60000 -j RETURN
      -A C -m recent --set --name l2 -m limit --limit 1/min --limit-burst 30 -j RETURN
      -A C -m recent --set --name l -j ACCEPT
`,
  },
  {
    name: 'nat redirect behind recent',
    rules: `
      *nat
      -A PREROUTING -p tcp -m tcp --dport 80 -m recent --rcheck --seconds 2 --hitcount 3 --name w -j REDIRECT --to-ports 8080
      -A PREROUTING -p tcp -m tcp --dport 80 -m recent --set --name w
      COMMIT
`,
  },
  {
    name: 'dnat pair and windows',
    rules: `
      *nat
      -A PREROUTING -p udp -m udp --dport 80 -m recent --update --seconds 2 --hitcount 3 --name w -m multiport --ports 80,81 -j DNAT --to-destination 203.0.113.9:99
      -A PREROUTING -p udp -m udp --dport 80 -m recent --set --name w
      COMMIT
`,
  },
  {
    name: 'ports and limit and redirect',
    rules: `
      *nat
      -A PREROUTING -p tcp -m multiport --ports 80,81 -m limit --limit 1/min --limit-burst 4 -j REDIRECT --to-ports 8080
      -A PREROUTING -p tcp -m tcp --dport 80 -j ACCEPT
      COMMIT
`,
  },
  {
    name: 'return in a base chain',
    rules: `
      :INPUT DROP [0:0]
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 1 --hitcount 3 --name l -j RETURN
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l -j ACCEPT
`,
  },
  {
    name: 'recent mask, user chain first in text',
    rules: `
      :C - [0:0]
      -A C -m recent --update --seconds 2 --hitcount 9 --name l --mask 255.255.255.255 -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name l --mask 255.255.255.252
      -A INPUT -p tcp -m tcp --dport 22 -j C
`,
  },
  {
    name: 'hashlimit, user chain first in text',
    approximate: true,
    rules: `
      :C - [0:0]
      -A C -m hashlimit --hashlimit-name h --hashlimit-above 1/min --hashlimit-burst 15 --hashlimit-mode srcip -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-name h --hashlimit-above 1/min --hashlimit-burst 3 --hashlimit-mode srcip -j MARK --set-mark 1
      -A INPUT -p tcp -m tcp --dport 22 -j C
`,
  },
  {
    name: 'hashlimit above and upto, one name',
    approximate: true,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-name h --hashlimit-upto 2/sec --hashlimit-burst 3 --hashlimit-mode srcip -j ACCEPT
      -A INPUT -p tcp -m tcp --dport 23 -m hashlimit --hashlimit-name h --hashlimit-above 2/sec --hashlimit-burst 3 --hashlimit-mode srcip -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -j DROP
`,
  },
  {
    name: 'hashlimit no mode shared name',
    approximate: true,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-name h --hashlimit-upto 2/sec --hashlimit-burst 3 -j ACCEPT
      -A INPUT -p tcp -m tcp --dport 23 -m hashlimit --hashlimit-name h --hashlimit-above 9/sec --hashlimit-burst 30 -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -j DROP
`,
  },
  {
    name: 'hashlimit shared, ports without p',
    approximate: true,
    rules: `
      :C - [0:0]
      -A INPUT -j C
      -A C -m hashlimit --hashlimit-name h --hashlimit-upto 1/min --hashlimit-burst 3 --hashlimit-mode srcip,dstport -j RETURN
      -A C -m hashlimit --hashlimit-name h --hashlimit-above 1/min --hashlimit-burst 3 --hashlimit-mode srcip,dstport -j DROP
`,
  },
  {
    name: 'hashlimit table full',
    clients: 60,
    approximate: true,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-name h --hashlimit-above 1/min --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-htable-size 16 --hashlimit-htable-max 32 -j DROP
`,
  },
  {
    name: 'hashlimit table full, upto',
    clients: 60,
    approximate: true,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-name h --hashlimit-upto 1/min --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-htable-size 16 --hashlimit-htable-max 32 -j ACCEPT
      -A INPUT -j DROP
`,
  },
  {
    name: 'many stamps with remove',
    reported: FLOODS,
    clients: 3,
    gap: 0.03,
    pause: 0.1,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 2 --hitcount 22 --name ssh -j DROP
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh -m statistic --mode nth --every 61 --packet 60 -m recent --remove --name ssh
`,
  },
  {
    name: 'many stamps with remove, rcheck',
    reported: FLOODS,
    clients: 3,
    gap: 0.03,
    pause: 0.1,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 1 --hitcount 20 --name ssh -j MARK --set-mark 1
      -A INPUT -p tcp -m tcp --dport 22 -m recent ! --rcheck --seconds 2 --hitcount 25 --name ssh -j MARK --set-xmark 0x2/0x2
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh -m statistic --mode nth --every 37 --packet 30 -m recent --remove --name ssh -j ACCEPT
      -A INPUT -p tcp -m tcp --dport 22 -m recent ! --remove --name other
`,
  },
  {
    name: 'remove twice',
    reported: FLOODS,
    clients: 2,
    gap: 0.03,
    pause: 0.1,
    rules: `
      -A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 1 --hitcount 20 --name ssh -j MARK --set-mark 1
      -A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh -m statistic --mode nth --every 13 --packet 12 -m recent --remove --name ssh -m statistic --mode nth --every 3 --packet 1 -m recent --remove --name ssh
      -A INPUT -p tcp -m tcp --dport 23 -m recent --set --name ssh
`,
  },
];

const all = process.env['FWLINT_PACKETS'] === 'all';

function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

function dumpOf({ rules }: Situation): string {
  const lines = rules
    .trim()
    .split('\n')
    .map((line) => line.trim());
  return `${(lines[0]?.startsWith('*') === true ? lines : ['*filter', ...lines, 'COMMIT']).join('\n')}\n`;
}

function translated(situation: Situation, hz: number): { readonly text: string; readonly reasons: readonly string[] } {
  const input = read(createSource('rules.save', dumpOf(situation)), { kind: 'save', family: situation.family === 6 ? 'ip6' : 'ip' });
  const { file, report } = translate(input, { target: { hz }, rates: 'exact', replace: 'table', counters: 'drop', partial: false });
  expect(report.items.filter(({ kind }) => kind === 'unsupported')).toEqual([]);
  return { text: printNft(file), reasons: report.items.map(({ reason }) => reason ?? '') };
}

/** Bursts and pauses of a few clients to the ports of the rules. */
function packetsFor(situation: Situation, seed: number, length: number): readonly Packet[] {
  const { rules, family = 4, clients = 3, paths = ['in'], ttls, gap = 0.12, pause = 1.4 } = situation;
  const random = numbers(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const ports = [...new Set([...rules.matchAll(/--(?:dport|ports) ([\d,]+)/g)].flatMap((found) => (found[1] ?? '').split(',').map(Number)))];
  const packets: Packet[] = [];
  for (let client = 1; client <= clients; client += 1) {
    const host = family === 4 ? `198.51.100.${String(client)}` : `2001:db8:1::${client.toString(16)}`;
    const here = pick(family === 4 ? ['203.0.113.7', '203.0.113.8'] : ['2001:db8:9::7', '2001:db8:9::8']);
    for (let t = random() * 0.2; t < length; t += random() < (gap < 0.1 ? 0.97 : 0.75) ? random() * gap : random() * pause) {
      const path = pick(paths);
      packets.push({
        ...(path === 'out' ? { src: family === 4 ? '100.100.1.1' : 'fd66:77:1::1', dst: host } : { src: host, dst: here }),
        path,
        proto: rules.includes('-p udp') ? 'udp' : 'tcp',
        sport: 1024 + Math.floor(random() * 60_000),
        dport: ports.length === 0 ? 22 : pick(ports),
        ...(ttls === undefined ? {} : { ttl: pick(ttls) }),
        t,
      });
    }
  }
  return packets.sort((left, right) => (left.t ?? 0) - (right.t ?? 0));
}

describePackets('situations of rate limits', () => {
  for (const [index, situation] of situations.entries()) {
    if (situation.approximate === true) continue;
    // All of them take minutes.
    if (!all && index % 4 !== 0) continue;
    test(
      situation.name,
      async () => {
        const { tick } = await sendPackets({ sides: [], packets: [] });
        const { text, reasons } = translated(situation, Math.round(1 / tick));
        expect(reasons.filter((reason) => situation.reported?.test(reason) !== true)).toEqual([]);
        expect(reasons.length > 0).toBe(situation.reported !== undefined);
        const packets = packetsFor(situation, index + 1, all ? 6 : 3.5);
        const { family = 4 } = situation;
        const job: PacketJob = {
          sides: [
            { kind: 'iptables-save', text: dumpOf(situation), family },
            { kind: 'nft', text },
          ],
          packets,
          family,
        };
        const outcome = await sendPackets(job);
        const found = differences(job, outcome);
        expect(found.length <= packets.length / 1000 ? '' : describeDifferences(found)).toBe('');
        expect(outcome.packets.length).toBeGreaterThan(packets.length / 2);
      },
      60_000,
    );
  }
});

describe('situations of rate limits load', () => {
  for (const { version, binary } of installedNftVersions())
    testKernel(`nft ${version}`, async () => {
      const sessions = situations.map((situation) => {
        const { text } = translated(situation, 250);
        return [{ argv: [binary, '-f', '-'], stdin: text }, { argv: ['sh', '-c', `${binary} list ruleset | ${binary} -f -`] }];
      });
      const results = await runSessions(sessions);
      const wrong = results.flatMap((steps, index) =>
        steps.filter(({ status }) => status !== 0).map(({ stderr }) => `${situations[index]?.name ?? ''}: ${stderr}`),
      );
      expect(wrong).toEqual([]);
    });
});
