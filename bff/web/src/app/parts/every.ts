import type { DestroyRef } from '@angular/core';

/** Call `again` every `milliseconds` until the component ends; not while the tab is hidden, and at once when it is seen again. */
export function every(milliseconds: number, again: () => void, destroyed: DestroyRef): void {
  const timer = setInterval(() => { if (!document.hidden) again(); }, milliseconds);
  const seen = (): void => { if (!document.hidden) again(); };
  document.addEventListener('visibilitychange', seen);
  destroyed.onDestroy(() => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', seen);
  });
}
