/** `-j TPROXY`: hands the packet to a local transparent proxy without changing it. */

import { servicePort } from '../../net/services.js';
import { protocolName } from '../../net/protocols.js';
import { accept, drop, meta, number, symbol } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineTarget, exact, value, type ValueResult, type ValueType } from '../define.js';
import { apartFrom, assignBits, markAndMask } from '../values/mark.js';
import { hostAddress } from '../values/masked-host.js';
import { addressText } from '../values/network.js';
import { shown } from '../values/number.js';
import { unknownService } from '../values/unknown-service.js';

const NO_MARK = { value: 0, mask: 0 };

/** As the resolver takes it: a decimal number, whose upper bits are lost, or a service name. (iptables: libxtables/xtoptions.c, xtopt_parse_port) */
const proxyPort: ValueType<number> = {
  name: 'port',
  read: (text, context): ValueResult<number> => {
    if (text === '' || /^[0-9]+$/.test(text)) {
      const port = Number(BigInt.asUintN(16, BigInt(text === '' ? '0' : text)));
      if (text === String(port)) return { kind: 'read', value: port };
      return {
        kind: 'read',
        value: port,
        changed: { check: 'port-range', message: `${shown(text)} is no port; iptables takes it for ${String(port)}`, becomes: String(port) },
      };
    }
    const port = servicePort(text, context.protocol === undefined ? undefined : protocolName(context.protocol));
    if (port !== undefined) return { kind: 'read', value: port };
    if (/^[a-zA-Z][a-zA-Z0-9_.-]+$/.test(text)) return unknownService(text);
    return {
      kind: 'refused',
      by: 'iptables',
      check: 'port-range',
      message: `\`${text}\` is no port`,
      says: `Port "${text}" does not resolve to anything.`,
    };
  },
  print: String,
};

const options = {
  'on-port': value(proxyPort),
  'on-ip': value(hostAddress({ extension: 'TPROXY', option: 'on-ip' })),
  'tproxy-mark': value(markAndMask({ extension: 'TPROXY', option: 'tproxy-mark' })),
};

export default defineTarget({
  name: 'TPROXY',
  summary: 'hands the packet to a local transparent proxy without changing it',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['mangle'],
  hooks: ['PREROUTING'],
  protocols: [6, 17],
  options,
  constraints: [{ kind: 'atLeastOne', of: ['on-port'], says: 'TPROXY: option "--on-port" must be specified' }],
  print: (given, family) => [
    '--on-port',
    String(given['on-port']?.value ?? 0),
    '--on-ip',
    given['on-ip'] === undefined ? (family === 'ip' ? '0.0.0.0' : '::') : addressText(given['on-ip'].value),
    '--tproxy-mark',
    options['tproxy-mark'].value.print(given['tproxy-mark']?.value ?? NO_MARK, family),
  ],
  toNft: (given, { keptMark }) => {
    const address = given['on-ip']?.value;
    const anywhere = address === undefined || BigInt(address.address) === 0n;
    const proxy: Statement = {
      kind: 'tproxy',
      ...(anywhere ? {} : { address: symbol(addressText(address)) }),
      port: number(given['on-port']?.value ?? 0),
    };
    const taken: readonly Statement[] = [proxy, ...assignBits(meta('mark'), apartFrom(keptMark, given['tproxy-mark']?.value ?? NO_MARK)), accept];
    // Where no proxy listens, the nft statement ends its rule and iptables drops the packet. (kernel: net/netfilter/xt_TPROXY.c, tproxy_tg4)
    return exact([{ kind: 'anyOf', alternatives: [taken, [drop]] }]);
  },
});
