import { askedFor } from './replay';

describe('a request to read messages again', () => {
  it('asked for all that wait, were resolved, or failed again', () => {
    expect(askedFor({ waitingCount: 3, resolvedCount: 4, failedCount: 5 })).toBe(12);
  });
});
