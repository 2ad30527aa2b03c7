/** Sends frames through a bridge under several rulesets on the running kernel (test/packets/bridge.py). */

import { fileURLToPath } from 'node:url';
import { runPython } from './kernel.js';

/** A host behind a port of the bridge, behind the interface `eth0`, which is none, or the machine itself. */
export type BridgeEnd = 'p1' | 'p2' | 'vnet3' | 'eth0' | 'host';

/** One packet to UDP port 9. */
export interface BridgePacket {
  readonly from: BridgeEnd;
  /** `nobody`: an address no port is known for; `all`: everyone on the bridge. */
  readonly to: BridgeEnd | 'nobody' | 'all';
  /** Handed to the machine to be routed; without, what is for another port is bridged. */
  readonly routed?: true;
  /** In a frame with this VLAN, or in PPPoE. */
  readonly vlan?: number;
  readonly pppoe?: true;
  /** More keys of a packet, see packets.ts. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface BridgeJob {
  readonly family: 4 | 6;
  readonly sides: readonly (
    { readonly kind: 'iptables-save'; readonly text: string } | { readonly kind: 'nft'; readonly text: string; readonly binary: string }
  )[];
  /** Kernel settings: `{ 'net.bridge.bridge-nf-call-iptables': '0' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly packets: readonly BridgePacket[];
}

/** What became of one packet on one side. */
export interface BridgeFate {
  /** By the comments of the rules: how often it passed them. */
  readonly counts: Readonly<Record<string, number>>;
  /** The devices that it, or its copies, left by, and answers as well. */
  readonly out: readonly string[];
  /** The marks it has behind all rules. */
  readonly marks: readonly number[];
}

export interface BridgeSide {
  /** Why the ruleset does not load. */
  readonly error?: string;
  readonly packets: readonly BridgeFate[];
}

const script = fileURLToPath(new URL('../packets/bridge.py', import.meta.url));

/** Sends the packets through one side after the other; the sides in their order. */
export async function sendThroughBridge(job: BridgeJob): Promise<readonly BridgeSide[]> {
  return JSON.parse(await runPython(script, JSON.stringify(job))) as readonly BridgeSide[];
}
