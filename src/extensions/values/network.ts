/** `-s` and `-d`: addresses and networks, one or several between commas. */

import {
  ALL_ONES_4,
  ALL_ONES_6,
  formatIp4,
  formatIp6,
  formatNetwork,
  maskOf4,
  maskOf6,
  parseIp4,
  parseIp6,
  parsePlainIp4,
  prefixLength,
  type Network,
} from '../../net/address.js';
import type { Changed, Family, ValueResult, ValueType } from '../define.js';

const refuse = (text: string, message: string, says: string): ValueResult<never> => ({
  kind: 'refused',
  by: 'iptables',
  check: 'invalid-address-or-mask',
  message,
  says: says.replace('%s', text),
});

/** What becomes of an address with a part that begins with 0. (inet_aton(3): such a part is octal) */
export function octalAddress(text: string, becomes: string): Changed {
  return changed('octal-address', `a part that begins with 0 is octal: \`${text}\` means ${becomes}`, becomes, 'suggestion');
}

function changed(check: string, message: string, becomes: string, applicability: 'safe' | 'suggestion' = 'safe'): Changed {
  return { check, message, becomes, repair: { text: becomes, title: `write ${becomes}`, applicability } };
}

/** What the resolver may be asked for; anything else is a slip. */
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/;

/** `a.b.c.d` or `a.b.c.d/n` in decimal, without leading zeros and host bits: what dumps are made of. */
function readPlainIp4(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const address = parsePlainIp4(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash === -1) return { kind: 'ip', address, mask: ALL_ONES_4 };
  let length = 0;
  if (slash + 1 === text.length || text.length - slash > 3) return undefined;
  for (let at = slash + 1; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    length = length * 10 + digit;
  }
  if (length > 32) return undefined;
  const mask = maskOf4(length);
  return (address & mask) >>> 0 === address ? { kind: 'ip', address, mask } : undefined;
}

/**
 * An IPv4 address or mask without the blanks and the `+` before a number that strtoul skips: `-s "192.0.2.1, 192.0.2.2"` is a list to iptables.
 * (iptables: libxtables/xtables.c, __numeric_to_ipaddr; measured with 1.8.9)
 */
export function withoutSkipped(text: string): string {
  return /[\s+]/.test(text) ? text.replace(/(^|[./])[ \t\n\v\f\r]*\+?(?=\d)/g, '$1') : text;
}

/** Reads one `address[/mask]`. (iptables: libxtables/xtables.c, xtables_ipparse_multiple) */
function readNetwork(text: string, family: Family): ValueResult<Network> {
  if (family === 'ip') {
    const plain = readPlainIp4(text);
    if (plain !== undefined) return { kind: 'read', value: plain };
  }
  const bare = family === 'ip' ? withoutSkipped(text) : text;
  if (bare !== text) return readNetwork(bare, family);
  const slash = text.indexOf('/');
  const host = slash === -1 ? text : text.slice(0, slash);
  const maskText = slash === -1 ? undefined : text.slice(slash + 1);
  const range = /^([\da-fA-F:.]+)-([\da-fA-F:.]+)$/.exec(text);
  if (range !== null && [range[1], range[2]].every((end) => (family === 'ip' ? parseIp4(end ?? '') : parseIp6(end ?? '')) !== undefined))
    return {
      kind: 'refused',
      by: 'iptables',
      check: 'dash-range',
      message: `\`${text}\` is a range, and here stands one address or network`,
      says: `host/network \`${text}' not found`,
      do: 'use `-m iprange --src-range` or `--dst-range`',
    };
  if (host === '') return refuse(host, `\`${text}\` is no address`, "host/network `%s' not found");
  return family === 'ip' ? readIp4Network(text, host, maskText) : readIp6Network(text, host, maskText);
}

function readIp4Network(text: string, host: string, maskText: string | undefined): ValueResult<Network> {
  const parsed = parseIp4(host);
  if (parsed === undefined) {
    if (parseIp6(host) !== undefined)
      return {
        kind: 'refused',
        by: 'iptables',
        check: 'family-mismatch',
        message: `\`${text}\` is an IPv6 address, but iptables handles IPv4 only`,
        says: `host/network \`${host}' not found`,
        do: 'put the rule into ip6tables',
      };
    if (/^[0-9./]+$/.test(host) || !HOST_NAME.test(host)) return refuse(host, `\`${host}\` is no IPv4 address`, "host/network `%s' not found");
    if (maskText !== undefined && parseMask4(maskText) === undefined)
      return refuse(maskText, `\`${maskText}\` is no mask`, "invalid mask `%s' specified");
    return { kind: 'unresolved', what: `host name \`${host}\``, check: 'hostname-in-rule' };
  }
  let mask = ALL_ONES_4;
  if (maskText !== undefined) {
    const given = parseMask4(maskText);
    if (given === undefined)
      return refuse(
        maskText,
        /^\d+$/.test(maskText) ? `a prefix length is at most 32, not ${maskText}` : `\`${maskText}\` is no mask`,
        "invalid mask `%s' specified",
      );
    mask = given;
  }
  const address = (parsed.address & mask) >>> 0;
  const network: Network = { kind: 'ip', address, mask };
  const becomes = shortForm(network);
  if (parsed.octal) return { kind: 'read', value: network, changed: octalAddress(text, becomes) };
  if (parsed.short && maskText === undefined)
    return {
      kind: 'read',
      value: network,
      changed: changed('short-address', `\`${text}\` means the one address ${becomes}: the parts it lacks are 0`, becomes, 'suggestion'),
    };
  if (mask === 0 && parsed.address !== 0)
    return {
      kind: 'read',
      value: network,
      changed: everything(text, becomes),
    };
  const holes = mask !== 0 && prefixLength(mask) === undefined;
  if (address !== parsed.address && !holes)
    return {
      kind: 'read',
      value: network,
      changed: changed('host-bits-set', `\`${text}\` has bits outside its mask; iptables takes it for ${becomes}`, becomes),
    };
  const pattern = patternOf(address, mask);
  if (holes)
    return {
      kind: 'read',
      value: network,
      changed: {
        check: 'noncontiguous-or-zero-mask',
        message: `the mask ${formatIp4(mask)} has holes: it does not name one network${pattern === undefined ? '' : `, but ${pattern}`}`,
        becomes,
        // `0.0.0.255/0.0.0.255` asks for the end of an address on purpose; `192.168.1.0/0.0.0.255` is a mask as routers write it.
        ...(address === parsed.address && isEnd(mask) ? { severity: 'info' as const } : {}),
      },
    };
  return { kind: 'read', value: network };
}

