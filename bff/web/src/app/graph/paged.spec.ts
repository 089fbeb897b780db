import { signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';

import { paged } from './paged';
import type { PageOf, Paged } from './paged';

interface Row {
  readonly id: string;
}

interface Asked {
  readonly state: string;
  readonly after: string | null;
  readonly signal: AbortSignal | undefined;
  answer(ids: readonly string[], next?: string): void;
}

/** A list whose answers come when the test says so. */
function listing(): { list: Paged<Row, PageOf<Row>>; asked: Asked[]; state: (word: string) => void; change: () => void; until: (is: () => boolean) => Promise<void> } {
  const asked: Asked[] = [];
  const state = signal('OPEN');
  const changes = signal(0);
  const list = TestBed.runInInjectionContext(() => paged({
    question: () => ({ state: state() }),
    changes: () => changes(),
    read: async (question: { state: string }, after, abort) => new Promise<PageOf<Row>>((resolve) => {
      asked.push({ state: question.state, after, signal: abort, answer: (ids, next) => { resolve({ edges: ids.map((id) => ({ node: { id } })), pageInfo: { hasNextPage: next !== undefined, endCursor: next ?? null } }); } });
    }),
    key: (row: Row) => row.id,
  }));
  const until = async (is: () => boolean): Promise<void> => { await vi.waitUntil(() => { TestBed.tick(); return is(); }, { timeout: 10_000 }); };
  return { list, asked, state: (word) => { state.set(word); }, change: () => { changes.update((count) => count + 1); }, until };
}

function shown(list: Paged<Row, PageOf<Row>>): string {
  return list.items().map((row) => row.id).join();
}

describe('a list that is read page by page', () => {
  test('finishes the page that is on its way however much changes, and reads once more then', async () => {
    const { list, asked, change, until } = listing();
    await until(() => asked.length === 1);
    for (let at = 0; at < 5; at++) {
      change();
      TestBed.tick();
    }
    expect(asked).toHaveLength(1);
    expect(asked[0]?.signal?.aborted).toBe(false);
    expect(list.isLoading()).toBe(true);
    asked[0]?.answer(['a']);
    await until(() => asked.length === 2);
    expect(shown(list)).toBe('a');
    asked[1]?.answer(['b', 'a']);
    await until(() => shown(list) === 'b,a');
    expect(list.isLoading()).toBe(false);
    expect(asked).toHaveLength(2);
  });

  test('takes two clicks for more as one', async () => {
    const { list, asked, until } = listing();
    await until(() => asked.length === 1);
    asked[0]?.answer(['a'], 'after a');
    await until(() => list.more());
    const both = Promise.all([list.readMore(), list.readMore()]);
    expect(asked).toHaveLength(2);
    asked[1]?.answer(['b']);
    await both;
    expect(shown(list)).toBe('a,b');
  });

  test('puts nothing of one filter under another', async () => {
    const { list, asked, state, until } = listing();
    await until(() => asked.length === 1);
    asked[0]?.answer(['a'], 'after a');
    await until(() => list.more());
    const more = list.readMore();
    state('RESOLVED');
    await until(() => asked.length === 3);
    asked[2]?.answer(['c']);
    await until(() => shown(list) === 'c');
    asked[1]?.answer(['b']);
    await more;
    expect(shown(list)).toBe('c');
  });

  test('tells more of its newest page than the items', async () => {
    const { list, asked, until } = listing();
    await until(() => asked.length === 1);
    expect(list.newest()).toBeNull();
    asked[0]?.answer(['a']);
    await until(() => list.newest()?.edges.length === 1);
  });
});
