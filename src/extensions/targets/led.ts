/** `-j LED`: lets a light of the machine blink with the packets. */

import { byteLength } from '../../text/bytes.js';
import { defineTarget, flag, value, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, shown } from '../values/number.js';

/** 31 bytes less `netfilter-`. (kernel: include/uapi/linux/netfilter/xt_LED.h) */
const ID_LIMIT = 17;

const trigger: ValueType<string> = {
  name: 'name of the trigger',
  read: (text): ValueResult<string> => {
    if (byteLength(text) <= ID_LIMIT && text !== '') return { kind: 'read', value: text };
    return {
      kind: 'refused',
      by: 'iptables',
      message: text === '' ? 'the name of the trigger is empty' : `the name of a trigger has at most ${String(ID_LIMIT)} bytes`,
    };
  },
  print: (text) => text,
  saveQuotes: 'always',
};

/** Milliseconds the light stays on, or `inf`. */
const delay: ValueType<number | 'inf'> = {
  name: 'delay',
  read: (text): ValueResult<number | 'inf'> => {
    if (text.startsWith('inf')) return { kind: 'read', value: 'inf' };
    const number = leadingNumber(text, 0, 0x7fffffff);
    if (number?.rest === '') return { kind: 'read', value: number.value };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no delay: a number of milliseconds, or \`inf\``,
      says: 'Delay value must be within range 0..2147483647',
    };
  },
  print: String,
};

export default defineTarget({
  name: 'LED',
  summary: 'lets a light of the machine blink with the packets',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options: { 'led-trigger-id': value(trigger), 'led-delay': value(delay), 'led-always-blink': flag() },
  constraints: [{ kind: 'atLeastOne', of: ['led-trigger-id'], says: 'LED: option "--led-trigger-id" must be specified' }],
  print: (given) => [
    ...(given['led-trigger-id'] === undefined ? [] : ['--led-trigger-id', given['led-trigger-id'].value]),
    ...(given['led-delay'] === undefined || given['led-delay'].value === 0 ? [] : ['--led-delay', String(given['led-delay'].value)]),
    ...(given['led-always-blink'] === undefined ? [] : ['--led-always-blink']),
  ],
  toNft: () => ({
    kind: 'approximate',
    items: [],
    differs: 'the rule does nothing to packets, and no light blinks; the `netdev` trigger of the light itself can: /sys/class/leds/NAME/trigger',
  }),
});
