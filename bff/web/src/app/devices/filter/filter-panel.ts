import { Component, computed, inject, input, output, resource } from '@angular/core';

import { Graph } from '../../graph/graph';
import { askDeviceCounts } from '../../graph/generated';
import type { DeviceFilterInput, Dimension } from '../../graph/generated';
import { whole } from '../../parts/numbers';
import { WORD_CONDITIONS, WORD_CONDITION_NAMES, toggled } from './device-filter';
import type { DeviceFilter, WordCondition } from './device-filter';
import { CONDITION_TITLES, titleOf } from './titles';

const VALUES_SHOWN = 12;

/** Conditions with the number of devices behind each value, as the list stands now. */
@Component({
  selector: 'mp-filter-panel',
  styleUrl: './filter-panel.css',
  template: `
    <form (submit)="$event.preventDefault(); search(begins.value, ends.value)" role="search">
      <label for="begins" i18n>Serial number or name</label>
      <input #begins id="begins" type="search" [value]="filter().beginning" (change)="search(begins.value, ends.value)" i18n-placeholder placeholder="begins with …" autocomplete="off" />
      <input #ends type="search" [value]="filter().ending" (change)="search(begins.value, ends.value)" i18n-placeholder placeholder="ends with …" i18n-aria-label aria-label="Serial number or name ends with" autocomplete="off" />
      <button type="submit" class="only-read" i18n>Search</button>
    </form>
    @for (group of groups(); track group.name) {
      <details [open]="group.open">
        <summary>{{ group.title }}</summary>
        <ul>
          @for (value of group.values; track value.word) {
            <li>
              <label [class.none]="value.count === 0">
                <input type="checkbox" [checked]="value.chosen" (change)="changed.emit(toggle(group.name, value.word))" />
                <span class="word" [title]="value.word">{{ value.text }}</span> <span class="count">{{ value.count === null ? '' : number(value.count) }}</span>
              </label>
            </li>
          }
          @if (group.more) { <li class="soft" i18n>and {{ group.more }} more values</li> }
        </ul>
      </details>
    }
  `,
})
export class FilterPanel {
  readonly filter = input.required<DeviceFilter>();
  readonly input = input.required<DeviceFilterInput>();
  readonly changed = output<DeviceFilter>();
  private readonly graph = inject(Graph);

  // Each dimension is counted by the filter without its own condition: what choosing another value would bring.
  private readonly counts = resource({
    params: () => this.input(),
    loader: async ({ params, abortSignal }) => {
      const without = new Map<WordCondition, DeviceFilterInput>();
      for (const name of WORD_CONDITION_NAMES) if (params[WORD_CONDITIONS[name].field]) without.set(name, { ...params, [WORD_CONDITIONS[name].field]: null });
      const plain = WORD_CONDITION_NAMES.filter((name) => !without.has(name)).map((name): Dimension => WORD_CONDITIONS[name].dimension);
      const answers = await Promise.all([
        this.graph.ask(askDeviceCounts, { filter: params, dimensions: plain }, abortSignal),
        ...[...without].map(async ([name, filter]) => this.graph.ask(askDeviceCounts, { filter, dimensions: [WORD_CONDITIONS[name].dimension] }, abortSignal)),
      ]);
      return answers.flatMap((answer) => answer.deviceCounts.counts);
    },
  });

  protected readonly groups = computed(() => {
    const counts = this.counts.hasValue() ? this.counts.value() : null;
    return WORD_CONDITION_NAMES.map((name) => {
      const chosen = this.filter().words[name] ?? [];
      const counted = counts?.filter((count) => count.dimension === WORD_CONDITIONS[name].dimension && count.value !== '') ?? [];
      const words = [...new Set([...chosen, ...counted.map((count) => count.value)])];
      return {
        name,
        title: CONDITION_TITLES[name],
        open: chosen.length > 0 || WORD_CONDITION_NAMES.indexOf(name) < 6,
        more: Math.max(0, words.length - VALUES_SHOWN),
        values: words.slice(0, VALUES_SHOWN).map((word) => ({
          word,
          text: titleOf(name, word),
          chosen: chosen.includes(word),
          count: counts ? (counted.find((count) => count.value === word)?.deviceCount ?? 0) : null,
        })),
      };
    }).filter((group) => group.values.length > 0);
  });

  protected toggle(name: WordCondition, word: string): DeviceFilter {
    return toggled(this.filter(), name, word);
  }

  protected search(beginning: string, ending: string): void {
    this.changed.emit({ ...this.filter(), beginning: beginning.trim(), ending: ending.trim() });
  }

  protected number(count: number): string {
    return whole(count);
  }
}
