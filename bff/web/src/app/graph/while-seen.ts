/** Return when the tab is seen, or when `signal` is aborted. */
export async function untilSeen(signal: AbortSignal): Promise<void> {
  if (!document.hidden || signal.aborted) return;
  const seen = new AbortController();
  await new Promise<void>((resolve) => {
    document.addEventListener('visibilitychange', () => { if (!document.hidden) resolve(); }, { signal: seen.signal });
    signal.addEventListener('abort', () => { resolve(); }, { signal: seen.signal });
  });
  seen.abort();
}

/** Do `work`; the signal that it is given is aborted with `signal`, and when the tab was hidden for `graceMs` on end. */
export async function whileSeen(signal: AbortSignal, graceMs: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const hidden = new AbortController();
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    timer = document.hidden ? setTimeout(() => { hidden.abort(); }, graceMs) : undefined;
  };
  document.addEventListener('visibilitychange', look, { signal: over.signal });
  look();
  try {
    await work(AbortSignal.any([signal, hidden.signal]));
  } catch (error) {
    if (!hidden.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}
