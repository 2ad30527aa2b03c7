/** The connections that packets open, and lists that count them. (kernel: net/netfilter/nf_conncount.c) */

/** Until when each connection that got through is open, seconds. */
export type Connections = Map<number, number>;

/** Connections counted for one key. */
export interface CountedList {
  /** In the order they were counted; one may be there twice. */
  counted: number[];
  /** The tick in which closed ones were last taken out. */
  cleaned: number | undefined;
}

/** Closed connections that one packet takes out at most, less one. (CONNCOUNT_GC_MAX_NODES) */
const MOST_CLEANED = 8;

/** Whether a connection is open at a time, seconds. */
function isOpen(connections: Connections, connection: number, time: number): boolean {
  const until = connections.get(connection);
  return until !== undefined && time < until;
}

/**
 * Counts a connection in a list and says how many there are. Closed ones, and those whose first packet was stopped, are taken out by the first
 * packet of a tick; within a tick, nothing is. (__nf_conncount_add)
 */
export function countConnection(list: CountedList, connection: number, connections: Connections, time: number, tick: number): number {
  if (list.cleaned !== tick) {
    let cleaned = 0;
    const kept: number[] = [];
    for (const [index, other] of list.counted.entries()) {
      if (cleaned > MOST_CLEANED) {
        kept.push(...list.counted.slice(index));
        break;
      }
      if (isOpen(connections, other, time)) {
        if (other === connection) {
          list.counted = [...kept, ...list.counted.slice(index)];
          return list.counted.length;
        }
        kept.push(other);
      } else cleaned += 1;
    }
    list.counted = kept;
    list.cleaned = tick;
  }
  list.counted.push(connection);
  return list.counted.length;
}
