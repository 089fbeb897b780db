import { compact, share, whole } from './numbers';

describe('numbers', () => {
  test('are grouped as the language does', () => {
    expect(whole(1_000_000)).toBe('1,000,000');
  });

  test('are short where there is little room', () => {
    expect([compact(7), compact(999), compact(12_345), compact(1_000_000)]).toEqual(['7', '999', '12.3K', '1M']);
  });

  test.each([[0, 10, '0 %'], [1, 1_000, '<1 %'], [999, 1_000, '>99 %'], [1_000, 1_000, '100 %'], [1, 3, '33 %'], [0, 0, '–']])(
    'the share of %i in %i is "%s": what is there is never 0 %%, what is missing never 100 %%', (part, all, text) => {
      expect(share(part, all)).toBe(text);
    });
});
