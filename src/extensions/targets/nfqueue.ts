/** `-j NFQUEUE`: hands the packet to a program in user space, which decides. */

import { defineTarget, exact, flag, value, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, wholeNumber } from '../values/number.js';

/** Both ends are included. */
interface Queues {
  readonly from: number;
  readonly to: number;
}

const LAST = 65535;

/** `FROM:TO`, an end of which may be left open. (iptables: extensions/libxt_NFQUEUE.c, NFQUEUE_parse_v1; libxtables/xtoptions.c, xtopt_parse_mint) */
const queues: ValueType<Queues> = {
  name: 'range of queues',
  read: (text): ValueResult<Queues> => {
    const refuse = (message: string, says: string, repair?: string): ValueResult<never> => ({
      kind: 'refused',
      by: 'iptables',
      message,
      says,
      do: 'give the first and the last queue with `:` between',
      ...(repair === undefined ? {} : { repair: { text: repair, title: `write ${repair}`, applicability: 'safe' } }),
    });
    const parts = text.split(':');
    const ends: number[] = [];
    for (const [index, part] of parts.entries()) {
      if (index > 1) return refuse(`\`${text}\` has more than two ends`, 'NFQUEUE: Too many components for option "--queue-balance" (max: 2)');
      if (part === '') {
        ends.push(index === 0 ? 0 : LAST);
        continue;
      }
      const rest = parts.slice(index).join(':');
      const number = leadingNumber(part, 0, LAST);
      if (number === undefined)
        return refuse(
          `\`${part}\` is no queue from 0 to ${String(LAST)}`,
          `NFQUEUE: bad value for option "--queue-balance" near "${rest}", or out of range (0-65535).`,
        );
      if (number.rest !== '') {
        const dash = /^(\d+)-(\d+)$/.exec(text);
        return refuse(
          dash === null ? `\`${part}\` is no queue from 0 to ${String(LAST)}` : 'a range of queues is written with `:`',
          `NFQUEUE: Argument to "--queue-balance" has unexpected characters near "${[number.rest, ...parts.slice(index + 1)].join(':')}".`,
          dash === null ? undefined : `${dash[1] ?? ''}:${dash[2] ?? ''}`,
        );
      }
      ends.push(number.value);
    }
    const [from = 0, to] = ends;
    if (to === undefined) return refuse(`\`${text}\` is one queue; a balance needs a range`, `Bad range "${text}"`);
    if (from >= to)
      return refuse(
        `the range \`${text}\` does not end behind its beginning`,
        `${String(from)} should be less than ${String(to)}`,
        from > to ? `${String(to)}:${String(from)}` : undefined,
      );
    return { kind: 'read', value: { from, to } };
  },
  print: ({ from, to }) => `${String(from)}:${String(to)}`,
};

export default defineTarget({
  name: 'NFQUEUE',
  summary: 'hands the packet to a program in user space, which decides',
  families: ['ip', 'ip6'],
  flow: 'ends',
  options: {
    'queue-num': value(wholeNumber('queue', 0, LAST, { extension: 'NFQUEUE', option: 'queue-num' })),
    'queue-balance': value(queues),
    'queue-bypass': flag(),
    'queue-cpu-fanout': flag(),
  },
  constraints: [
    { kind: 'excludes', option: 'queue-num', others: ['queue-balance'] },
    { kind: 'needs', option: 'queue-cpu-fanout', other: 'queue-balance' },
    {
      kind: 'refuses',
      by: 'kernel',
      // kernel: net/netfilter/xt_NFQUEUE.c, nfqueue_tg_check: the number of queues is kept in 16 bits
      when: (given) => given['queue-balance']?.value.from === 0 && given['queue-balance'].value.to === LAST,
      at: 'queue-balance',
      check: 'invalid-value',
      message: 'all 65536 queues are one too many: the kernel counts 0 of them',
      says: 'xt_NFQUEUE: number of total queues is 0',
      do: 'write 0:65534',
    },
  ],
  print: (given, family) => [
    ...(given['queue-balance'] === undefined
      ? ['--queue-num', String(given['queue-num']?.value ?? 0)]
      : ['--queue-balance', queues.print(given['queue-balance'].value, family)]),
    ...(given['queue-bypass'] === undefined ? [] : ['--queue-bypass']),
    ...(given['queue-cpu-fanout'] === undefined ? [] : ['--queue-cpu-fanout']),
  ],
  toNft: (given) => {
    const balance = given['queue-balance']?.value;
    const from = balance?.from ?? given['queue-num']?.value ?? 0;
    const flags = [
      ...(given['queue-bypass'] === undefined ? [] : (['bypass'] as const)),
      ...(given['queue-cpu-fanout'] === undefined ? [] : (['fanout'] as const)),
    ];
    return exact([{ kind: 'queue', from, ...(balance === undefined ? {} : { to: balance.to }), ...(flags.length === 0 ? {} : { flags }) }]);
  },
});
