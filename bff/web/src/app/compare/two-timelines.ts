import { Component, computed, inject, input } from '@angular/core';

import { TimelineEntry } from '../device/timeline-entry';
import type { Entry } from '../device/timeline-entry';
import { Graph } from '../graph/graph';
import { askDeviceTimeline } from '../graph/generated';
import { paged } from '../graph/paged';
import type { Paged } from '../graph/paged';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { common, shorter } from './common-timeline';

/** What happened to both devices, in one order, each on its own side. */
@Component({
  selector: 'mp-two-timelines',
  imports: [Age, Problem, TimelineEntry],
  styles: `
    :host { display: grid; gap: var(--space-3); justify-items: start; }
    ol { width: 100%; }
    li { display: grid; grid-template-columns: 11rem minmax(0, 1fr) minmax(0, 1fr); gap: var(--space-3); padding: var(--space-2) 0; border-bottom: 1px solid var(--edge); }
    li > mp-age { color: var(--ink-soft); }
    .b mp-timeline-entry { grid-column: 3; }
    mp-timeline-entry { border-inline-start: 3px solid var(--accent); padding-inline-start: var(--space-2); }
    .b mp-timeline-entry { border-inline-start-style: double; border-inline-start-color: var(--notice); }
    .whose { font-weight: 550; overflow-wrap: anywhere; }
    .waiting::before { content: ''; grid-column: 2 / -1; height: 1.6rem; border-radius: var(--corner); background: var(--sheet-sunk); }
    @media (max-width: 40rem) {
      li { grid-template-columns: minmax(0, 1fr); gap: 0; }
      .b mp-timeline-entry { grid-column: 1; }
      .waiting::before { grid-column: 1; }
    }
  `,
  template: `
    <h2 i18n>Common timeline</h2>
    @for (lane of [a, b]; track $index) { @if (lane.failure(); as failure) { <mp-problem [failure]="failure" (again)="lane.again()" /> } }
    <ol>
      @for (line of lines(); track line.side + line.item.entryId + (line.item.deviceId ?? '')) {
        <li [class.b]="line.side === 'b'"><span><span class="whose">{{ line.side === 'a' ? nameA() : nameB() }}</span> <br /><mp-age [at]="line.item.occurredAt" /></span><mp-timeline-entry [entry]="line.item" /></li>
      } @empty {
        @if (a.loading() || b.loading()) { <li class="waiting" aria-hidden="true"></li><li class="waiting" aria-hidden="true"></li> }
        @else { <li class="soft" i18n>Nothing has happened yet.</li> }
      }
    </ol>
    @if (goesOn(); as lane) { <button (click)="lane.readMore()" [disabled]="lane.reading()" i18n>Show older entries</button> }
    @else if (lines().length) { <p class="soft" i18n>This is where it begins.</p> }
  `,
})
export class TwoTimelines {
  readonly idA = input.required<string>();
  readonly idB = input.required<string>();
  readonly nameA = input.required<string>();
  readonly nameB = input.required<string>();
  private readonly graph = inject(Graph);
  protected readonly a = this.laneOf(() => this.idA());
  protected readonly b = this.laneOf(() => this.idB());
  protected readonly lines = computed(() => (this.a.loading() || this.b.loading() ? [] : common(said(this.a), said(this.b))));
  protected readonly goesOn = computed(() => {
    if (this.a.loading() || this.b.loading()) return null;
    const side = shorter(said(this.a), said(this.b));
    return side && this[side];
  });

  private laneOf(id: () => string): Paged<Entry> {
    return paged({
      question: () => ({ id: id() }),
      read: async (question, after, signal) => (await this.graph.ask(askDeviceTimeline, { ...question, after }, signal)).device?.timeline,
      key: (entry: Entry) => `${entry.deviceId} ${entry.entryId}`,
    });
  }
}

function said(lane: Paged<Entry>): { items: readonly Entry[]; more: boolean } {
  return { items: lane.items(), more: lane.more() };
}
