import { day, daysInput } from './days';
import { OWN_ZONE, showZone } from './zone';

describe('a day of a filter', () => {
  afterEach(() => { showZone(OWN_ZONE); });

  test.each([
    ['Europe/Zurich', '2026-03-01', '2026-02-28T23:00:00.000Z', '2026-03-01T23:00:00.000Z'],
    ['America/New_York', '2026-03-01', '2026-03-01T05:00:00.000Z', '2026-03-02T05:00:00.000Z'],
    ['Asia/Kolkata', '2026-01-01', '2025-12-31T18:30:00.000Z', '2026-01-01T18:30:00.000Z'],
    // Days on which clocks change are an hour shorter or longer; of one in Chile the first hour is left out.
    ['Europe/Zurich', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Zurich', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', '2026-09-07T03:00:00.000Z'],
  ])('is one of the zone that is shown: in %s %s', (zone, text, start, end) => {
    showZone(zone);
    expect(daysInput(text, text)).toEqual({ start, end });
  });

  test('that begins after the last one is no condition, and one alone is open at its other end', () => {
    expect(daysInput('2026-03-02', '2026-03-01')).toBeNull();
    expect(daysInput('', '')).toBeNull();
    expect(daysInput('2026-03-02', '')?.end).toBeNull();
  });

  test.each(['2026-99-99', '2026-3-1', 'yesterday', '', null])('is not "%s"', (text) => {
    expect(day(text)).toBe('');
  });
});
