import type { AlarmSeverity } from '../graph/generated';
import { share, whole } from '../parts/numbers';

export interface Count {
  readonly dimension: string | null;
  readonly value: string;
  readonly deviceCount: number;
}

export function countOf(counts: readonly Count[], dimension: string, value: string): number {
  return counts.find((count) => count.dimension === dimension && count.value === value)?.deviceCount ?? 0;
}

/** Say in one sentence how the park is: the worst first, and what is well last. */
export function parkSentence(devices: number, counts: readonly Count[], severities: readonly (AlarmSeverity | null)[], moreAlarms: boolean): string {
  if (!devices) return $localize`The park is empty: no device has been heard of yet.`;
  const critical = severities.filter((severity) => severity === 'CRITICAL').length;
  const parts: string[] = [];
  if (critical) parts.push(moreAlarms ? $localize`at least ${whole(critical)}:count: critical alarms` : critical === 1 ? $localize`one critical alarm` : $localize`${whole(critical)}:count: critical alarms`);
  const off = countOf(counts, 'POWER', 'OFF');
  if (off) parts.push(off === 1 ? $localize`one meter without power` : $localize`${whole(off)}:count: meters without power`);
  const lost = countOf(counts, 'COMMUNICATION', 'LOST');
  if (lost) parts.push(lost === 1 ? $localize`one silent meter` : $localize`${whole(lost)}:count: silent meters`);
  const working = share(countOf(counts, 'LIFECYCLE', 'IN_OPERATION'), devices);
  if (!parts.length) return $localize`All is calm: ${working}:share: of ${whole(devices)}:count: meters are in operation, and nothing needs attention.`;
  const list = new Intl.ListFormat($localize.locale ?? 'en', { type: 'conjunction' }).format(parts);
  return $localize`${capital(list)}:list:; ${working}:share: of ${whole(devices)}:count: meters are in operation.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
