import type { TimelineFlag } from '../graph/generated';
import type { KindGroup } from './timeline-filter';

export const GROUP_TITLES: Readonly<Record<KindGroup, string>> = {
  power: $localize`Power`, switch: $localize`Switch`, tamper: $localize`Tamper`, communication: $localize`Communication`, firmware: $localize`Firmware`,
  faults: $localize`Faults`, place: $localize`Place`, configuration: $localize`Configuration`, names: $localize`Names and joins`, orders: $localize`Orders`,
  others: $localize`Other events`, alarms: $localize`Alarms`,
};

export const FLAG_TITLES: Readonly<Record<TimelineFlag, string>> = {
  LATE: $localize`came late`, DUPLICATE: $localize`came twice`, FUTURE: $localize`dated ahead`, CLOCK_SUSPECT: $localize`of a suspect clock`,
  ZONE_ASSUMED: $localize`with an assumed zone`, INFERRED: $localize`inferred`,
};

/** Return the flag of an entry, "clock-suspect", as people read it. A new word is read as it is. */
export function flagTitle(flag: string): string {
  return FLAG_TITLES[flag.toUpperCase().replaceAll('-', '_') as TimelineFlag] ?? flag.replaceAll('-', ' ');
}
