/** Ports of bridges as numbers: each port is the most exact name that rules have for it. */

import type { PortTest } from '../../extensions/define.js';

type PortName = PortTest['port'];

/** The names that rules have for ports at one end, each with its number; 0 is a packet without any of them. */
export interface NumberedPorts {
  /** From the general to the exact: a port bears the number of the last name that fits. */
  readonly names: readonly PortName[];
  /** The numbers of the ports that a name stands for, both ends included. */
  readonly numbersOf: (port: PortName) => readonly [first: number, last: number];
}

/**
 * Numbers names from 1 on. A name is part of another or has nothing in common with it, and in the order of the alphabet, a wildcard first, those that
 * are part of it follow one another.
 */
export function numberPorts(ports: readonly PortName[]): NumberedPorts {
  const names = [...new Map(ports.map((port) => [nameOf(port), port])).values()].sort(byName);
  const numbers = new Map(names.map((port, index) => [nameOf(port), index + 1]));
  return {
    names,
    numbersOf: (port) => {
      const first = numbers.get(nameOf(port)) ?? 0;
      const parts = port.wildcard ? names.filter(({ name }) => name.startsWith(port.name)).length : 1;
      return [first, first + parts - 1];
    },
  };
}

const nameOf = ({ name, wildcard }: PortName): string => (wildcard ? `${name}+` : `${name} `);

function byName(left: PortName, right: PortName): number {
  if (left.name !== right.name) return left.name < right.name ? -1 : 1;
  return Number(right.wildcard) - Number(left.wildcard);
}

/** How many bits the numbers take. */
export function widthOf({ names }: NumberedPorts): number {
  return names.length === 0 ? 0 : Math.floor(Math.log2(names.length)) + 1;
}
