import { DestroyRef, Injectable, Signal, computed, inject, signal } from '@angular/core';

import type { Document } from './document';
import { Failure, asFailure } from './failure';
import { Graph } from './graph';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

interface Positioned {
  readonly position: string;
}

/** How the streams of this tab are: the banner at the top says so when one is lost. */
@Injectable({ providedIn: 'root' })
export class Live {
  private readonly graph = inject(Graph);
  private readonly losses = signal<ReadonlyMap<object, Date>>(new Map());

  /** Since when changes do not come, or null while they do. */
  readonly lostSince: Signal<Date | null> = computed(() => {
    const times = [...this.losses().values()].map((at) => at.getTime());
    return times.length ? new Date(Math.min(...times)) : null;
  });

  /**
   * Watch until the calling component ends: `told` hears each answer. A lost stream is opened again from the last
   * position, so nothing is missed and nothing comes twice.
   *
   * `begun` is called when a stream tells from now on: at first, and when the server does not keep the position any more.
   * What the view had read before may be older than that, so it reads again, and has no gap.
   */
  watch<Result, Variables extends object>(
    document: Document<Result, Variables>,
    variables: Variables,
    read: (result: Result) => Positioned,
    told: (result: Result) => void,
    destroyed: DestroyRef,
    begun: () => void = () => undefined,
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
    let position: string | null = null;
    let failures = 0;
    while (!ending.signal.aborted) {
      try {
        const from: Variables = position === null ? variables : { ...variables, position };
        for await (const result of this.graph.watch(document, from, ending.signal)) {
          failures = 0;
          this.note(ending, false);
          const isFirst = position === null;
          position = read(result).position;
          if (isFirst) begun();
          told(result);
        }
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
