import type { DestroyRef } from '@angular/core';

import { readingAgain } from './reading-again';

class Reading {
  loading = false;
  times = 0;

  isLoading(): boolean {
    return this.loading;
  }

  reload(): boolean {
    this.times++;
    return true;
  }
}

function destroying(): { destroyed: DestroyRef; destroy: () => void } {
  let end: () => void = () => undefined;
  return { destroyed: { destroyed: false, onDestroy: (then: () => void) => { end = then; return () => undefined; } }, destroy: () => { end(); } };
}

/** Hide this tab, or show it, as a browser does. */
function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('reading again', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); hide(false); });

  test('is done once however many changes come, and goes on while they do not stop', () => {
    const reading = new Reading();
    const again = readingAgain(500, destroying().destroyed, reading);
    for (let at = 0; at < 2_000; at += 100) {
      again();
      vi.advanceTimersByTime(100);
    }
    expect(reading.times).toBe(4);
  });

  test('waits for the answer that is on its way, as that may be older than the change', () => {
    const reading = new Reading();
    reading.loading = true;
    readingAgain(500, destroying().destroyed, reading)();
    vi.advanceTimersByTime(5_000);
    expect(reading.times).toBe(0);
    reading.loading = false;
    vi.advanceTimersByTime(500);
    expect(reading.times).toBe(1);
  });

  test('ends with its view', () => {
    const reading = new Reading();
    const { destroyed, destroy } = destroying();
    readingAgain(500, destroyed, reading)();
    destroy();
    vi.advanceTimersByTime(5_000);
    expect(reading.times).toBe(0);
  });

  test('rests while the tab is hidden, and is done once when it is seen again', () => {
    const reading = new Reading();
    const again = readingAgain(500, destroying().destroyed, reading);
    hide(true);
    for (let at = 0; at < 5; at++) {
      again();
      vi.advanceTimersByTime(1_000);
    }
    expect(reading.times).toBe(0);
    hide(false);
    expect(reading.times).toBe(1);
    vi.advanceTimersByTime(5_000);
    expect(reading.times).toBe(1);
  });

  test('is not done for a tab that is seen again and in which nothing changed, nor after its view', () => {
    const reading = new Reading();
    const { destroyed, destroy } = destroying();
    const again = readingAgain(500, destroyed, reading);
    hide(true);
    hide(false);
    again();
    hide(true);
    vi.advanceTimersByTime(1_000);
    destroy();
    hide(false);
    expect(reading.times).toBe(0);
  });
});
