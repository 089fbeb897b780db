import { Component, computed, input } from '@angular/core';

import type { DeviceTimelineQuery } from '../graph/generated';
import { absolute } from '../parts/times';
import { detailTitle, detailValue, entryText } from './entry-text';
import { RawReport } from './raw-report';
import { flagTitle } from './timeline-titles';

export type Entry = NonNullable<DeviceTimelineQuery['device']>['timeline']['edges'][number]['node'];

/** One entry of a timeline: what happened, exactly when, what is to be said of it, and its details. */
@Component({
  selector: 'mp-timeline-entry',
  imports: [RawReport],
  styles: `
    .more { font-size: var(--text-s); overflow-wrap: anywhere; }
    .more em { font-style: normal; color: var(--warn); }
    .beside { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--space-4); }
    details[open], mp-raw-report:has(details[open]) { flex-basis: 100%; min-width: 0; }
    summary { cursor: pointer; font-size: var(--text-s); color: var(--ink-soft); }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 var(--space-3); font-size: var(--text-s); }
    dt { color: var(--ink-soft); }
    p, dd { overflow-wrap: anywhere; }
  `,
  template: `
    <p>{{ text() }}</p>
    <div class="beside">
      <p class="more soft">
        {{ when() }}@if (entry().code; as code) { · <span class="code">{{ code }}</span> }
        @for (flag of entry().flags; track flag) { · <em>▲ {{ title(flag) }}</em> }
      </p>
      @if (entry().details.length) {
        <details><summary i18n>Details</summary>
          <dl>@for (detail of entry().details; track detail.name) { <dt>{{ detailTitle(detail.name) }}</dt><dd>{{ detailValue(detail) }}</dd> }</dl>
        </details>
      }
      @if (entry().revision; as revision) { @if (entry().deviceId; as id) { <mp-raw-report [id]="id" [revision]="revision" /> } }
    </div>
  `,
})
export class TimelineEntry {
  readonly entry = input.required<Entry>();
  protected readonly title = flagTitle;
  protected readonly detailTitle = detailTitle;
  protected readonly detailValue = detailValue;
  protected readonly text = computed(() => entryText(this.entry()));
  protected readonly when = computed(() => {
    const { occurredAt } = this.entry();
    return occurredAt ? absolute(new Date(occurredAt)) : '';
  });
}
