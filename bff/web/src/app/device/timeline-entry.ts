import { Component, computed, input } from '@angular/core';

import type { DeviceTimelineQuery } from '../graph/generated';
import { absolute } from '../parts/times';
import { flagTitle } from './timeline-titles';

export type Entry = NonNullable<DeviceTimelineQuery['device']>['timeline']['edges'][number]['node'];

/** One entry of a timeline: what happened, exactly when, what is to be said of it, and its details. */
@Component({
  selector: 'mp-timeline-entry',
  styles: `
    .more { font-size: var(--text-s); overflow-wrap: anywhere; }
    .more em { font-style: normal; color: var(--warn); }
    summary { cursor: pointer; font-size: var(--text-s); color: var(--ink-soft); }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 var(--space-3); font-size: var(--text-s); }
    dt { color: var(--ink-soft); }
    p, dd { overflow-wrap: anywhere; }
  `,
  template: `
    <p>{{ entry().summary }}</p>
    <p class="more soft">
      {{ when() }}@if (entry().code; as code) { · <span class="code">{{ code }}</span> }
      @for (flag of entry().flags; track flag) { · <em>▲ {{ title(flag) }}</em> }
    </p>
    @if (entry().details.length) {
      <details><summary i18n>Details</summary>
        <dl>@for (detail of entry().details; track detail.name) { <dt>{{ detail.name.replaceAll('_', ' ') }}</dt><dd>{{ detail.value }}</dd> }</dl>
      </details>
    }
  `,
})
export class TimelineEntry {
  readonly entry = input.required<Entry>();
  protected readonly title = flagTitle;
  protected readonly when = computed(() => {
    const { occurredAt } = this.entry();
    return occurredAt ? absolute(new Date(occurredAt)) : '';
  });
}
