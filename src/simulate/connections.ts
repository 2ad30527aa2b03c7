/**
 * The connections that packets open, and lists that count them. (kernel: net/netfilter/nf_conncount.c; measured on 6.18)
 */

/** Until when each connection that got through is open, seconds. */
export type Connections = Map<number, number>;

/** Connections counted for one key. */
export interface CountedList {
  /** In the order they were counted; one may be there twice. */
  counted: number[];
  /** The tick in which closed ones were last taken out, or the list was made, and how many were left. */
  cleaned: { readonly tick: number; readonly left: number };
}

/** An empty list, made in a tick. (nf_conncount_list_init) */
export function createCountedList(tick: number): CountedList {
  return { counted: [], cleaned: { tick, left: 0 } };
}

/** Closed connections that one look takes out at most, less one, and connections that may be added in a tick without a look. (CONNCOUNT_GC_MAX_NODES) */
const MOST_CLEANED = 64;

/** Whether a connection is open at a time, seconds. */
function isOpen(connections: Connections, connection: number, time: number): boolean {
  const until = connections.get(connection);
  return until !== undefined && time < until;
}

/** A packet's connection and time. */
export interface Counting {
  readonly connection: number;
  readonly connections: Connections;
  /** Seconds. */
  readonly time: number;
  readonly tick: number;
}

/**
 * Counts the connection of a packet in a list and says how many there are. Closed ones, and those whose first packet was stopped, go as far as the
 * list is looked through: new connections of one tick are added without a look, others up to their own place. (__nf_conncount_add)
 */
export function countConnection(list: CountedList, { connection, connections, time, tick }: Counting): number {
  const isNew = !isOpen(connections, connection, time);
  const { cleaned } = list;
  const isQuick = isNew && cleaned.tick === tick && list.counted.length - cleaned.left < MOST_CLEANED;
  if (!isQuick) {
    const kept: number[] = [];
    for (const [place, other] of list.counted.entries()) {
      if (!isNew && other === connection) {
        list.counted = [...kept, ...list.counted.slice(place)];
        return list.counted.length;
      }
      if (place - kept.length > MOST_CLEANED || isOpen(connections, other, time)) kept.push(other);
    }
    list.counted = kept;
    list.cleaned = { tick, left: kept.length };
  }
  list.counted.push(connection);
  return list.counted.length;
}

/** Takes out what is closed, as a set of nft does by itself every now and then; whether something is left. (nf_conncount_gc_list) */
export function cleanConnections(list: CountedList, connections: Connections, time: number): boolean {
  list.counted = list.counted.filter((connection) => isOpen(connections, connection, time));
  return list.counted.length > 0;
}
