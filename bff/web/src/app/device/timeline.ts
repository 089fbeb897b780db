import { Component, inject, input, linkedSignal, resource, signal } from '@angular/core';

import { Graph } from '../graph/graph';
import { asFailure } from '../graph/failure';
import { askDeviceTimeline } from '../graph/generated';
import type { DeviceTimelineQuery, TimelineFilter } from '../graph/generated';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { spoken } from '../parts/state-mark';
import { absolute } from '../parts/times';

type Entry = NonNullable<DeviceTimelineQuery['device']>['timeline']['edges'][number]['node'];

/** What happened to the device, newest first, alarms merged in; read further on demand. */
@Component({
  selector: 'mp-timeline',
  imports: [Age, Problem],
  styleUrl: './timeline.css',
  template: `
    <header class="row">
      <h2 i18n>Timeline</h2>
      <label class="row"><input type="checkbox" [checked]="withoutAlarms()" (change)="withoutAlarms.set(!withoutAlarms())" /> <ng-container i18n>without alarms</ng-container></label>
    </header>
    @if (first.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="first.reload()" /> }
    <ol>
      @for (entry of entries(); track entry.entryId + (entry.deviceId ?? '')) {
        <li [class.late]="entry.flags.length">
          <mp-age [at]="entry.occurredAt" />
          <div>
            <p>{{ entry.summary }}</p>
            <p class="more soft">
              {{ whole(entry) }}@if (entry.code) { · <span class="code">{{ entry.code }}</span> }
              @for (flag of entry.flags; track flag) { · <em>{{ spoken(flag) }}</em> }
            </p>
            @if (entry.details.length) {
              <details><summary i18n>Details</summary>
                <dl>@for (detail of entry.details; track detail.name) { <dt>{{ detail.name }}</dt><dd>{{ detail.value }}</dd> }</dl>
              </details>
            }
          </div>
        </li>
      } @empty {
        @if (!first.isLoading() && !first.error()) { <li class="soft" i18n>Nothing has happened yet.</li> } @else { <li class="waiting" aria-hidden="true"></li><li class="waiting" aria-hidden="true"></li><li class="waiting" aria-hidden="true"></li> }
      }
    </ol>
    @if (next()) { <button (click)="older()" [disabled]="reading()" i18n>Show older entries</button> }
  `,
})
export class Timeline {
  readonly id = input.required<string>();
  /** The newest revision that is known: a higher one reads the beginning again. */
  readonly revision = input.required<number>();
  private readonly graph = inject(Graph);
  protected readonly withoutAlarms = signal(false);
  protected readonly reading = signal(false);
  protected readonly spoken = spoken;
  protected readonly failureOf = asFailure;

  protected readonly first = resource({
    params: () => ({ id: this.id(), filter: { withoutAlarms: this.withoutAlarms() } satisfies TimelineFilter, revision: this.revision() }),
    loader: async ({ params: { id, filter }, abortSignal }) => (await this.graph.ask(askDeviceTimeline, { id, filter }, abortSignal)).device?.timeline ?? null,
  });
  protected readonly entries = linkedSignal<readonly Entry[]>(() => this.first.hasValue() ? (this.first.value()?.edges.map((edge) => edge.node) ?? []) : []);
  protected readonly next = linkedSignal<string | null>(() => {
    const page = this.first.hasValue() ? this.first.value()?.pageInfo : null;
    return page?.hasNextPage ? page.endCursor : null;
  });

  protected async older(): Promise<void> {
    this.reading.set(true);
    try {
      const answer = await this.graph.ask(askDeviceTimeline, { id: this.id(), filter: { withoutAlarms: this.withoutAlarms() }, after: this.next() });
      const page = answer.device?.timeline;
      if (!page) return;
      this.entries.update((before) => [...before, ...page.edges.map((edge) => edge.node)]);
      this.next.set(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    } finally {
      this.reading.set(false);
    }
  }

  protected whole(entry: Entry): string {
    return entry.occurredAt ? absolute(new Date(entry.occurredAt)) : '';
  }
}
