import { COLUMNS, SORT_KEYS, chosenColumns, leastWidth } from './columns';

describe('the columns of devices', () => {
  test('are the usual ones when nobody chose, and when a choice names none that is known', () => {
    expect(chosenColumns(null)).toEqual(chosenColumns('no-such-column'));
    expect(chosenColumns(null)[0]?.name).toBe('device');
  });

  test('come in their own order, whatever the order of the choice, with the device first', () => {
    expect(chosenColumns('model,power').map((column) => column.name)).toEqual(['device', 'power', 'model']);
  });

  test('are as wide together as each is at least', () => {
    expect(leastWidth(chosenColumns('power,tags'))).toBe('14rem + 7.5rem + 8rem');
  });

  test('have names of their own, and a sort key of their own or none', () => {
    expect(new Set(COLUMNS.map((column) => column.name)).size).toBe(COLUMNS.length);
    const keys = COLUMNS.map((column) => column.sort).filter((key) => key !== null);
    expect(new Set(keys).size).toBe(keys.length);
    expect(SORT_KEYS.size).toBe(keys.length + 1);
  });
});
