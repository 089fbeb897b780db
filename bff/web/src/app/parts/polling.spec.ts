import type { DestroyRef } from '@angular/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { poll } from './polling';

function component(): { readonly destroyed: DestroyRef; readonly end: () => void } {
  const ends: (() => void)[] = [];
  const destroyed = { onDestroy: (end: () => void) => { ends.push(end); return () => undefined; } } as unknown as DestroyRef;
  return { destroyed, end: () => { ends.forEach((end) => { end(); }); } };
}

describe('a poll', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('asks for no pause while its component is made, as inputs come later', () => {
    const { destroyed } = component();
    poll(async () => Promise.resolve(), () => { throw new Error('no input yet'); }, destroyed);
  });

  it('looks after each pause, rests where none is told, and goes on', async () => {
    const look = vi.fn(async () => Promise.resolve());
    let pause: number | null = 1_000;
    poll(look, () => pause, component().destroyed);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(look).toHaveBeenCalledTimes(2);
    pause = null;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(look).toHaveBeenCalledTimes(2);
    pause = 1_000;
    await vi.advanceTimersByTimeAsync(900);
    expect(look).toHaveBeenCalledTimes(3);
  });

  it('ends with its component, also before its first look', async () => {
    const { destroyed, end } = component();
    const look = vi.fn(async () => Promise.resolve());
    poll(look, () => 10, destroyed);
    end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(look).not.toHaveBeenCalled();
  });
});
