import { Component, computed, inject, input, linkedSignal, output, resource } from '@angular/core';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askDeviceCounts } from '../../graph/generated';
import { spoken } from '../../parts/state-mark';
import { broughtBack } from './brought-back';
import { NO_FILTER, WORD_CONDITION_NAMES, filterInput } from './device-filter';
import type { DeviceFilter } from './device-filter';
import { CONDITION_TITLES, titleOf } from './titles';

interface Chip {
  readonly text: string;
  readonly without: DeviceFilter;
}

/** What the list is limited to, each condition with a way to take it away, and what that would bring back. */
@Component({
  selector: 'mp-filter-chips',
  host: { '(mouseleave)': 'looked.set(null)', '(focusout)': 'looked.set(null)', '(keydown.escape)': 'looked.set(null)' },
  styles: `
    :host { display: block; position: relative; }
    p { position: absolute; top: 100%; z-index: 8; padding: var(--space-1) var(--space-2); box-shadow: var(--shadow); }
    p:empty { display: none; }
    ul { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    .text { overflow: hidden; text-overflow: ellipsis; }
    li { max-width: 100%; }
    li button { max-width: min(100%, 40rem); min-height: 1.6rem; border-radius: 1rem; background: var(--accent-soft); border-color: transparent; font-weight: 450; }
  `,
  template: `
    @if (chips().length) {
      <ul i18n-aria-label aria-label="Conditions of the list">
        @for (chip of chips(); track chip.text) {
          <li><button aria-describedby="brought-back" (click)="changed.emit(chip.without)" (mouseenter)="looked.set(chip)" (focus)="looked.set(chip)"><span class="text">{{ chip.text }}</span> <span aria-hidden="true">×</span></button></li>
        }
        @if (chips().length > 1) { <li><button (click)="changed.emit(none)" i18n>Clear all</button></li> }
      </ul>
      <p id="brought-back" class="sheet" role="status">{{ note() }}</p>
    }
  `,
})
export class FilterChips {
  readonly filter = input.required<DeviceFilter>();
  /** How many devices fit the filter; null: not known. */
  readonly total = input<number | null>(null);
  readonly changed = output<DeviceFilter>();
  private readonly graph = inject(Graph);
  /** The one that the person looks at; another filter has other chips. */
  protected readonly looked = linkedSignal<DeviceFilter, Chip | null>({ source: this.filter, computation: () => null });
  // How many fit without each, as far as somebody looked: counted once until the filter changes.
  private readonly counted = computed(() => { this.filter(); return new Map<string, number>(); });
  private readonly count = resource({
    params: () => this.looked() ?? undefined,
    loader: async ({ params: chip, abortSignal }) => {
      const counted = this.counted();
      const known = counted.get(chip.text);
      if (known !== undefined) return known;
      const { deviceCounts } = await this.graph.ask(askDeviceCounts, { filter: filterInput(chip.without, new Date()), dimensions: [] }, abortSignal);
      counted.set(chip.text, deviceCounts.totalCount);
      return deviceCounts.totalCount;
    },
  });
  protected readonly note = computed(() => {
    if (!this.looked()) return '';
    if (this.count.error()) return asFailure(this.count.error()).message;
    return this.count.hasValue() ? broughtBack(this.count.value(), this.total()) : $localize`Counting …`;
  });
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
