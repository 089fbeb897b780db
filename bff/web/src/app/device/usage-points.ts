import { Component, computed, input } from '@angular/core';

import type { Paged } from '../graph/paged';
import { Problem } from '../parts/problem';
import { onDay } from '../parts/times';
import { staysOf } from './stays';
import type { Entry } from './timeline-entry';

/** Where the device was, from when to when, as its timeline says; read further back on demand. */
@Component({
  selector: 'mp-usage-points',
  imports: [Problem],
  styles: `
    :host { display: grid; gap: var(--space-3); justify-items: start; }
    ol { display: grid; gap: var(--space-2); width: 100%; }
    li { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 var(--space-3); }
    .place { overflow-wrap: anywhere; }
    .now .place { font-weight: 600; }
    .span { grid-column: 1 / -1; font-size: var(--text-s); color: var(--ink-soft); }
  `,
  template: `
    <h2 i18n>Usage point and its history</h2>
    <ol>
      @for (stay of stays(); track $index) {
        <li [class.now]="!stay.until">
          <span class="place code">{{ stay.place }}</span> @if (!stay.until) { <span i18n>● now</span> }
          <span class="span">
            @if (stay.until) { {{ stay.since ? day(stay.since) : unknown }} – {{ day(stay.until) }} } @else { <ng-container i18n>since {{ stay.since ? day(stay.since) : unknown }}</ng-container> } @if (stay.area) { · {{ stay.area }} }
          </span>
        </li>
      } @empty {
        <li class="soft">@if (list().loading()) { <ng-container i18n>loading</ng-container> } @else if (!list().failure()) { <ng-container i18n>No usage point is known.</ng-container> }</li>
      }
    </ol>
    @if (list().failure(); as failure) { <mp-problem [failure]="failure" (again)="list().again()" /> }
    @if (list().more()) { <button class="quiet" (click)="list().readMore()" [disabled]="list().reading()" i18n>Look further back</button> }
  `,
})
export class UsagePoints {
  /** Entries of the timeline that state facts. */
  readonly list = input.required<Paged<Entry>>();
  protected readonly day = (at: string): string => onDay(new Date(at));
  protected readonly unknown = $localize`nobody knows when`;
  protected readonly stays = computed(() => staysOf(this.list().items()));
}
