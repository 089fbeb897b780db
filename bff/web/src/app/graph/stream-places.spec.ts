import { TestBed } from '@angular/core/testing';

import { PLACES, SHARED_LOCKS, StreamPlaces } from './stream-places';

declare const process: { getBuiltinModule(name: 'node:worker_threads'): { locks: LockManager } };

/** Node's own locks: the same standard as a browser's. */
const { locks } = process.getBuiltinModule('node:worker_threads');

/** The places as one tab sees them. */
function tab(shared: LockManager | null = locks): StreamPlaces {
  TestBed.resetTestingModule().configureTestingModule({ providers: [{ provide: SHARED_LOCKS, useValue: shared }] });
  return TestBed.inject(StreamPlaces);
}

async function held(): Promise<number> {
  return (await locks.query()).held?.length ?? 0;
}

describe('places for streams', () => {
  const never = new AbortController().signal;
  let backs: (() => void)[] = [];
  beforeEach(() => { backs = []; });
  afterEach(async () => {
    backs.forEach((back) => { back(); });
    await vi.waitUntil(async () => (await held()) === 0);
  });

  async function full(): Promise<void> {
    for (let one = 0; one < PLACES; one++) backs.push(await tab().take(never));
    expect(await held()).toBe(PLACES);
  }

  test('are as many as told for all tabs together, and the next stream waits until one is given back', async () => {
    await full();
    const served: string[] = [];
    const first = tab().take(never).then((back) => { served.push('first'); backs.push(back); });
    const second = tab().take(never).then((back) => { served.push('second'); backs.push(back); });
    await vi.waitUntil(async () => (await locks.query()).pending?.length);
    expect(served).toEqual([]);
    backs.shift()?.();
    await first;
    expect(served).toEqual(['first']);
    expect(await held()).toBe(PLACES);
    backs.shift()?.();
    await second;
    expect(await held()).toBe(PLACES);
  });

  test('are one for each that asks, though several are free', async () => {
    backs.push(...(await Promise.all([tab().take(never), tab().take(never)])));
    await vi.waitUntil(async () => (await held()) === 2);
  });

  test('are not waited for any more by who gives up', async () => {
    await full();
    const leaving = new AbortController();
    const waiting = tab().take(leaving.signal);
    leaving.abort(new Error('the view is left'));
    await expect(waiting).rejects.toThrow('the view is left');
    backs.shift()?.();
    await vi.waitUntil(async () => (await held()) === PLACES - 1);
    await expect(tab().take(leaving.signal)).rejects.toThrow('the view is left');
  });

  test('are without number where a connection carries many streams', async () => {
    for (let one = 0; one < 2 * PLACES; one++) await tab(null).take(never);
    expect(await held()).toBe(0);
  });
});
