import { spoken } from '../../parts/words';
import type { WordCondition } from './device-filter';

export const CONDITION_TITLES: Readonly<Record<WordCondition, string>> = {
  lifecycle: $localize`Lifecycle`, power: $localize`Power`, switch: $localize`Switch`, communication: $localize`Communication`,
  tamper: $localize`Tamper`, firmware: $localize`Firmware`, network: $localize`Network`, area: $localize`Area`, model: $localize`Model`,
  manufacturer: $localize`Manufacturer`, technology: $localize`Technology`, version: $localize`Version`, tag: $localize`Tags`,
};

const FACETS: ReadonlySet<WordCondition> = new Set(['lifecycle', 'power', 'switch', 'communication', 'tamper', 'firmware']);

/** Return a word of a condition as people read it: those of facets are ours, all others are names and stay as they are. */
export function titleOf(name: WordCondition, word: string): string {
  return FACETS.has(name) ? spoken(word) : word;
}
