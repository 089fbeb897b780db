import { agesOf, staysOf } from './stays';
import type { Stated } from './stays';

const entry = (kind: string, occurredAt: string, details: Record<string, string> = {}): Stated => ({
  kind, occurredAt, details: Object.entries(details).map(([name, value]) => ({ name, value })),
});

describe('the usage points of a device', () => {
  it('follow each other, the newest first', () => {
    expect(staysOf([
      entry('installed', '2026-05-01T00:00:00Z', { usage_point: 'UP-2', area: 'Chur' }),
      entry('uninstalled', '2026-03-01T00:00:00Z', { usage_point: 'UP-1' }),
      entry('installed', '2020-01-01T00:00:00Z', { usage_point: 'UP-1' }),
    ])).toEqual([
      { place: 'UP-2', area: 'Chur', since: '2026-05-01T00:00:00Z', until: null },
      { place: 'UP-1', area: null, since: '2020-01-01T00:00:00Z', until: '2026-03-01T00:00:00Z' },
    ]);
  });

  it('are ordered by when things happened, although a message came late', () => {
    const late = entry('installed', '2020-01-01T00:00:00Z', { usage_point: 'UP-1' });
    const now = entry('configured', '2026-05-01T00:00:00Z', { usage_point: 'UP-2' });
    expect(staysOf([late, now]).map((stay) => stay.place)).toEqual(['UP-2', 'UP-1']);
  });

  it('do not begin anew when the same place is said again, or nothing of a place', () => {
    expect(staysOf([
      entry('configured', '2026-06-01T00:00:00Z', { area: 'Chur', usage_point: 'UP-1' }),
      entry('configured', '2026-05-15T00:00:00Z', { model: 'E450' }),
      entry('installed', '2026-05-01T00:00:00Z', { usage_point: 'UP-1' }),
    ])).toEqual([{ place: 'UP-1', area: 'Chur', since: '2026-05-01T00:00:00Z', until: null }]);
  });

  it('say that the beginning is not known where it was not read', () => {
    expect(staysOf([entry('uninstalled', '2026-05-01T00:00:00Z', { usage_point: 'UP-1' })])).toEqual([
      { place: 'UP-1', area: null, since: null, until: '2026-05-01T00:00:00Z' },
    ]);
  });
});

describe('the age of a fact', () => {
  it('is when the newest entry that says it happened, although an older one came late', () => {
    const ages = agesOf([
      entry('configured', '2020-01-01T00:00:00Z', { model: 'E450' }),
      entry('configured', '2026-05-01T00:00:00Z', { model: 'E450', area: 'Chur' }),
    ]);
    expect(ages).toEqual(new Map([['model', '2026-05-01T00:00:00Z'], ['area', '2026-05-01T00:00:00Z']]));
  });
});
