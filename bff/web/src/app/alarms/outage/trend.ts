import { whole } from '../../parts/numbers';

export type Direction = 'growing' | 'shrinking' | 'steady';

export interface Affected {
  readonly facet: string;
  readonly values: readonly string[];
  readonly deviceCount: number;
  readonly areaDeviceCount: number;
  readonly earlier: readonly { readonly at: string | null; readonly deviceCount: number }[];
}

export interface OutageTrend {
  readonly direction: Direction;
  /** How many devices more, or fewer if negative, than at `since`. */
  readonly change: number;
  readonly since: string | null;
}

/** A count that is younger says more about chance than about where it goes. */
const LEAST_AGE_MS = 60_000;

/** Compare the present number with the newest count that is old enough; without any, nothing is known. */
export function outageTrend(affected: Affected, now: Date): OutageTrend {
  const old = affected.earlier.filter((count) => count.at !== null && now.getTime() - new Date(count.at).getTime() >= LEAST_AGE_MS);
  const before = old.at(-1);
  if (!before) return { direction: 'steady', change: 0, since: null };
  const change = affected.deviceCount - before.deviceCount;
  return { direction: change > 0 ? 'growing' : change < 0 ? 'shrinking' : 'steady', change, since: before.at };
}

/** Return how much of its area an outage takes, as a sentence. */
export function affectedSentence(affected: Affected): string {
  const [now, all] = [whole(affected.deviceCount), whole(affected.areaDeviceCount)];
  const isPower = affected.facet === 'power' && affected.values.length === 1 && affected.values[0] === 'OFF';
  return isPower ? $localize`${now}:now: of ${all}:all: meters without power` : $localize`${now}:now: of ${all}:all: meters affected`;
}

/** Say how it goes, up to the time with which it is compared, if there is one. */
export function trendSentence(trend: OutageTrend): string {
  const change = whole(Math.abs(trend.change));
  switch (trend.direction) {
    case 'growing': return $localize`growing: ${change}:change: more`;
    case 'shrinking': return $localize`shrinking: ${change}:change: fewer`;
    case 'steady': return trend.since ? $localize`as many as` : $localize`just begun`;
  }
}

/** Return the condition that finds the affected devices in the list, as its address says it. */
export function affectedParameters(network: string, area: string, affected: Affected): Record<string, string | string[]> {
  return { network, area, [affected.facet]: [...affected.values] };
}
