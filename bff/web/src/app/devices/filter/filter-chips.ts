import { Component, computed, input, output } from '@angular/core';

import { spoken } from '../../parts/state-mark';
import { NO_FILTER, WORD_CONDITION_NAMES } from './device-filter';
import type { DeviceFilter } from './device-filter';
import { CONDITION_TITLES, titleOf } from './titles';

interface Chip {
  readonly text: string;
  readonly without: DeviceFilter;
}

/** What the list is limited to, each condition with a way to take it away. */
@Component({
  selector: 'mp-filter-chips',
  styles: `
    ul { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    .text { overflow: hidden; text-overflow: ellipsis; }
    li { max-width: 100%; }
    li button { max-width: min(100%, 40rem); min-height: 1.6rem; border-radius: 1rem; background: var(--accent-soft); border-color: transparent; font-weight: 450; }
  `,
  template: `
    @if (chips().length) {
      <ul i18n-aria-label aria-label="Conditions of the list">
        @for (chip of chips(); track chip.text) {
          <li><button (click)="changed.emit(chip.without)" i18n-title title="Take this condition away"><span class="text">{{ chip.text }}</span> <span aria-hidden="true">×</span></button></li>
        }
        @if (chips().length > 1) { <li><button (click)="changed.emit(none)" i18n>Clear all</button></li> }
      </ul>
    }
  `,
})
export class FilterChips {
  readonly filter = input.required<DeviceFilter>();
  readonly changed = output<DeviceFilter>();
  protected readonly none = NO_FILTER;
  protected readonly chips = computed(() => chipsOf(this.filter()));
}

function chipsOf(filter: DeviceFilter): readonly Chip[] {
  const chips: Chip[] = [];
  for (const name of WORD_CONDITION_NAMES) {
    const words = filter.words[name];
    if (!words?.length) continue;
    const text = words.map((word) => titleOf(name, word)).join($localize`:@@or: or `);
    chips.push({ text: `${CONDITION_TITLES[name]}: ${text}`, without: { ...filter, words: { ...filter.words, [name]: [] } } });
  }
  if (filter.beginning) chips.push({ text: $localize`begins with ${filter.beginning}:text:`, without: { ...filter, beginning: '' } });
  if (filter.ending) chips.push({ text: $localize`ends with ${filter.ending}:text:`, without: { ...filter, ending: '' } });
  if (filter.marked !== null) chips.push({ text: filter.marked ? $localize`marked for exchange` : $localize`not marked for exchange`, without: { ...filter, marked: null } });
  for (const [facet, hours] of Object.entries(filter.olderThan)) {
    const { [facet as keyof typeof filter.olderThan]: _, ...olderThan } = filter.olderThan;
    chips.push({ text: $localize`${spoken(facet)}:facet: for at least ${hours}:hours: h`, without: { ...filter, olderThan } });
  }
  if (filter.silentHours !== null) {
    const text = filter.silentHours === 0 ? $localize`never heard of` : $localize`not heard of for ${filter.silentHours}:hours: h`;
    chips.push({ text, without: { ...filter, silentHours: null } });
  }
  if (filter.box) chips.push({ text: $localize`in the part of the map that is picked`, without: { ...filter, box: null } });
  if (filter.placed !== null) chips.push({ text: filter.placed ? $localize`with coordinates` : $localize`without coordinates`, without: { ...filter, placed: null } });
  return chips;
}
