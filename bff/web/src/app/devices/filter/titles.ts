import type { WordCondition } from './device-filter';

export const CONDITION_TITLES: Readonly<Record<WordCondition, string>> = {
  lifecycle: $localize`Lifecycle`, power: $localize`Power`, switch: $localize`Switch`, communication: $localize`Communication`,
  tamper: $localize`Tamper`, firmware: $localize`Firmware`, network: $localize`Network`, area: $localize`Area`, model: $localize`Model`,
  manufacturer: $localize`Manufacturer`, technology: $localize`Technology`, version: $localize`Version`, tag: $localize`Tags`,
};
