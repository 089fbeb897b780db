import { share, whole } from '../parts/numbers';

export interface Count {
  readonly dimension: string | null;
  readonly value: string;
  readonly deviceCount: number;
}

export function countOf(counts: readonly Count[], dimension: string, value: string): number {
  return counts.find((count) => count.dimension === dimension && count.value === value)?.deviceCount ?? 0;
}

/** What else needs attention: meters that stay in a state, and what comes in. */
export interface Also {
  readonly stuck: number;
  /** As `intakeParts` words it. */
  readonly intake: readonly string[];
}

/** As many alarms of one severity as are counted: there may be more. */
export const ALARMS_COUNTED = 1_000;

/** Say in one sentence how the park is: the worst first, and what is well last. */
export function parkSentence(devices: number, counts: readonly Count[], critical: number, { stuck, intake }: Also): string {
  if (!devices) return [$localize`The park is empty: no device has been heard of yet.`, intakeSentence(intake)].filter(Boolean).join(' ');
  const parts: string[] = [];
  if (critical) parts.push(critical >= ALARMS_COUNTED ? $localize`at least ${whole(critical)}:count: critical alarms` : critical === 1 ? $localize`one critical alarm` : $localize`${whole(critical)}:count: critical alarms`);
  const off = countOf(counts, 'POWER', 'OFF');
  if (off) parts.push(off === 1 ? $localize`one meter without power` : $localize`${whole(off)}:count: meters without power`);
  const lost = countOf(counts, 'COMMUNICATION', 'LOST');
  if (lost) parts.push(lost === 1 ? $localize`one silent meter` : $localize`${whole(lost)}:count: silent meters`);
  if (stuck) parts.push(stuck === 1 ? $localize`one meter that sticks in a state` : $localize`${whole(stuck)}:count: meters that stick in a state`);
  parts.push(...intake);
  const working = share(countOf(counts, 'LIFECYCLE', 'IN_OPERATION'), devices);
  if (!parts.length) return $localize`All is calm: ${working}:share: of ${whole(devices)}:count: meters are in operation, and nothing needs attention.`;
  return $localize`${listed(parts)}:list:; ${working}:share: of ${whole(devices)}:count: meters are in operation.`;
}

/** Say in one sentence what of the intake needs attention; empty when nothing does. */
export function intakeSentence(intake: readonly string[]): string {
  return intake.length ? `${listed(intake)}.` : '';
}

function listed(parts: readonly string[]): string {
  const list = new Intl.ListFormat($localize.locale ?? 'en', { type: 'conjunction' }).format(parts);
  return list.charAt(0).toUpperCase() + list.slice(1);
}
