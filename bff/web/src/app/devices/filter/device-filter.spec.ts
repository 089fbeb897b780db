import { NO_FILTER, filterInput, filterParameters, isEmpty, readFilter, readSorting, sortedBy, sortingParameter, toggled } from './device-filter';
import type { DeviceFilter, Sorting } from './device-filter';

const NOW = new Date('2026-11-29T12:00:00Z');
const FULL: DeviceFilter = {
  words: { lifecycle: ['IN_OPERATION', 'ERROR'], power: ['OFF'], area: ['Nord, Süd & Ost'], tag: ['a=b'] },
  beginning: 'VIEWS',
  ending: '01',
  marked: true,
  olderThan: { POWER: 24 },
  silentHours: 48,
  box: { south: 47.1234567, west: -8.5, north: 48, east: 9 },
  placed: true,
};

function address(filter: DeviceFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, said] of Object.entries(filterParameters(filter))) {
    for (const value of said === null ? [] : [said].flat()) query.append(name, value);
  }
  return query;
}

describe('the filter of devices', () => {
  test('is the same after its way through the address', () => {
    expect(readFilter(new URLSearchParams(address(FULL).toString()))).toEqual(FULL);
  });

  test('of an empty address is no filter', () => {
    expect(readFilter(new URLSearchParams())).toEqual(NO_FILTER);
    expect(isEmpty(NO_FILTER)).toBe(true);
    expect(address(NO_FILTER).toString()).toBe('');
  });

  test('leaves out what no filter says, and never fails', () => {
    const forged = 'lifecycle=&power=OFF&power=OFF&older=power&older=nothing:3&older=constructor:3&older=tamper:-1&silent=1e9&marked=maybe&box=1,2,3&placed=perhaps&__proto__=x';
    expect(readFilter(new URLSearchParams(forged))).toEqual({ ...NO_FILTER, words: { power: ['OFF'] } });
  });

  test('takes no more words of a condition than the graph does', () => {
    const query = new URLSearchParams(Array.from({ length: 300 }, (_, number): [string, string] => ['area', `A${number}`]));
    expect(readFilter(query).words.area).toHaveLength(100);
  });

  test('counts ages from now for the graph', () => {
    const input = filterInput(FULL, NOW);
    expect(input.facetAges).toEqual([{ facet: 'POWER', since: { end: '2026-11-28T12:00:00.000Z' } }]);
    expect(input.lastContact).toEqual({ end: '2026-11-27T12:00:00.000Z' });
    expect(input).toMatchObject({ powers: ['OFF'], textBeginning: 'VIEWS', textEnding: '01', markedForExchange: true, placed: true, box: FULL.box });
  });

  test('with silence of 0 hours means never heard of', () => {
    const input = filterInput({ ...NO_FILTER, silentHours: 0 }, NOW);
    expect(input).toEqual({ neverContacted: true });
  });

  test('gains a word by a click, and loses it by the next', () => {
    const once = toggled(NO_FILTER, 'power', 'OFF');
    expect(once.words.power).toEqual(['OFF']);
    expect(isEmpty(toggled(once, 'power', 'OFF'))).toBe(true);
  });
});

describe('the order of devices', () => {
  const known = new Set(['DEVICE_ID', 'MODEL', 'AREA', 'POWER', 'SWITCH', 'TAMPER']);
  const byId: readonly Sorting[] = [{ by: 'DEVICE_ID', direction: 'ASC' }];

  test('is the same after its way through the address', () => {
    const sorting: readonly Sorting[] = [{ by: 'POWER', direction: 'DESC' }, { by: 'MODEL', direction: 'ASC' }];
    expect(sortingParameter(sorting)).toBe('-power,model');
    expect(readSorting(new URLSearchParams({ sort: '-power,model' }), known)).toEqual(sorting);
  });

  test('leaves out keys that are not known, and has at most four', () => {
    expect(readSorting(new URLSearchParams({ sort: 'constructor,-' }), known)).toEqual(byId);
    expect(readSorting(new URLSearchParams({ sort: 'model,area,power,switch,tamper' }), known)).toHaveLength(4);
    expect(sortingParameter(byId)).toBeNull();
  });

  test('goes up, down and away by clicks on one column', () => {
    const up = sortedBy(byId, 'MODEL', false);
    const down = sortedBy(up, 'MODEL', false);
    expect([up, down, sortedBy(down, 'MODEL', false)]).toEqual([[{ by: 'MODEL', direction: 'ASC' }], [{ by: 'MODEL', direction: 'DESC' }], byId]);
  });

  test('keeps the other keys and their places when a further one is chosen', () => {
    const two = sortedBy(sortedBy(byId, 'MODEL', true), 'AREA', true);
    expect(two.map((one) => one.by)).toEqual(['MODEL', 'AREA']);
    expect(sortedBy(two, 'MODEL', true)).toEqual([{ by: 'MODEL', direction: 'DESC' }, { by: 'AREA', direction: 'ASC' }]);
  });
});
