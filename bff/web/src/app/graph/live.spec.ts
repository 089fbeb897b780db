import { DestroyRef } from '@angular/core';
import { TestBed } from '@angular/core/testing';

import type { Document } from './document';
import { Failure } from './failure';
import { Graph } from './graph';
import { Live } from './live';
import { StreamPlaces } from './stream-places';

interface Told {
  readonly counted: { readonly position: string };
}

const COUNTED: Document<Told, { position?: string }> = { name: 'Counted', hash: 'abc' };

/** Streams by hand: each opening takes the next script, and what was asked for is kept. */
class Streams {
  readonly opened: { position?: string }[] = [];
  scripts: (string | Failure)[][] = [];

  async *watch(_document: unknown, variables: { position?: string }, signal: AbortSignal): AsyncGenerator<Told> {
    this.opened.push(variables);
    for (const step of this.scripts.shift() ?? []) {
      if (step instanceof Failure) throw step;
      yield { counted: { position: step } };
    }
    // As a stream without news: it ends when its watcher does.
    await new Promise<void>((_resolve, reject) => { signal.addEventListener('abort', () => { reject(new DOMException('ended', 'AbortError')); }); });
  }
}

/** Places by hand: others hold all of them until `free`. */
class Places {
  taken = 0;
  private isFree: Promise<void> | null = null;
  free: () => void = () => undefined;

  occupy(): void {
    this.isFree = new Promise((resolve) => { this.free = resolve; });
  }

  async take(signal: AbortSignal): Promise<() => void> {
    const givenUp = new Promise((_, failed) => { signal.addEventListener('abort', () => { failed(new Error('given up')); }); });
    await Promise.race([this.isFree, givenUp]);
    this.taken++;
    return () => { this.taken--; };
  }
}

/** Hide this tab, or show it, as a browser does. */
function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

function watching(...scripts: (string | Failure)[][]): { streams: Streams; live: Live; told: string[]; begun: string[]; end: () => void; until: (is: () => boolean) => Promise<void>; places: Places } {
  const streams = new Streams();
  const places = new Places();
  streams.scripts = scripts;
  TestBed.configureTestingModule({ providers: [{ provide: Graph, useValue: streams }, { provide: StreamPlaces, useValue: places }] });
  const live = TestBed.inject(Live);
  const told: string[] = [];
  // What had been told by the time that the stream began from now on.
  const begun: string[] = [];
  const end = live.watch(COUNTED, {}, (result) => result.counted, (result) => told.push(result.counted.position), TestBed.inject(DestroyRef), () => begun.push(told.join()));
  return { streams, places, live, told, begun, end, until: async (is) => { await vi.waitUntil(is, { timeout: 10_000 }); } };
}

describe('a stream of changes', () => {
  test('that is lost is opened again from the last position: nothing is missed, nothing comes twice', async () => {
    const lost = new Failure('away', 'The stream of changes ended.');
    const { streams, live, told, until } = watching(['1', '2', lost], ['3']);
    await until(() => live.lostSince() !== null);
    expect(told).toEqual(['1', '2']);
    await until(() => told.length === 3);
    expect(streams.opened).toEqual([{}, { position: '2' }]);
    expect(live.lostSince()).toBeNull();
  });

  test('whose position is not kept any more is watched from now on at once, and the view reads again what it missed', async () => {
    const { streams, live, told, begun, until } = watching(['1', new Failure('away', '')], [new Failure('refused', 'gone')], ['9']);
    await until(() => told.length === 2);
    expect(streams.opened).toEqual([{}, { position: '1' }, {}]);
    // When it is open, not before: what changes while the view reads is told by the stream.
    expect(begun).toEqual(['', '1']);
    expect(live.lostSince()).toBeNull();
  });

  test('that goes on from its position has missed nothing, so the view reads nothing again', async () => {
    const { told, begun, until } = watching(['1', new Failure('away', '')], ['2']);
    await until(() => told.length === 2);
    expect(begun).toEqual(['']);
  });

  test('that is refused from the beginning is paused for, and not asked for without end', async () => {
    const { streams, live, told, until } = watching([new Failure('refused', 'no such filter')], ['1']);
    await until(() => live.lostSince() !== null);
    expect(streams.opened).toHaveLength(1);
    await until(() => told.length === 1);
  });

  test('that is not allowed is not asked for again', async () => {
    const { streams, live, until } = watching([new Failure('not-allowed', 'No.')]);
    await until(() => streams.opened.length === 1);
    expect(live.lostSince()).toBeNull();
    expect(streams.opened).toHaveLength(1);
  });

  test('that its view ended is neither lost nor opened again', async () => {
    const { streams, live, end, until } = watching([new Failure('away', '')]);
    await until(() => live.lostSince() !== null);
    end();
    expect(live.lostSince()).toBeNull();
    window.dispatchEvent(new Event('online'));
    await Promise.resolve();
    expect(streams.opened).toHaveLength(1);
  });

  test('begins again at once when the network is back', async () => {
    const { live, told, until } = watching([new Failure('away', '', 3_600)], ['1']);
    await until(() => live.lostSince() !== null);
    window.dispatchEvent(new Event('online'));
    await until(() => told.length === 1);
  });

  test('gives its place back when it is lost, and when its view ended', async () => {
    const { places, live, told, end, until } = watching(['1', new Failure('away', '')], ['2']);
    await until(() => live.lostSince() !== null);
    expect(places.taken).toBe(0);
    await until(() => told.length === 2);
    expect(places.taken).toBe(1);
    end();
    await until(() => places.taken === 0);
  });
});

