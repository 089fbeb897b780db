import { busiest, figures, loadTrend, perDayAndPerson } from './figures';
import type { Load } from './figures';

function load(...days: [string, number, number][]): Load {
  return {
    asOf: null,
    days: days.map(([date, alarmCount, peakCount]) => ({ date, counts: alarmCount ? [{ severity: 'MAJOR' as const, alarmCount }] : [], peakCount, peakAt: peakCount ? `${date}T08:00:00Z` : null })),
    frequent: [],
    chatteringCount: 0,
    staleCount: 0,
  };
}

describe('the alarm load', () => {
  const busy = load(['2026-11-28', 400, 25], ['2026-11-29', 0, 0], ['2026-11-30', 200, 9]);

  test('is spread over the days, those without alarms too, and over who shares it', () => {
    expect(perDayAndPerson(busy, 1)).toBe(200);
    expect(perDayAndPerson(busy, 2)).toBe(100);
    expect(busiest(busy)?.date).toBe('2026-11-28');
    expect(busiest(load(['2026-11-29', 0, 0]))).toBeNull();
  });

  test('is held against the targets of the standards', () => {
    expect(figures(busy, 1).map((figure) => figure.good)).toEqual([false, false, true, true]);
    expect(figures(busy, 3).map((figure) => figure.good)).toEqual([true, true, true, true]);
    expect(figures({ ...busy, chatteringCount: 1, staleCount: 10_000 }, 3).map((figure) => figure.value)).toEqual(['67', '25', '1', '10,000 or more']);
  });

  test('says in a sentence what its chart shows', () => {
    const trend = loadTrend(busy, 1);
    expect(trend.sentence).toBe('600 alarms were opened in 3 days; on 2 of them more than the target of 150.');
    expect(trend.series[1]?.values).toEqual([400, 0, 200]);
  });
});
