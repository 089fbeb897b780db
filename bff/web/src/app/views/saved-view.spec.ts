import { NO_FILTER as NO_ALARM_FILTER } from '../alarms/alarm-filter';
import { chosenColumns } from '../devices/columns';
import { NO_FILTER, readFilter } from '../devices/filter/device-filter';
import type { DeviceFilter, Sorting } from '../devices/filter/device-filter';
import { addressOf, alarmsNow, contentOf, opened, renamed, sameAddress } from './saved-view';
import type { SavedView, Shown } from './saved-view';

const BY_CONTACT: readonly Sorting[] = [{ by: 'LAST_CONTACT_AT', direction: 'DESC' }, { by: 'MODEL', direction: 'ASC' }];
const NO_CONDITION: SavedView['filter'] = {
  networks: [], lifecycles: [], powers: [], switches: [], communications: [], tampers: [], firmwares: [], models: [], manufacturers: [],
  communicationTechnologies: [], firmwareVersions: [], usagePoints: [], parents: [], areas: [], tags: [], textBeginning: null, textEnding: null,
  markedForExchange: null, facetAges: [], lastContact: null, neverContacted: null, box: null, placed: null,
};

function shown(filter: Partial<DeviceFilter>, sorting = BY_CONTACT): Shown {
  return { filter: { ...NO_FILTER, ...filter }, sorting, columns: chosenColumns('power,area') };
}

/** Return a view as the register gives it back after it was asked to keep `content`. */
function kept({ filter, lasting, silentSeconds, orderBy, columns, name, shared }: ReturnType<typeof contentOf>): SavedView {
  return {
    viewId: 'f'.repeat(32), name, shared: shared ?? false, owner: 'anna', own: true, etag: 'v0',
    filter: { ...NO_CONDITION, ...(filter as Partial<SavedView['filter']>) },
    orderBy: (orderBy ?? []).map(({ by, direction }) => ({ by, direction: direction ?? 'ASC' })),
    columns: [...(columns as string[])], lasting: [...(lasting as SavedView['lasting'])], silentSeconds: silentSeconds ?? null, alarms: null,
    viewerCan: { update: true, delete: true },
  };
}

describe('a saved view', () => {
  test.each<Partial<DeviceFilter>>([
    {},
    { words: { lifecycle: ['ERROR', 'DISCOVERED'], tag: ['yard-7'] }, marked: false, placed: true },
    { beginning: '1EMH', ending: '99', olderThan: { LIFECYCLE: 24, POWER: 1 }, silentHours: 26 },
    { silentHours: 0, box: { south: 46.9, west: 7.4, north: 47, east: 7.5 } },
  ])('opens the address from which it was saved: %j', (filter) => {
    const now = shown(filter);
    const { parameters, unknown } = opened(kept(contentOf(now, 'mine', false)));
    expect(unknown).toEqual([]);
    expect(sameAddress(parameters, addressOf(now))).toBe(true);
    const query = new URLSearchParams(Object.entries(parameters).flatMap(([key, said]) => (said === null ? [] : [said].flat().map((word) => [key, word]))));
    expect(readFilter(query)).toEqual(now.filter);
  });

  test('keeps ages as ages, and no moment of today', () => {
    const content = contentOf(shown({ olderThan: { LIFECYCLE: 24 }, silentHours: 26 }), 'stuck', true);
    expect(content).toMatchObject({ shared: true, lasting: [{ facet: 'LIFECYCLE', seconds: 86_400 }], silentSeconds: 93_600 });
    expect(content.filter).toEqual({});
  });

  test.each<Partial<SavedView['filter']>>([
    { usagePoints: ['UP-1'] },
    { parents: ['DC-1'] },
    { facetAges: [{ facet: 'POWER', since: { start: null, end: '2026-11-18T00:00:00Z' } }] },
    { lastContact: { start: null, end: '2026-11-18T00:00:00Z' } },
    { neverContacted: false },
  ])('says what of it the page cannot show, rather than showing another list: %j', (filter) => {
    const view = { ...kept(contentOf(shown({}), 'mine', false)), filter: { ...NO_CONDITION, ...filter } };
    expect(opened(view).unknown).toHaveLength(1);
  });

  test('says so of an age of minutes, and of an order by the time of a state', () => {
    const view = kept(contentOf(shown({}), 'mine', false));
    expect(opened({ ...view, lasting: [{ facet: 'POWER', seconds: 90 }], silentSeconds: 60 }).unknown).toHaveLength(1);
    expect(opened({ ...view, orderBy: [{ by: 'POWER_AS_OF', direction: 'DESC' }] }).unknown).toHaveLength(1);
  });

  test('keeps all of its content under another name, also what the page has no words for', () => {
    const view = { ...kept(contentOf(shown({ olderThan: { POWER: 2 } }), 'mine', false)), filter: { ...NO_CONDITION, usagePoints: ['UP-1'] } };
    expect(renamed(view, 'ours', true)).toMatchObject({
      name: 'ours', shared: true, filter: { usagePoints: ['UP-1'] }, orderBy: BY_CONTACT, columns: ['device', 'power', 'area'], lasting: [{ facet: 'POWER', seconds: 7_200 }],
    });
  });

  test('is another one when its order or its columns differ', () => {
    const now = shown({ beginning: 'A' });
    expect(sameAddress(addressOf(now), addressOf({ ...now, sorting: [] }))).toBe(false);
    expect(sameAddress(addressOf(now), addressOf({ ...now, columns: chosenColumns('power') }))).toBe(false);
  });
});

describe('a saved view of alarms', () => {
  const NO_ALARM_CONDITION = { networks: [], states: [], severities: [], categories: [], rules: [], deviceId: null, areas: [], assignees: [], withSnoozed: false };
  const filter = { ...NO_ALARM_FILTER, severities: ['CRITICAL'] as const, areas: ['Nord'], rules: ['power-lost'], device: 'north/1', mine: true, withSnoozed: true };
  const now = alarmsNow(filter);

  /** Return a view as the register gives it back after it was asked to keep what the inbox shows. */
  function keptAlarms(more: Partial<NonNullable<SavedView['alarms']>['filter']> = {}): SavedView {
    const { alarms } = now.content('mine', true);
    const said = { ...NO_ALARM_CONDITION, ...(alarms?.filter as object), ...more };
    return { ...kept(contentOf(shown({}), 'mine', true)), alarms: { filter: said, mine: alarms?.mine ?? false } };
  }

  test('opens the inbox from which it was saved', () => {
    const { path, parameters, unknown } = opened(keptAlarms());
    expect([path, unknown]).toEqual(['/alarms', []]);
    expect(sameAddress(parameters, now.parameters)).toBe(true);
  });

  test('keeps "assigned to me" as that of who opens it, and names nobody', () => {
    expect(now.content('mine', true)).toMatchObject({ alarms: { mine: true, filter: { areas: ['Nord'], deviceId: 'north/1' } } });
    expect(now.content('mine', true).alarms?.filter?.assignees).toBeUndefined();
  });

  test.each([{ networks: ['north'] }, { categories: ['POWER'] }, { assignees: ['otto'] }])('says what of it the inbox has no words for: %j', (more) => {
    expect(opened(keptAlarms(more)).unknown).toHaveLength(1);
  });

  test('stays what it is under another name', () => {
    expect(renamed(keptAlarms({ networks: ['north'] }), 'ours', false)).toMatchObject({ name: 'ours', shared: false, alarms: { mine: true, filter: { networks: ['north'] } } });
  });
});
