import { newest } from './newest';

const at = (asOf: string | null): { asOf: string | null } => ({ asOf });

describe('the newest count of the park', () => {
  test('is the one that is there', () => {
    const one = at(null);
    expect(newest(one, null)).toBe(one);
    expect(newest(null, one)).toBe(one);
    expect(newest(null, null)).toBeNull();
  });

  test('is what was read, when the stream has told nothing for longer, and what the stream told else', () => {
    // As texts they are in the other order.
    const [earlier, later] = [at('2026-11-30T01:00:00Z'), at('2026-11-30T01:00:00.250Z')];
    expect(newest(earlier, later)).toBe(later);
    expect(newest(later, earlier)).toBe(later);
  });

  test('is the first one when nothing says so', () => {
    const [one, other] = [at(null), at(null)];
    expect(newest(one, other)).toBe(one);
  });
});
