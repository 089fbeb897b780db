import { affectedParameters, affectedSentence, outageTrend, trendSentence } from './trend';
import type { Affected } from './trend';

const NOW = new Date('2026-11-30T08:00:00Z');

function affected(deviceCount: number, ...earlier: [string, number][]): Affected {
  return { facet: 'power', values: ['OFF'], deviceCount, areaDeviceCount: 1000, earlier: earlier.map(([time, count]) => ({ at: `2026-11-30T${time}Z`, deviceCount: count })) };
}

describe('an outage of an area', () => {
  test('grows or shrinks against the newest count that is a minute old', () => {
    expect(outageTrend(affected(214, ['07:50:00', 300], ['07:55:00', 200], ['07:59:30', 999]), NOW)).toEqual({ direction: 'growing', change: 14, since: '2026-11-30T07:55:00Z' });
    expect(outageTrend(affected(150, ['07:55:00', 200]), NOW)).toMatchObject({ direction: 'shrinking', change: -50 });
    const steady = outageTrend(affected(200, ['07:55:00', 200]), NOW);
    expect(steady).toMatchObject({ direction: 'steady', change: 0 });
    // The time follows: "as many as 5 min. ago".
    expect(trendSentence(steady)).toBe('as many as');
  });

  test('that has just begun is neither', () => {
    const trend = outageTrend(affected(40, ['07:59:50', 12]), NOW);
    expect(trend).toEqual({ direction: 'steady', change: 0, since: null });
    expect(trendSentence(trend)).toBe('just begun');
  });

  test('says how much of the area it takes, and leads to the devices', () => {
    expect(affectedSentence(affected(214))).toBe('214 of 1,000 meters without power');
    expect(affectedSentence({ ...affected(3), facet: 'communication', values: ['LOST'] })).toBe('3 of 1,000 meters affected');
    expect(affectedParameters('north', 'A 1', affected(214))).toEqual({ network: 'north', area: 'A 1', power: ['OFF'] });
  });
});
