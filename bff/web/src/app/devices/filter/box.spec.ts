import { boxText, readBox } from './box';

describe('a part of the map in the address', () => {
  test('is the same after its way through it', () => {
    const box = { south: -17.8, west: 179.1234567, north: 48, east: -179 };
    expect(readBox(boxText(box))).toEqual(box);
  });

  test('is written without digits that say nothing', () => {
    expect(boxText({ south: 47.100000000000001, west: 8, north: 47.5, east: 9.00000004 })).toBe('47.1,8,47.5,9');
  });

  test.each([null, '', '47,8,48', '48,8,47,9', '47,8,48,8', '47,8,91,9', '47,-181,48,9', '47,8,48,9,1', 'NaN,8,48,9', '47,8,48,1e1'])('of %s is none', (text) => {
    expect(readBox(text)).toBeNull();
  });
});
