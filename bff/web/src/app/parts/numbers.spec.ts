import { share, whole } from './numbers';

describe('numbers', () => {
  test('are grouped as the language does', () => {
    expect(whole(1_000_000)).toBe('1,000,000');
  });

  test.each([[0, 10, '0 %'], [1, 1_000, '<1 %'], [999, 1_000, '>99 %'], [1_000, 1_000, '100 %'], [1, 3, '33 %'], [0, 0, '–']])(
    'the share of %i in %i is "%s": what is there is never 0 %%, what is missing never 100 %%', (part, all, text) => {
      expect(share(part, all)).toBe(text);
    });
});
