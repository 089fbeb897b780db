import { Signal, computed, linkedSignal, resource, signal } from '@angular/core';

import { Failure, asFailure } from './failure';
import { grown } from './grown';
import type { Pages } from './grown';

export interface PageOf<Item> {
  readonly edges: readonly { readonly node: Item }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

export interface PagedOptions<Question, Item> {
  /** What is listed; another question begins another list. Undefined: nothing is asked. */
  readonly question: () => Question | undefined;
  /** Rises when there may be more on top: the newest page is read again, and what is shown stays meanwhile. */
  readonly changes?: () => unknown;
  readonly read: (question: Question, after: string | null, signal?: AbortSignal) => Promise<PageOf<Item> | null | undefined>;
  readonly key: (item: Item) => string;
}

/** A list that is read page by page, forwards, by cursors; in a component's constructor or its fields. */
export interface Paged<Item> {
  readonly items: Signal<readonly Item[]>;
  /** Whether there are more. */
  readonly more: Signal<boolean>;
  /** The first page is not there yet. */
  readonly loading: Signal<boolean>;
  /** A further page is on its way. */
  readonly reading: Signal<boolean>;
  readonly failure: Signal<Failure | null>;
  readMore(): Promise<void>;
  again(): void;
}

export function paged<Question extends object, Item>(options: PagedOptions<Question, Item>): Paged<Item> {
  const question = computed(options.question, { equal: (one, other) => JSON.stringify(one) === JSON.stringify(other) });
  const first = resource({
    params: () => { const asked = question(); return asked && { asked, changes: options.changes?.() }; },
    loader: async ({ params, abortSignal }) => (await options.read(params.asked, null, abortSignal)) ?? null,
  });
  const newest = (): Pages<Item> | null => {
    const page = first.hasValue() ? first.value() : null;
    return page && pagesOf(page);
  };
  const pages = linkedSignal<{ asked: Question | undefined; newest: Pages<Item> | null }, Pages<Item> | null>({
    source: () => ({ asked: question(), newest: newest() }),
    computation: ({ asked, newest: page }, previous) => {
      const before = previous?.source.asked === asked ? (previous?.value ?? null) : null;
      return page ? grown(before, page, options.key) : before;
    },
  });
  const reading = signal(false);
  const failed = linkedSignal<unknown, Failure | null>({ source: question, computation: () => null });

  return {
    items: computed(() => pages()?.items ?? []),
    more: computed(() => pages()?.next != null),
    loading: computed(() => pages() === null && !first.error() && first.isLoading()),
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
        const { items, next } = pagesOf(page);
        pages.update((before) => ({ items: [...(before?.items ?? []), ...items], next }));
      } catch (error) {
        failed.set(asFailure(error));
      } finally {
        reading.set(false);
      }
    },
    again() {
      failed.set(null);
      first.reload();
    },
  };
}

function pagesOf<Item>(page: PageOf<Item>): Pages<Item> {
  return { items: page.edges.map((edge) => edge.node), next: page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null };
}
