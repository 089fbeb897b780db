import { Failure } from '../../graph/failure';
import { askedFor, lookAgainMs } from './replay';

describe('a request to read messages again', () => {
  it('asked for all that wait, were resolved, or failed again', () => {
    expect(askedFor({ waitingCount: 3, resolvedCount: 4, failedCount: 5 })).toBe(12);
  });

  it('is looked at each second while messages wait, and not after the last one', () => {
    expect(lookAgainMs(null, null, 0)).toBe(1_000);
    expect(lookAgainMs({ waitingCount: 3, resolvedCount: 0, failedCount: 0 }, null, 0)).toBe(1_000);
    expect(lookAgainMs({ waitingCount: 0, resolvedCount: 3, failedCount: 0 }, null, 0)).toBeNull();
  });

  it('is not looked at by who may not see it', () => {
    expect(lookAgainMs(null, new Failure('not-allowed', 'No.'), 1)).toBeNull();
  });

  it('is looked at ever more seldom while that fails, and not before the server wants it', () => {
    expect([1, 2, 3, 50].map((failures) => lookAgainMs(null, new Failure('away', 'gone'), failures))).toEqual([2_000, 4_000, 8_000, 60_000]);
    expect(lookAgainMs(null, new Failure('too-often', 'wait', 90), 1)).toBe(90_000);
  });
});
