import { Component, computed, inject, input, output } from '@angular/core';

import { Graph } from '../graph/graph';
import { askDeviceTimeline } from '../graph/generated';
import { paged } from '../graph/paged';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { yearOf } from '../parts/times';
import { TimelineConditions } from './timeline-conditions';
import { TimelineEntry } from './timeline-entry';
import type { Entry } from './timeline-entry';
import { ALL_ENTRIES, entryInput, isAll } from './timeline-filter';
import type { EntryFilter } from './timeline-filter';

/** What happened to the device, newest first, alarms merged in; read further on demand, to its first day. */
@Component({
  selector: 'mp-timeline',
  imports: [Age, Problem, TimelineConditions, TimelineEntry],
  styleUrl: './timeline.css',
  template: `
    <h2 i18n>Timeline</h2>
    <mp-timeline-conditions [filter]="filter()" (changed)="chosen.emit($event)" />
    <ol>
      @for (line of lines(); track line.entry.entryId + (line.entry.deviceId ?? '')) {
        @if (line.year) { <li class="year">{{ line.year }}</li> }
        <li [class.late]="line.entry.flags.length"><mp-age [at]="line.entry.occurredAt" /><mp-timeline-entry [entry]="line.entry" /></li>
      } @empty {
        @if (list.loading()) { <li class="waiting" aria-hidden="true"></li><li class="waiting" aria-hidden="true"></li><li class="waiting" aria-hidden="true"></li> }
        @else if (!list.failure()) {
          <li class="nothing soft">
            @if (everything()) { <ng-container i18n>Nothing has happened yet.</ng-container> }
            @else if (list.more()) { <ng-container i18n>None of the newest entries fits this filter; older ones may.</ng-container> }
            @else { <ng-container i18n>No entry fits this filter.</ng-container>&ngsp;<button class="quiet" (click)="chosen.emit(all)" i18n>Clear the filter</button> }
          </li>
        }
      }
    </ol>
    @if (list.failure(); as failure) { <mp-problem [failure]="failure" (again)="list.again()" /> }
    @if (list.more()) { <button (click)="list.readMore()" [disabled]="list.reading()" i18n>Show older entries</button> }
    @else if (list.items().length) { <p class="soft" i18n>This is where it begins.</p> }
  `,
})
export class Timeline {
  readonly id = input.required<string>();
  /** The newest revision that is known: a higher one reads the beginning again. */
  readonly revision = input.required<number>();
  readonly filter = input.required<EntryFilter>();
  readonly chosen = output<Partial<EntryFilter>>();
  private readonly graph = inject(Graph);
  protected readonly all = ALL_ENTRIES;
  protected readonly everything = computed(() => isAll(this.filter()));
  protected readonly list = paged({
    question: () => ({ id: this.id(), filter: entryInput(this.filter()) }),
    changes: () => this.revision(),
    read: async (question, after, signal) => (await this.graph.ask(askDeviceTimeline, { ...question, after }, signal)).device?.timeline,
    key: (entry: Entry) => `${entry.deviceId} ${entry.entryId}`,
  });
  /** Each year has its head, so that fifteen of them are told apart. */
  protected readonly lines = computed(() => {
    let before = '';
    return this.list.items().map((entry) => {
      const year = entry.occurredAt ? yearOf(new Date(entry.occurredAt)) : before;
      const head = year === before ? '' : year;
      before = year;
      return { entry, year: head };
    });
  });

}
