/** `-j IDLETIMER`: tells user space when an interface has been idle for a while. */

import { defineTarget, flag, value, type ValueType } from '../define.js';
import { wholeNumber } from '../values/number.js';
import { shortName } from '../values/short-name.js';

/** (kernel: include/uapi/linux/netfilter/xt_IDLETIMER.h: MAX_IDLETIMER_LABEL_SIZE is 28 with the closing NUL) */
const LABEL_LIMIT = 27;

const label = shortName('label', 'a label', LABEL_LIMIT);

/** Whether user space hears of it by netlink. (Android: extensions/libxt_IDLETIMER.c, where iptables-save prints it) */
const message: ValueType<string> = {
  name: '0 or 1',
  read: (text) => ({
    kind: 'read',
    value: text,
    changed: { check: 'unknown-option', message: 'only the iptables of Android knows `--send_nl_msg`: others refuse the rule', becomes: text },
  }),
  print: (text) => text,
};

/** Seconds; timers count milliseconds in 31 bits. (kernel: net/netfilter/xt_IDLETIMER.c, idletimer_tg_helper) */
const LONGEST = 2_147_482;

export default defineTarget({
  name: 'IDLETIMER',
  summary: 'tells user space when no packet has come for a while',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options: {
    timeout: value(wholeNumber('number of seconds', 0, 0xffffffff, { extension: 'IDLETIMER', option: 'timeout' })),
    label: value(label),
    alarm: flag(),
    send_nl_msg: value(message, { optional: true }),
  },
  constraints: [
    { kind: 'atLeastOne', of: ['timeout'], says: 'IDLETIMER: option "--timeout" must be specified' },
    { kind: 'atLeastOne', of: ['label'], says: 'IDLETIMER: option "--label" must be specified' },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => given.timeout !== undefined && (given.timeout.value === 0 || given.timeout.value > LONGEST),
      at: 'timeout',
      check: 'invalid-value',
      message: `the timeout is 1 to ${String(LONGEST)} seconds`,
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => given.label?.value === '',
      at: 'label',
      check: 'invalid-value',
      message: 'the label is empty',
    },
  ],
  toNft: () => ({
    kind: 'approximate',
    items: [],
    differs: 'the rule does nothing to packets, and no timer tells user space; a program can watch the counter of the rule instead',
  }),
});
