import type { TodayQuery } from '../graph/generated';
import { communicationTrend, lastDays, rolloutTrend } from './trends';

const DAYS = lastDays(new Date('2026-03-01T00:30:00Z'), 3);

describe('a trend', () => {
  test('is over the last days in UTC, oldest first, across the end of a month', () => {
    expect(DAYS).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
  });

  test('of the rollout adds up, and a day without news is no gap', () => {
    const rollout = [
      { date: '2026-02-27', installed: 5, discovered: 4, takenIntoOperation: 3 },
      { date: '2026-03-01', installed: 1_000, discovered: 0, takenIntoOperation: 2 },
    ] as TodayQuery['rollout'];
    const trend = rolloutTrend(DAYS, rollout);
    expect(trend.series.map((one) => one.values)).toEqual([[5, 5, 1_005], [4, 4, 4], [3, 3, 5]]);
    expect(trend.sentence).toBe('1,005 meters were installed and 5 taken into operation in the last 3 days.');
  });

  test('of communication has a gap where nothing was counted, never 0', () => {
    const quality = [{ date: '2026-02-28', devicesInService: 1_000, devicesHeard: 999 }] as TodayQuery['communicationQuality'];
    const trend = communicationTrend(DAYS, quality);
    expect(trend.series[0]?.values).toEqual([null, 99.9, null]);
    expect(trend.sentence).toBe('>99 % of 1,000 meters in service were heard of on 2026-02-28.');
  });

  test('without any day says so', () => {
    expect(communicationTrend(DAYS, []).sentence).toBe('No day has been counted yet.');
  });
});
