import { opened } from '../alarms/load/figures';
import type { AlarmSeverity, TodayAlarmLoadQuery, TodayQuery } from '../graph/generated';
import { share, whole } from '../parts/numbers';
import { timeOfDay } from '../parts/times';
import { onTheWall } from '../parts/wall-clock';
import { ALARMS_COUNTED } from './sentence';

export const DAY_HOURS = 24;
export const WEEK_HOURS = 168;

export interface Lately {
  readonly title: string;
  readonly today: string;
  readonly yesterday: string;
  readonly link: string | null;
}

/** Return what today has brought so far, beside yesterday (UTC); what was not counted is told as "–", never as 0. */
export function sinceYesterday(days: readonly string[], today: Pick<TodayQuery, 'rollout' | 'communicationQuality'>, load: Pick<TodayAlarmLoadQuery['alarmLoad'], 'days'> | null): readonly Lately[] {
  const [yesterday, now] = [days.at(-2) ?? '', days.at(-1) ?? ''];
  const alarms = (date: string): string => {
    const day = load?.days.find((one) => one.date === date);
    return day ? whole(opened(day)) : '–';
  };
  // The rollout leaves out days on which nothing happened: these were counted, and are 0.
  const operating = (date: string): string => whole(today.rollout.find((one) => one.date === date)?.takenIntoOperation ?? 0);
  const heard = (date: string): string => {
    const day = today.communicationQuality.find((one) => one.date === date);
    return day?.devicesInService ? share(day.devicesHeard, day.devicesInService) : '–';
  };
  return [
    { title: $localize`Alarms opened`, today: alarms(now), yesterday: alarms(yesterday), link: '/alarms/load' },
    { title: $localize`Taken into operation`, today: operating(now), yesterday: operating(yesterday), link: null },
    { title: $localize`Meters heard of`, today: heard(now), yesterday: heard(yesterday), link: null },
  ];
}

/** Say that days are those of UTC, and where that is not the zone that is shown, when the present one began. */
export function whoseDays(today: string): string {
  const began = new Date(`${today}T00:00:00Z`);
  return onTheWall(began).endsWith('T00:00') ? $localize`Days are in UTC` : $localize`Days are in UTC: today began at ${timeOfDay(began)}:time:`;
}

/** Open alarms of one severity. */
export interface Standing {
  readonly severity: AlarmSeverity;
  readonly count: string;
  readonly oldestAt: string | null;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Return the open alarms by severity, the worst first, each with the list that shows them. */
export function standingAlarms(counted: TodayQuery['standing']): readonly Standing[] {
  return counted.flatMap(({ severity, alarmCount, oldestOpenedAt }) => (severity === null ? [] : [{
    severity,
    count: alarmCount >= ALARMS_COUNTED ? $localize`${whole(alarmCount)}:count: or more` : whole(alarmCount),
    oldestAt: alarmCount ? oldestOpenedAt : null,
    parameters: { severity, state: 'OPEN' },
  }]));
}

export interface Stuck {
  readonly title: string;
  readonly count: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Return the meters that stay in a state in which none should stay, with the condition that finds them. */
export function stuckMeters(today: Pick<TodayQuery, 'updating' | 'discovered' | 'faulty'>): readonly Stuck[] {
  return [
    { title: $localize`Updating for more than a day`, count: today.updating.totalCount, parameters: { lifecycle: 'UPDATE_IN_PROGRESS', older: `lifecycle:${DAY_HOURS}` } },
    { title: $localize`Discovered a week ago, not in operation`, count: today.discovered.totalCount, parameters: { lifecycle: 'DISCOVERED', older: `lifecycle:${WEEK_HOURS}` } },
    { title: $localize`In error for more than a day`, count: today.faulty.totalCount, parameters: { lifecycle: 'ERROR', older: `lifecycle:${DAY_HOURS}` } },
  ];
}
