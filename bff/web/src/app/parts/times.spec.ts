import { absolute, relative, yearOf } from './times';
import { OWN_ZONE, showZone } from './zone';

const NOW = new Date('2026-11-29T12:00:00Z');
const before = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

describe('a time', () => {
  test.each([[0, 'now'], [59, '59 sec. ago'], [61, '1 min. ago'], [7_300, '2 hr. ago'], [86_400, 'yesterday'], [-172_800, 'in 2 days'], [-9, 'now'], [-11, 'in 11 sec.'], [400 * 86_400, 'last yr.']])(
    '%i seconds before now is "%s"', (seconds, text) => {
      expect(relative(before(seconds), NOW)).toBe(text);
    });

  test('never grows older than it is: 119 seconds are one minute', () => {
    expect(relative(before(119), NOW)).toBe('1 min. ago');
  });

  test('is told whole in the zone that is shown, and names it', () => {
    showZone('Europe/Zurich');
    expect(absolute(NOW).replaceAll('\u202f', ' ')).toBe('Nov 29, 2026, 1:00:00 PM (GMT+1)');
    showZone('UTC');
    expect(absolute(NOW).replaceAll('\u202f', ' ')).toBe('Nov 29, 2026, 12:00:00 PM (UTC)');
    showZone(OWN_ZONE);
  });

  test('is of the year of the zone that is shown', () => {
    showZone('America/New_York');
    expect(yearOf(new Date('2026-01-01T00:30:00Z'))).toBe('2025');
    showZone(OWN_ZONE);
  });
});
