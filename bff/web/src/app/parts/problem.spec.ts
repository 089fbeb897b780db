import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Failure } from '../graph/failure';
import type { FailureKind } from '../graph/failure';
import { Problem } from './problem';

/** A view's problem, and how often it asked again. */
function shown(kind: FailureKind): { readonly again: ReturnType<typeof vi.fn>; readonly end: () => void } {
  const made = TestBed.createComponent(Problem);
  const again = vi.fn();
  made.componentRef.setInput('failure', new Failure(kind, 'The register cannot be reached.'));
  made.componentInstance.again.subscribe(again);
  TestBed.tick();
  return { again, end: () => { made.destroy(); } };
}

describe('a view that could not be shown', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('asks again by itself while the park is away, and no more once it is shown', () => {
    const { again, end } = shown('away');
    vi.advanceTimersByTime(20_000);
    expect(again.mock.calls.length).toBeGreaterThan(1);
    const before = again.mock.calls.length;
    end();
    vi.advanceTimersByTime(20_000);
    expect(again).toHaveBeenCalledTimes(before);
  });

  it('leaves what asking again cannot mend to the person', () => {
    const kinds: readonly FailureKind[] = ['not-allowed', 'refused', 'defect', 'logged-out', 'too-often'];
    const all = kinds.map(shown);
    vi.advanceTimersByTime(20_000);
    for (const { again } of all) expect(again).not.toHaveBeenCalled();
  });
});
