import type { DestroyRef } from '@angular/core';

/** What can be read again: a resource, or what behaves like one. */
export interface Readable {
  isLoading(): boolean;
  reload(): boolean;
}

/**
 * Return a function that has `readables` read again `pauseMs` after it is called, however often it is called until then.
 * One that is being read just then may be about to show what was before the call, so it is read once more afterwards.
 * Nothing is read while the tab is hidden; what changed meanwhile is read once when it is seen again.
 */
export function readingAgain(pauseMs: number, destroyed: DestroyRef, ...readables: readonly Readable[]): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: readonly Readable[] = [];
  const read = (): void => {
    timer = undefined;
    if (document.hidden) return;
    const busy = waiting.filter((one) => one.isLoading());
    for (const one of waiting) if (!busy.includes(one)) one.reload();
    waiting = busy;
    timer = busy.length ? setTimeout(read, pauseMs) : undefined;
  };
  const seen = (): void => { if (!document.hidden && waiting.length && timer === undefined) read(); };
  document.addEventListener('visibilitychange', seen);
  destroyed.onDestroy(() => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seen);
  });
  return () => {
    waiting = readables;
    timer ??= setTimeout(read, pauseMs);
  };
}
