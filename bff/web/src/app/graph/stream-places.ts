import { Injectable, InjectionToken, inject } from '@angular/core';

/**
 * Over HTTP/1.1 a browser opens six connections to a server, for all tabs together, and a stream holds one for as long as
 * it lives. So streams get four places; two connections are left for questions and files.
 */
export const PLACES = 4;

/** What the tabs of a browser share out the places with; null where connections are not counted, so everyone has one. */
export const SHARED_LOCKS = new InjectionToken<LockManager | null>('locks that all tabs share', {
  providedIn: 'root',
  factory: () => (hasManyStreamsOnAConnection() ? null : ((navigator.locks as LockManager | undefined) ?? null)),
});

/** Gives each stream of each tab its place. A tab that is closed or crashes loses its places by itself. */
@Injectable({ providedIn: 'root' })
export class StreamPlaces {
  private readonly locks = inject(SHARED_LOCKS);

  /**
   * Return once there is a place; call what is returned to give it back. Who asked first is served first.
   *
   * @throws the reason of `signal`, when it is aborted while there is none.
   */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const { locks } = this;
    if (!locks) return () => undefined;
    const found = new AbortController();
    const asking = AbortSignal.any([signal, found.signal]);
    return new Promise((taken, failed) => {
      signal.addEventListener('abort', () => { failed(signal.reason as Error); }, { once: true, signal: found.signal });
      for (let place = 0; place < PLACES; place++) {
        const held = async (): Promise<void> => {
          // Several may be free: one is enough.
          if (asking.aborted) return;
          found.abort();
          await new Promise<void>((back) => { taken(back); });
        };
        locks.request(`meterpark-stream-${place}`, { signal: asking }, held).catch((error: unknown) => { if (!asking.aborted) failed(error as Error); });
      }
    });
  }
}

/** HTTP/2 and 3 carry all streams on one connection. A proxy before the bff may speak them; the bff itself does not. */
function hasManyStreamsOnAConnection(): boolean {
  const [arrival] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return /^h[23]/.test(arrival?.nextHopProtocol ?? '');
}
