import { onDay } from './times';
import { fromTheWall, onTheWall } from './wall-clock';
import { OWN_ZONE, showZone } from './zone';

describe('the clock on the wall', () => {
  afterEach(() => { showZone(OWN_ZONE); });

  test.each([
    ['Europe/Zurich', '2026-11-29T12:00:00Z', '2026-11-29T13:00'],
    ['America/New_York', '2026-03-01T00:30:00Z', '2026-02-28T19:30'],
    ['Asia/Kolkata', '2026-07-01T18:45:00Z', '2026-07-02T00:15'],
    ['UTC', '2026-01-01T00:00:00Z', '2026-01-01T00:00'],
  ])('in %s says at %s "%s", and the way back is the same', (name, at, wall) => {
    showZone(name);
    expect(onTheWall(new Date(at))).toBe(wall);
    expect(fromTheWall(wall)?.toISOString()).toBe(new Date(at).toISOString());
  });

  test('says an hour twice in autumn: the first is meant; and leaves one out in spring: the next is', () => {
    showZone('Europe/Zurich');
    expect(fromTheWall('2026-10-25T02:30')?.toISOString()).toBe('2026-10-25T00:30:00.000Z');
    expect(fromTheWall('2026-03-29T02:30')?.toISOString()).toBe('2026-03-29T01:30:00.000Z');
  });

  test.each(['', 'yesterday', '2026-13-01T00:00', '2026-11-29'])('does not say "%s"', (text) => {
    expect(fromTheWall(text)).toBeNull();
  });

  test('says the day of the zone, which can be another than here', () => {
    showZone('America/New_York');
    expect(onDay(new Date('2026-03-01T00:30:00Z'))).toBe('Feb 28, 2026');
  });
});
