/** One of the two timelines: what was read of it, newest first, and whether older entries follow. */
export interface Lane<Item> {
  readonly items: readonly Item[];
  readonly more: boolean;
}

export interface Line<Item> {
  readonly side: 'a' | 'b';
  readonly item: Item;
}

interface Recorded {
  readonly recordedAt: string | null;
  readonly occurredAt: string | null;
}

/**
 * Return both timelines as one, newest first, as far down as both were read: below that, entries of the one that was
 * read less may still come, and nothing is shown in the wrong place.
 */
export function common<Item extends Recorded>(a: Lane<Item>, b: Lane<Item>): readonly Line<Item>[] {
  const horizon = [a, b].map(lowest).reduce((one, other) => (one > other ? one : other));
  const lines = [...a.items.map((item): Line<Item> => ({ side: 'a', item })), ...b.items.map((item): Line<Item> => ({ side: 'b', item }))];
  return lines.filter(({ item }) => timeOf(item) >= horizon).sort((one, other) => compare(timeOf(other.item), timeOf(one.item)));
}

/** Return which of the two has to be read further for the common timeline to go on: the one that ends higher. */
export function shorter<Item extends Recorded>(a: Lane<Item>, b: Lane<Item>): 'a' | 'b' | null {
  if (!a.more && !b.more) return null;
  return lowest(a) >= lowest(b) && a.more ? 'a' : b.more ? 'b' : 'a';
}

function lowest<Item extends Recorded>(lane: Lane<Item>): string {
  const last = lane.items.at(-1);
  return lane.more && last ? timeOf(last) : '';
}

// By when it was recorded, as each of the two is in order.
function timeOf(item: Recorded): string {
  return item.recordedAt ?? item.occurredAt ?? '';
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
