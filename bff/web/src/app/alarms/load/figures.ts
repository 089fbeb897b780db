import type { AlarmLoadQuery, AlarmSeverity } from '../../graph/generated';
import { whole } from '../../parts/numbers';
import type { Series } from '../../today/trend';
import { SEVERITIES } from '../alarm-filter';

export type Load = AlarmLoadQuery['alarmLoad'];

/** What ISA-18.2 and EEMUA 191 call acceptable. */
export const TARGETS = { perDayAndPerson: 150, peak: 10, chattering: 0, stale: 0 } as const;

export interface Figure {
  readonly title: string;
  readonly value: string;
  readonly target: string;
  /** Null: there is no number to compare. */
  readonly good: boolean | null;
}

const COLOURS: Readonly<Record<AlarmSeverity, string>> = { CRITICAL: 'bad', MAJOR: 'warn', WARNING: 'notice', INFO: 'off' };
const TITLES: Readonly<Record<AlarmSeverity, string>> = {
  CRITICAL: $localize`Critical`, MAJOR: $localize`Major`, WARNING: $localize`Warning`, INFO: $localize`Info`,
};

export function opened(day: Pick<Load['days'][number], 'counts'>): number {
  return day.counts.reduce((sum, count) => sum + count.alarmCount, 0);
}

/** Return how many alarms a person had to look at in a day, on average. */
export function perDayAndPerson(load: Load, people: number): number {
  return load.days.length ? load.days.reduce((sum, day) => sum + opened(day), 0) / load.days.length / people : 0;
}

export function busiest(load: Load): Load['days'][number] | null {
  return load.days.reduce<Load['days'][number] | null>((most, day) => (day.peakCount > (most?.peakCount ?? 0) ? day : most), null);
}

/** Return the figures of the standards, each with its target. */
export function figures(load: Load, people: number): readonly Figure[] {
  const average = perDayAndPerson(load, people);
  const peak = busiest(load)?.peakCount ?? 0;
  const least = load.staleCount >= 10_000 ? $localize`10,000 or more` : whole(load.staleCount);
  return [
    { title: $localize`Alarms per day and person`, value: whole(Math.round(average)), target: $localize`at most ${whole(TARGETS.perDayAndPerson)}:target:`, good: average <= TARGETS.perDayAndPerson },
    { title: $localize`Most within ten minutes`, value: whole(peak), target: $localize`at most ${whole(TARGETS.peak * people)}:target:`, good: peak <= TARGETS.peak * people },
    { title: $localize`Chattering alarms`, value: whole(load.chatteringCount), target: $localize`none`, good: load.chatteringCount <= TARGETS.chattering },
    { title: $localize`Standing for longer than a day`, value: least, target: $localize`none`, good: load.staleCount <= TARGETS.stale },
  ];
}

export interface LoadTrend {
  readonly days: readonly string[];
  readonly series: readonly Series[];
  readonly sentence: string;
}

export function loadTrend(load: Load, people: number): LoadTrend {
  const days = load.days.map((day) => day.date);
  const total = load.days.reduce((sum, day) => sum + opened(day), 0);
  const target = TARGETS.perDayAndPerson * people;
  const above = load.days.filter((day) => opened(day) > target).length;
  const series = SEVERITIES.map((severity) => ({
    title: TITLES[severity],
    colour: COLOURS[severity],
    values: load.days.map((day) => day.counts.find((count) => count.severity === severity)?.alarmCount ?? 0),
  }));
  return {
    days,
    series: [...series, { title: $localize`Target`, colour: 'ink-soft', values: days.map(() => target) }],
    sentence: $localize`${whole(total)}:total: alarms were opened in ${days.length}:days: days; on ${above}:above: of them more than the target of ${whole(target)}:target:.`,
  };
}
