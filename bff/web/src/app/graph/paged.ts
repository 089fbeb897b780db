import { Signal, computed, effect, linkedSignal, resource, signal, untracked } from '@angular/core';

import { Failure, asFailure } from './failure';
import { grown } from './grown';
import type { Pages } from './grown';

export interface PageOf<Item> {
  readonly edges: readonly { readonly node: Item }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface PagedOptions<Question, Item, Page extends PageOf<Item>> {
  /** What is listed; another question begins another list. Undefined: nothing is asked. */
  readonly question: () => Question | undefined;
  /**
   * Rises when there may be more on top: the newest page is read again, and what is shown stays meanwhile. A page that is
   * on its way may be older than that: it is finished, however often this rises, and then read once more.
   */
  readonly changes?: () => unknown;
  readonly read: (question: Question, after: string | null, signal?: AbortSignal) => Promise<Page | null | undefined>;
  readonly key: (item: Item) => string;
}

/** A list that is read page by page, forwards, by cursors; in a component's constructor or its fields. */
export interface Paged<Item, Page extends PageOf<Item> = PageOf<Item>> {
  readonly items: Signal<readonly Item[]>;
  /** The newest page as it was answered; null while there is none of this question. */
  readonly newest: Signal<Page | null>;
  /** Whether there are more. */
  readonly more: Signal<boolean>;
  /** The first page is not there yet. */
  readonly loading: Signal<boolean>;
  /** The newest page is on its way, for the first time or once more. */
  readonly isLoading: Signal<boolean>;
  /** A further page is on its way. */
  readonly reading: Signal<boolean>;
  readonly failure: Signal<Failure | null>;
  readMore(): Promise<void>;
  /** Read the newest page again, unless that is being done. */
  reload(): boolean;
  again(): void;
}

export function paged<Question extends object, Item, Page extends PageOf<Item>>(options: PagedOptions<Question, Item, Page>): Paged<Item, Page> {
  const question = computed(options.question, { equal: (one, other) => JSON.stringify(one) === JSON.stringify(other) });
  const changes = computed(() => options.changes?.());
  // What the newest page was asked after: when there is something newer by the time that it comes, it is asked for again.
  let askedAfter: unknown;
  const first = resource({
    params: question,
    loader: async ({ params, abortSignal }) => {
      askedAfter = untracked(changes);
      return (await options.read(params, null, abortSignal)) ?? null;
    },
  });
  effect(() => {
    const now = changes();
    if (!first.isLoading() && now !== askedAfter) first.reload();
  });
  const newest = computed(() => (first.hasValue() ? first.value() : null));
  const pages = linkedSignal<{ asked: Question | undefined; newest: Pages<Item> | null }, Pages<Item> | null>({
    source: () => { const page = newest(); return { asked: question(), newest: page && pagesOf<Item>(page) }; },
    computation: ({ asked, newest: page }, previous) => {
      const before = previous?.source.asked === asked ? (previous?.value ?? null) : null;
      return page ? grown(before, page, options.key) : before;
    },
  });
  const reading = signal(false);
  const failed = linkedSignal<unknown, Failure | null>({ source: question, computation: () => null });

  return {
    items: computed(() => pages()?.items ?? []),
    newest,
    more: computed(() => pages()?.next != null),
    loading: computed(() => pages() === null && !first.error() && first.isLoading()),
    isLoading: first.isLoading,
    reading,
    failure: computed(() => (first.error() ? asFailure(first.error()) : failed())),
    async readMore() {
      const asked = question();
      const after = pages()?.next;
      if (!asked || after == null || reading()) return;
      reading.set(true);
      failed.set(null);
      try {
        const page = await options.read(asked, after);
        // Another list was asked for meanwhile: this page belongs to nothing that is shown.
        if (!page || asked !== question()) return;
        const { items, next } = pagesOf<Item>(page);
        pages.update((before) => ({ items: [...(before?.items ?? []), ...items], next }));
      } catch (error) {
        failed.set(asFailure(error));
      } finally {
        reading.set(false);
      }
    },
    reload: () => first.reload(),
    again() {
      failed.set(null);
      first.reload();
    },
  };
}

function pagesOf<Item>(page: PageOf<Item>): Pages<Item> {
  return { items: page.edges.map((edge) => edge.node), next: page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null };
}