describe('a stream of changes in a tab that is hidden', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); hide(false); });

  async function passes(seconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
  }

  test('leaves its place after some seconds, and goes on from its position when it is seen: nothing is missed', async () => {
    const { streams, places, live, told, begun } = watching(['1', '2'], ['3']);
    await passes(1);
    expect(told).toEqual(['1', '2']);
    hide(true);
    await passes(60);
    expect(places.taken).toBe(0);
    expect(streams.opened).toHaveLength(1);
    expect(live.lostSince()).toBeNull();
    hide(false);
    await passes(1);
    expect(streams.opened).toEqual([{}, { position: '2' }]);
    expect(told).toEqual(['1', '2', '3']);
    expect(begun).toEqual(['']);
  });

  test('stays for who looks at another tab for a moment only', async () => {
    const { streams, places } = watching(['1'], ['2']);
    await passes(1);
    hide(true);
    await passes(3);
    hide(false);
    await passes(60);
    expect(streams.opened).toHaveLength(1);
    expect(places.taken).toBe(1);
  });

  test('is not opened before it is seen', async () => {
    hide(true);
    const { streams, told } = watching(['1']);
    await passes(60);
    expect(streams.opened).toHaveLength(0);
    hide(false);
    await passes(1);
    expect(told).toEqual(['1']);
  });

  test('ends with its view', async () => {
    const { streams, end } = watching(['1'], ['2']);
    await passes(1);
    hide(true);
    await passes(60);
    end();
    hide(false);
    await passes(60);
    expect(streams.opened).toHaveLength(1);
  });
});

describe('a stream of changes without a place', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); hide(false); });

  test('has its view read again every ten seconds, and is told from now on once there is a place', async () => {
    const { streams, places, live, told, begun } = watching(['1', new Failure('away', '')], ['9']);
    await vi.advanceTimersByTimeAsync(1);
    expect(live.lostSince()).not.toBeNull();
    places.occupy();
    await vi.advanceTimersByTimeAsync(32_000);
    expect(begun).toEqual(['', '1', '1', '1', '1']);
    // What is shown is as old as the last question, and no older.
    expect(live.lostSince()).toBeNull();
    expect(streams.opened).toHaveLength(1);
    places.free();
    await vi.advanceTimersByTimeAsync(1_000);
    // The view has read what came before.
    expect(streams.opened).toEqual([{}, {}]);
    expect(begun).toEqual(['', '1', '1', '1', '1', '1']);
    expect(told).toEqual(['1', '9']);
  });

  test('asks for nothing while its tab is hidden', async () => {
    const { places, begun } = watching(['1']);
    places.occupy();
    await vi.advanceTimersByTimeAsync(2_000);
    hide(true);
    await vi.advanceTimersByTimeAsync(5_000);
    const before = begun.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toHaveLength(before);
  });
});
