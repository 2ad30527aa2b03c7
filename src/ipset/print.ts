/** Prints sets as `ipset save` does. */

import { printAddress, printPart } from './element.js';
import type { Ipset, IpsetElement } from './model.js';

/** One `create` and the `add` of each element, a line each; sets in the order given, lists of sets last, as ipset writes them. */
export function printIpsets(sets: Iterable<Ipset>): string {
  const all = [...sets];
  const lines: string[] = [];
  for (const set of [...all.filter((one) => one.type.method !== 'list'), ...all.filter((one) => one.type.method === 'list')]) {
    lines.push(printCreate(set));
    for (const element of set.elements.values()) lines.push(`add ${set.name} ${printElement(set, element)}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** `create NAME TYPE …` with every option as the kernel has it. (ipset 7.17; measured) */
function printCreate(set: Ipset): string {
  const { type, options } = set;
  const words = ['create', set.name, type.name];
  const hash = type.method === 'hash';
  const mask: string[] = [];
  if (options.netmask !== undefined) mask.push('netmask', String(options.netmask));
  if (options.bitmask !== undefined) mask.push('bitmask', printAddress(options.bitmask, options.family ?? 'inet'));
  if (options.range !== undefined)
    words.push(
      'range',
      type.name === 'bitmap:port'
        ? `${String(options.range.from)}-${String(options.range.to)}`
        : `${printAddress(options.range.from, 'inet')}-${printAddress(options.range.to, 'inet')}`,
    );
  if (hash) {
    if (type.family === 'either') words.push('family', options.family ?? 'inet');
    if (options.markmask !== 0xffffffff) words.push('markmask', `0x${options.markmask.toString(16).padStart(8, '0')}`);
    words.push('hashsize', String(options.hashsize), 'maxelem', String(options.maxelem));
  }
  if (type.method === 'list') words.push('size', String(options.size));
  if (type.name !== 'hash:ip,port') words.push(...mask);
  if (options.timeout !== undefined) words.push('timeout', String(options.timeout));
  for (const name of ['counters', 'comment', 'skbinfo'] as const) if (options[name]) words.push(name);
  if (options.bucketsize !== undefined) words.push('bucketsize', String(options.bucketsize));
  if (options.initval !== undefined) words.push('initval', `0x${options.initval.toString(16).padStart(8, '0')}`);
  if (type.name === 'hash:ip,port') words.push(...mask);
  return words.join(' ');
}

/** What stands behind `add NAME`: the element and its options. */
export function printElement(set: Ipset, element: IpsetElement): string {
  const { options, type } = set;
  const family = options.family ?? 'inet';
  const texts = element.parts.map((part) => printPart(part, family, type.name === 'bitmap:port')).filter((text) => text !== '');
  const words = [texts.join(',')];
  const timeout = element.timeout ?? options.timeout;
  if (timeout !== undefined) words.push('timeout', String(timeout));
  if (element.nomatch) words.push('nomatch');
  if (element.wildcard) words.push('wildcard');
  if (options.counters) words.push('packets', String(element.packets ?? 0n), 'bytes', String(element.bytes ?? 0n));
  if (element.comment !== undefined && element.comment !== '') words.push('comment', `"${element.comment}"`);
  if (element.mark !== undefined) {
    const mask = element.mark.mask === 0xffffffff ? '' : `/0x${element.mark.mask.toString(16)}`;
    words.push('skbmark', `0x${element.mark.value.toString(16)}${mask}`);
  }
  if (element.priority !== undefined) words.push('skbprio', element.priority);
  if (element.queue !== undefined) words.push('skbqueue', String(element.queue));
  return words.join(' ');
}
