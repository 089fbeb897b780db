import { DestroyRef } from '@angular/core';

/**
 * Call `look` again and again until the calling component ends; `pauseMs` says how long after the last one has ended,
 * null that no more is needed for now. Nobody looks while the tab is hidden.
 */
export function poll(look: () => Promise<void>, pauseMs: () => number | null, destroyed: DestroyRef): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const next = (): void => {
    if (!over) timer = setTimeout(() => void turn(), pauseMs() ?? IDLE_MS);
  };
  const turn = async (): Promise<void> => {
    if (!document.hidden && pauseMs() !== null) await look();
    next();
  };
  // A component is given its inputs only after its constructor, and the pause may depend on them.
  timer = setTimeout(next);
  destroyed.onDestroy(() => { over = true; clearTimeout(timer); });
}

const IDLE_MS = 500;
