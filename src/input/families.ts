/** The extension tables indexed for iptables and for ip6tables. */

import { MATCHES, TARGETS } from '../extensions/index.js';
import type { Family } from '../extensions/define.js';
import { createRegistry, type Registry } from '../extensions/registry.js';

const registries = new Map<Family, Registry>();

/** The registry of all extensions for one family, made once. */
export function registryOf(family: Family): Registry {
  let registry = registries.get(family);
  if (registry === undefined) {
    registry = createRegistry(family, MATCHES, TARGETS);
    registries.set(family, registry);
  }
  return registry;
}

/** The names that can stand after `-j` without being a chain. */
export function targetNames(family: Family): ReadonlySet<string> {
  return new Set(registryOf(family).targets.keys());
}
