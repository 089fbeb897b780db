import { DestroyRef, Injectable, Signal, computed, inject, signal } from '@angular/core';

import type { Document } from './document';
import { Failure, asFailure } from './failure';
import { Graph } from './graph';
import { StreamPlaces } from './stream-places';
import { untilSeen, whileSeen } from './while-seen';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** A tab that is hidden for longer leaves its streams to others. */
const HIDDEN_MS = 5_000;
/** How long a watch waits for a place before its view reads by itself, and how often it does so then. */
const PATIENCE_MS = 1_000;
const WITHOUT_PLACE_MS = 10_000;

interface Positioned {
  readonly position: string;
}

/** How the streams of this tab are: the banner at the top says so when one is lost. */
@Injectable({ providedIn: 'root' })
export class Live {
  private readonly graph = inject(Graph);
  private readonly places = inject(StreamPlaces);
  private readonly losses = signal<ReadonlyMap<object, Date>>(new Map());

  /** Since when changes do not come, or null while they do. */
  readonly lostSince: Signal<Date | null> = computed(() => {
    const times = [...this.losses().values()].map((at) => at.getTime());
    return times.length ? new Date(Math.min(...times)) : null;
  });

  /**
   * Watch until the calling component ends: `told` hears each answer. A lost stream is opened again from the last
   * position, so nothing is missed and nothing comes twice. A hidden tab has no stream, and goes on when it is seen.
   *
   * `begun` is called when a stream tells from now on: at first, and when the server does not keep the position any more.
   * What the view had read before may be older than that, so it reads again, and has no gap. While other tabs hold all
   * places for streams, `begun` is called every ten seconds instead.
   */
  watch<Result, Variables extends object>(
    document: Document<Result, Variables>,
    variables: Variables,
    read: (result: Result) => Positioned,
    told: (result: Result) => void,
    destroyed: DestroyRef,
    begun: () => void,
  ): () => void {
    const ending = new AbortController();
    const end = (): void => {
      ending.abort();
      this.note(ending, false);
    };
    destroyed.onDestroy(end);
    void this.follow(document, variables, read, told, begun, ending);
    return end;
  }

  private async follow<Result, Variables extends object>(
    document: Document<Result, Variables>,
    variables: Variables,
    read: (result: Result) => Positioned,
    told: (result: Result) => void,
    begun: () => void,
    ending: AbortController,
  ): Promise<void> {
    let position = null as string | null;
    let failures = 0;
    const stream = async (signal: AbortSignal): Promise<void> => {
      const leave = await this.place(signal, () => {
        position = null;
        this.note(ending, false);
        begun();
      });
      try {
        const from: Variables = position === null ? variables : { ...variables, position };
        for await (const result of this.graph.watch(document, from, signal)) {
          failures = 0;
          this.note(ending, false);
          const isFirst = position === null;
          position = read(result).position;
          if (isFirst) begun();
          told(result);
        }
      } finally {
        leave();
      }
    };
    while (!ending.signal.aborted) {
      try {
        await untilSeen(ending.signal);
        if (ending.signal.aborted) return;
        await whileSeen(ending.signal, HIDDEN_MS, stream);
      } catch (error) {
        if (ending.signal.aborted) return;
        const failure = asFailure(error);
        if (failure.kind === 'not-allowed') return;
        this.note(ending, true);
        if (failure.kind === 'refused' && position !== null) {
          // The server does not keep it any more: from now on, at once; the view reads what it missed.
          position = null;
          continue;
        }
        await this.pause(failure, failures++, ending.signal);
      }
    }
  }

  /** Return what gives the stream's place back; while there is none, the view reads: by `ask`, again and again. */
  private async place(signal: AbortSignal, ask: () => void): Promise<() => void> {
    let timer = setTimeout(function again() {
      ask();
      timer = setTimeout(again, WITHOUT_PLACE_MS);
    }, PATIENCE_MS);
    try {
      return await this.places.take(signal);
    } finally {
      clearTimeout(timer);
    }
  }

  private async pause(failure: Failure, failures: number, signal: AbortSignal): Promise<void> {
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    const pause = Math.max(longest * (0.5 + Math.random() / 2), failure.retryAfterSeconds * 1000);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause);
      signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
      window.addEventListener('online', () => { clearTimeout(timer); resolve(); }, { once: true, signal });
    });
  }

  private note(stream: object, lost: boolean): void {
    if (lost === this.losses().has(stream)) return;
    const losses = new Map(this.losses());
    if (lost) losses.set(stream, new Date());
    else losses.delete(stream);
    this.losses.set(losses);
  }
}
