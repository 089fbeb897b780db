import { Component, computed, input } from '@angular/core';

import type { MessageReadingQuery } from '../../graph/generated';
import { whole } from '../../parts/numbers';
import { absolute } from '../../parts/times';
import { reasonText } from '../reasons';
import { kindText, understoodSentence } from './understood-words';

type Found = NonNullable<NonNullable<MessageReadingQuery['messageReading']>['understood']>;

/** What the connector understood of a message: its header, a report for each device, and what it could not read. */
@Component({
  selector: 'mp-understood',
  styles: `
    :host { display: grid; gap: var(--space-4); }
    .head { padding: var(--space-4); display: grid; gap: var(--space-2); border-inline-start: 3px solid var(--good); }
    .head.bad { border-inline-start-color: var(--bad); } .head.part { border-inline-start-color: var(--warn); }
    p, dd { overflow-wrap: anywhere; }
    dl { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-6); }
    dt { font-size: var(--text-s); color: var(--ink-soft); }
    ol { padding: 0 var(--space-4); }
    li { padding: var(--space-3) 0; border-top: 1px solid var(--edge); display: grid; gap: var(--space-1); }
    li:first-child { border-top: 0; }
    h3 { padding: var(--space-3) var(--space-4) 0; }
    .small { font-size: var(--text-s); }
  `,
  template: `
    <section class="sheet head" [class.bad]="understood().unreadable" [class.part]="understood().problemCount" role="status">
      <h2>{{ sentence() }}</h2>
      @if (understood().unreadable; as why) { <p><strong>{{ reason(why.reason) }}</strong>: <span lang="en">{{ why.detail }}</span></p> @if (why.place) { <p class="code soft">{{ why.place }}</p> } }
      <dl>@for (fact of facts(); track fact[0]) { <div><dt>{{ fact[0] }}</dt><dd>{{ fact[1] }}</dd></div> }</dl>
    </section>
    @if (understood().problems.length) {
      <section class="sheet" aria-labelledby="problems"><h3 id="problems" i18n>Parts that cannot be read</h3>
        <ol>@for (problem of understood().problems; track $index) { <li><p><strong>{{ reason(problem.reason) }}</strong>: <span lang="en">{{ problem.detail }}</span></p><p class="code soft small">{{ problem.place }}</p></li> }</ol>
      </section>
    }
    @if (understood().reports.length) {
      <section class="sheet" aria-labelledby="reports"><h3 id="reports" i18n>Reports</h3>
        <ol>
          @for (report of understood().reports; track $index) {
            <li>
              <p><strong>{{ report.deviceId }}</strong> {{ kind(report.kind) }} @if (report.occurredAt) { <span class="soft">{{ when(report.occurredAt) }}@if (report.zoneAssumed) { , <ng-container i18n>zone assumed</ng-container> }@if (report.effectiveLater) { , <ng-container i18n>takes effect then</ng-container> }</span> }</p>
              <dl>@for (fact of report.facts; track fact.name) { <div><dt>{{ fact.name }}</dt><dd>{{ fact.value }}</dd></div> }</dl>
              <p class="soft small"><ng-container i18n>called</ng-container> @for (name of report.identifiers; track $index) { {{ name.name || '–' }} = {{ name.value }}@if (!$last) {, } }</p>
            </li>
          }
        </ol>
      </section>
      @if (understood().reportCount > understood().reports.length) { <p class="soft"><ng-container i18n>These are the first {{ number(understood().reports.length) }} of {{ number(understood().reportCount) }} reports.</ng-container></p> }
    }
  `,
})
export class Understood {
  readonly understood = input.required<Found>();
  protected readonly number = whole;
  protected readonly reason = reasonText;
  protected readonly kind = kindText;
  protected readonly sentence = computed(() => understoodSentence(this.understood()));
  protected readonly facts = computed(() => {
    const now = this.understood();
    const all: readonly [string, string][] = [
      [$localize`Read as`, now.source], [$localize`Message`, [now.verb, now.noun].filter(Boolean).join(' ')], [$localize`Network`, now.network ?? ''], [$localize`Message id`, now.messageId],
      [$localize`Made at`, now.messageAt ? absolute(new Date(now.messageAt)) : ''], [$localize`Passed over`, now.passedOver.map((one) => `${one.value} ${one.name}`).join(', ')],
    ];
    return all.filter(([, value]) => value);
  });

  protected when(at: string): string {
    return absolute(new Date(at));
  }
}
