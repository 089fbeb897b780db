/** What was read of a list, newest first, and where the older items follow. */
export interface Pages<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/**
 * Return what is shown once the newest page was read again: what a person has read further down stays. When the newest
 * page does not reach what was read before, because very much happened meanwhile, it begins anew: no gap is hidden.
 */
export function grown<Item>(before: Pages<Item> | null, newest: Pages<Item>, key: (item: Item) => string): Pages<Item> {
  const last = newest.items.at(-1);
  if (!before || newest.next === null || last === undefined) return newest;
  const at = before.items.findIndex((item) => key(item) === key(last));
  return at < 0 ? newest : { items: [...newest.items, ...before.items.slice(at + 1)], next: before.next };
}
