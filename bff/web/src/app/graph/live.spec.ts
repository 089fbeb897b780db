import { DestroyRef } from '@angular/core';
import { TestBed } from '@angular/core/testing';

import type { Document } from './document';
import { Failure } from './failure';
import { Graph } from './graph';
import { Live } from './live';

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

function watching(...scripts: (string | Failure)[][]): { streams: Streams; live: Live; told: string[]; begun: string[]; end: () => void; until: (is: () => boolean) => Promise<void> } {
  const streams = new Streams();
  streams.scripts = scripts;
  TestBed.configureTestingModule({ providers: [{ provide: Graph, useValue: streams }] });
  const live = TestBed.inject(Live);
  const told: string[] = [];
  // What had been told by the time that the stream began from now on.
  const begun: string[] = [];
  const end = live.watch(COUNTED, {}, (result) => result.counted, (result) => told.push(result.counted.position), TestBed.inject(DestroyRef), () => begun.push(told.join()));
  return { streams, live, told, begun, end, until: async (is) => { await vi.waitUntil(is, { timeout: 10_000 }); } };
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
});
