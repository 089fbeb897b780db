import { rowDetail } from './row-detail';

describe('what is wrong with a row', () => {
  // In English the page says what the register says: only words of a language are another's.
  test.each([
    'network: is empty', 'longitude: is empty, latitude is not', '3 fields, the line of names has 4', 'serial: north/1 stands in line 2 already',
    "latitude: '91' is not from -90 to 90 degrees", "line 1: column 'colour' is not known; those known are serial, model", 'line 3: more than 500,000 rows',
    'something that a later register says',
  ])('%s', (detail) => expect(rowDetail(detail)).toBe(detail));

  test('nothing is nothing', () => expect(rowDetail(null)).toBe(''));
});
