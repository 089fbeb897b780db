import { Component, computed, inject, input, output } from '@angular/core';

import { Graph } from '../../graph/graph';
import { askDeviceCounts } from '../../graph/generated';
import { DEVICES } from '../../parts/brought-back';
import type { Counted } from '../../parts/brought-back';
import { ConditionChips } from '../../parts/condition-chips';
import type { Chip } from '../../parts/condition-chips';
import { spoken } from '../../parts/state-mark';
import { NO_FILTER, WORD_CONDITION_NAMES, filterInput } from './device-filter';
import type { DeviceFilter } from './device-filter';
import { CONDITION_TITLES, titleOf } from './titles';

/** What the list of devices is limited to. */
@Component({
  selector: 'mp-filter-chips',
  imports: [ConditionChips],
  template: `<mp-condition-chips [chips]="chips()" [none]="none" [count]="count" [words]="words" [total]="total()" (changed)="changed.emit($event)" />`,
})
export class FilterChips {
  readonly filter = input.required<DeviceFilter>();
  /** How many devices fit the filter; null: not known. */
  readonly total = input<number | null>(null);
  readonly changed = output<DeviceFilter>();
  private readonly graph = inject(Graph);
  protected readonly none = NO_FILTER;
  protected readonly words = DEVICES;
  protected readonly chips = computed(() => chipsOf(this.filter()));
  protected readonly count = async (without: DeviceFilter, abort: AbortSignal): Promise<Counted> => {
    const { deviceCounts } = await this.graph.ask(askDeviceCounts, { filter: filterInput(without, new Date()), dimensions: [] }, abort);
    return { without: deviceCounts.totalCount, present: null, cut: false };
  };
}

function chipsOf(filter: DeviceFilter): readonly Chip<DeviceFilter>[] {
  const chips: Chip<DeviceFilter>[] = [];
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
