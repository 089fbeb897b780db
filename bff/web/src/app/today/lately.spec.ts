import { OWN_ZONE, showZone } from '../parts/zone';
import { sinceYesterday, standingAlarms, stuckMeters, whoseDays } from './lately';

const DAYS = ['2026-11-28', '2026-11-29', '2026-11-30'];

describe('today beside yesterday', () => {
  test('tells what was counted, and never a 0 for what was not', () => {
    const lately = sinceYesterday(DAYS, {
      rollout: [{ date: '2026-11-29', installed: 1, discovered: 1, takenIntoOperation: 7 }],
      communicationQuality: [{ date: '2026-11-29', devicesInService: 200, devicesHeard: 100 }],
    }, { days: [{ date: '2026-11-29', counts: [{ severity: 'MAJOR', alarmCount: 3 }] }, { date: '2026-11-30', counts: [] }] });
    expect(lately.map(({ today, yesterday }) => [today, yesterday])).toEqual([['0', '3'], ['0', '7'], ['–', '50 %']]);
  });

  test('leaves out the alarms alone while nobody can count them', () => {
    const lately = sinceYesterday(DAYS, { rollout: [], communicationQuality: [] }, null);
    expect(lately.map(({ today, yesterday }) => [today, yesterday])).toEqual([['–', '–'], ['0', '0'], ['–', '–']]);
  });

  test('says that days are those of UTC, and when the present one began where the zone is another', () => {
    showZone('Africa/Abidjan');
    expect(whoseDays('2026-11-30')).toBe('Days are in UTC');
    showZone('Europe/Zurich');
    expect(whoseDays('2026-11-30').replaceAll('\u202f', ' ')).toBe('Days are in UTC: today began at 1:00 AM (GMT+1)');
    showZone(OWN_ZONE);
  });

  test('tells open alarms by severity, with the oldest where there is one, and the list that shows them', () => {
    const standing = standingAlarms([
      { severity: 'CRITICAL', alarmCount: 1_000, oldestOpenedAt: '2026-11-28T06:00:00Z' },
      { severity: 'MAJOR', alarmCount: 0, oldestOpenedAt: null },
      { severity: null, alarmCount: 7, oldestOpenedAt: null },
    ]);
    expect(standing).toEqual([
      { severity: 'CRITICAL', count: '1,000 or more', oldestAt: '2026-11-28T06:00:00Z', parameters: { severity: 'CRITICAL', state: 'OPEN' } },
      { severity: 'MAJOR', count: '0', oldestAt: null, parameters: { severity: 'MAJOR', state: 'OPEN' } },
    ]);
  });

  test('finds meters that stay in a state by the condition of the list', () => {
    const stuck = stuckMeters({ updating: { totalCount: 2 }, discovered: { totalCount: 0 }, faulty: { totalCount: 1 } });
    expect(stuck[1]).toMatchObject({ count: 0, parameters: { lifecycle: 'DISCOVERED', older: 'lifecycle:168' } });
  });
});
