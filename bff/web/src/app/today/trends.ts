import type { TodayQuery } from '../graph/generated';
import { share, whole } from '../parts/numbers';
import type { Series } from './trend';

export interface TrendOfDays {
  readonly days: readonly string[];
  readonly series: readonly Series[];
  readonly sentence: string;
}

/** Return the last days up to `now`, in UTC as the register counts them, oldest first. */
export function lastDays(now: Date, count: number): readonly string[] {
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return Array.from({ length: count }, (_, index) => new Date(today - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10));
}

/** Devices that came so far, day by day: each series is a running total, and a day without news is no gap. */
export function rolloutTrend(days: readonly string[], rollout: TodayQuery['rollout']): TrendOfDays {
  const byDay = new Map(rollout.map((day) => [day.date, day]));
  const total = (field: 'installed' | 'discovered' | 'takenIntoOperation'): number[] => {
    let sum = 0;
    return days.map((day) => (sum += byDay.get(day)?.[field] ?? 0));
  };
  const installed = total('installed');
  const operating = total('takenIntoOperation');
  return {
    days,
    series: [
      { title: $localize`Installed`, colour: 'notice', values: installed },
      { title: $localize`Discovered`, colour: 'warn', values: total('discovered') },
      { title: $localize`Taken into operation`, colour: 'good', values: operating },
    ],
    sentence: $localize`${whole(installed.at(-1) ?? 0)}:installed: meters were installed and ${whole(operating.at(-1) ?? 0)}:operating: taken into operation in the last ${days.length}:days: days.`,
  };
}

/** The share of devices in service that were heard, in percent; a day that was not counted is a gap, not 0. */
export function communicationTrend(days: readonly string[], quality: TodayQuery['communicationQuality']): TrendOfDays {
  const byDay = new Map(quality.map((day) => [day.date, day]));
  const values = days.map((day) => {
    const counted = byDay.get(day);
    return counted?.devicesInService ? (100 * counted.devicesHeard) / counted.devicesInService : null;
  });
  const last = quality.at(-1);
  return {
    days,
    series: [{ title: $localize`Heard of, in percent`, colour: 'good', values }],
    sentence: last
      ? $localize`${share(last.devicesHeard, last.devicesInService)}:share: of ${whole(last.devicesInService)}:count: meters in service were heard of on ${last.date}:day:.`
      : $localize`No day has been counted yet.`,
  };
}