/** Whether a mask asks for the last bytes of an address only: 0.0.0.255, 0.0.255.255, 0.255.255.255. */
function isEnd(mask: number): boolean {
  return [0xff, 0xffff, 0xffffff].includes(mask);
}

/** What a mask of whole bytes leaves of an address, in words: `all addresses x.x.1.7`; undefined for other masks. */
function patternOf(address: number, mask: number): string | undefined {
  const bytes = formatIp4(address).split('.');
  const asked = formatIp4(mask).split('.');
  if (!asked.every((byte) => byte === '0' || byte === '255')) return undefined;
  return `all addresses ${bytes.map((byte, index) => (asked[index] === '255' ? byte : 'x')).join('.')}`;
}

/** A prefix length or a dotted mask. */
function parseMask4(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) <= 32 ? maskOf4(Number(text)) : undefined;
  return /^(\d+\.){3}\d+$/.test(text) ? parseIp4(text)?.address : undefined;
}

function readIp6Network(text: string, host: string, maskText: string | undefined): ValueResult<Network> {
  const parsed = parseIp6(host);
  if (parsed === undefined) {
    if (parseIp4(host) !== undefined && host.includes('.'))
      return {
        kind: 'refused',
        by: 'iptables',
        check: 'family-mismatch',
        message: `\`${text}\` is an IPv4 address, but ip6tables handles IPv6 only`,
        says: `host/network \`${host}' not found`,
        do: 'put the rule into iptables',
      };
    if ((/^[0-9a-fA-F:./]+$/.test(host) && /[:/]/.test(host)) || !HOST_NAME.test(host))
      return refuse(host, `\`${host}\` is no IPv6 address`, "host/network `%s' not found");
    return { kind: 'unresolved', what: `host name \`${host}\``, check: 'hostname-in-rule' };
  }
  let mask = ALL_ONES_6;
  if (maskText !== undefined) {
    if (/^\d+$/.test(maskText)) {
      const length = Number(maskText);
      if (length > 128) return refuse(maskText, `a prefix length is at most 128, not ${maskText}`, "invalid mask `%s' specified");
      mask = maskOf6(length);
    } else {
      const parsedMask = parseIp6(maskText);
      if (parsedMask === undefined) return refuse(maskText, `\`${maskText}\` is no mask`, "invalid mask `%s' specified");
      mask = parsedMask;
    }
  }
  const address = parsed & mask;
  const network: Network = { kind: 'ip6', address, mask };
  if (address !== parsed) {
    const becomes = shortForm(network);
    if (mask === 0n) return { kind: 'read', value: network, changed: everything(text, becomes) };
    return {
      kind: 'read',
      value: network,
      changed: changed('host-bits-set', `\`${text}\` has bits outside its mask; ip6tables takes it for ${becomes}`, becomes),
    };
  }
  return { kind: 'read', value: network };
}

function everything(text: string, becomes: string): Changed {
  return changed('noncontiguous-or-zero-mask', `the mask of \`${text}\` takes in every address`, becomes, 'suggestion');
}

/** As a person writes it: without the mask of a single host. */
export function shortForm(network: Network): string {
  const full = formatNetwork(network);
  return full.endsWith(network.kind === 'ip' ? '/32' : '/128') ? full.slice(0, full.lastIndexOf('/')) : full;
}

/** One or several networks; iptables makes one rule for each. */
export function networks(): ValueType<readonly Network[]> {
  return {
    name: 'address or network',
    read: (text, { family }) => {
      if (!text.includes(',')) {
        const result = readNetwork(text, family);
        if (result.kind === 'read') return { ...result, value: [result.value] };
        return result;
      }
      const values: Network[] = [];
      let firstChange: Changed | undefined;
      for (const item of text.split(',')) {
        const result = readNetwork(item, family);
        if (result.kind === 'refused') return result;
        if (result.kind === 'unresolved') return result;
        if (result.changed !== undefined && firstChange === undefined) {
          const { repair, ...rest } = result.changed;
          firstChange = repair === undefined ? rest : { ...rest, repair: { ...repair, text: text.replace(item, repair.text) } };
        }
        values.push(result.value);
      }
      return firstChange === undefined ? { kind: 'read', value: values } : { kind: 'read', value: values, changed: firstChange };
    },
    print: (value) => value.map(formatNetwork).join(','),
  };
}

/** The address part of a network, as text. */
export function addressText(network: Network): string {
  return network.kind === 'ip' ? formatIp4(network.address) : formatIp6(network.address);
}
