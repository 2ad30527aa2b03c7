/** The sets that ipset commands amount to. */

import type { IpsetCommand, IpsetProblem } from './command.js';
import type { AddressFamily, Part } from './element.js';
import type { SetType } from './types.js';

/** What an element has besides its parts. */
export interface ElementOptions {
  /** Seconds; 0: for ever. Undefined: the set's default, or none. */
  readonly timeout: number | undefined;
  readonly packets: bigint | undefined;
  readonly bytes: bigint | undefined;
  readonly comment: string | undefined;
  /** Marks for `-j SET --map-set`. */
  readonly mark: { readonly value: number; readonly mask: number } | undefined;
  /** `MAJOR:MINOR`, hexadecimal. */
  readonly priority: string | undefined;
  readonly queue: number | undefined;
  /** Matched like the others, but then as if it were not in the set. */
  readonly nomatch: boolean;
  /** The interface's name is a beginning of names. */
  readonly wildcard: boolean;
}

export interface IpsetElement extends ElementOptions {
  readonly parts: readonly Part[];
  readonly command: IpsetCommand;
}

/** How a set was created, defaults filled in. */
export interface SetOptions {
  /** Undefined where the type has no addresses. */
  readonly family: AddressFamily | undefined;
  /** Buckets at first, a power of two; hash types only. */
  readonly hashsize: number;
  /** Most elements; hash types only. */
  readonly maxelem: number;
  /** Prefix length addresses are cut to. */
  readonly netmask: number | undefined;
  readonly bitmask: bigint | undefined;
  readonly markmask: number;
  /** Seconds, 0: for ever; undefined: elements have no timeout. */
  readonly timeout: number | undefined;
  readonly counters: boolean;
  readonly comment: boolean;
  readonly skbinfo: boolean;
  readonly forceadd: boolean;
  readonly bucketsize: number | undefined;
  readonly initval: number | undefined;
  /** Addresses or ports of a bitmap, both ends included. */
  readonly range: { readonly from: bigint; readonly to: bigint } | undefined;
  /** Places in a list:set; ignored by the kernel. */
  readonly size: number;
}

/** A set. */
export interface Ipset {
  readonly name: string;
  readonly type: SetType;
  readonly options: SetOptions;
  /** By what makes them the same element; in the order they were added (or put) in. */
  readonly elements: ReadonlyMap<string, IpsetElement>;
  /** Commands that add or delete what is only known at run time. */
  readonly unknown: readonly IpsetCommand[];
  readonly created: IpsetCommand;
}

/** What a list of commands amounts to. */
export interface IpsetRun {
  readonly sets: ReadonlyMap<string, Ipset>;
  readonly problems: readonly { readonly problem: IpsetProblem; readonly command: IpsetCommand }[];
  /** Commands that ipset refuses, or whose words are not known. */
  readonly refused: ReadonlySet<IpsetCommand>;
  /** Those of them without which something is missing from the sets. */
  readonly lost: ReadonlySet<IpsetCommand>;
}
