import { Component, computed, inject, input, resource, signal } from '@angular/core';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askRawReport } from '../graph/generated';
import { Problem } from '../parts/problem';
import { absolute } from '../parts/times';
import { Session } from '../session/session';

/** What was reported, as the journal stores it, and by which message. It is read when it is opened, and by auditors alone. */
@Component({
  selector: 'mp-raw-report',
  imports: [Problem],
  styles: `
    summary { cursor: pointer; font-size: var(--text-s); color: var(--ink-soft); }
    dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 var(--space-3); font-size: var(--text-s); }
    dt { color: var(--ink-soft); }
    dd { overflow-wrap: anywhere; }
    pre { margin: var(--space-2) 0; padding: var(--space-3); max-height: 24rem; overflow: auto; font-size: var(--text-s); background: var(--sheet-sunk); border-radius: var(--corner); white-space: pre-wrap; overflow-wrap: anywhere; }
    p { font-size: var(--text-s); }
  `,
  template: `
    <details (toggle)="open.set($any($event.target).open)">
      <summary i18n>What was reported</summary>
      @if (open()) {
        @if (!may()) {
          <p>■ <ng-container i18n>What the journal stores is shown to the role auditor; you do not have it.</ng-container></p>
        } @else if (report.error()) {
          @if (failure(); as failed) { <mp-problem [failure]="failed" (again)="report.reload()" /> }
        } @else if (report.hasValue()) {
          @if (report.value(); as told) {
            <dl>
              <dt i18n>Source</dt><dd>{{ told.source ?? concluded }}</dd>
              @if (told.messageId) { <dt i18n>Message</dt><dd class="code">{{ told.messageId }}@if (told.messagePart) { , <ng-container i18n>part {{ told.messagePart + 1 }}</ng-container> }</dd> }
              @if (told.correlationId) { <dt i18n>Correlation</dt><dd class="code">{{ told.correlationId }}</dd> }
              @if (told.verb || told.noun) { <dt i18n>Verb and noun</dt><dd>{{ told.verb }} {{ told.noun }}</dd> }
              @if (told.messageAt) { <dt i18n>Made by the source at</dt><dd>{{ when(told.messageAt) }}</dd> }
              @if (told.committedAt) { <dt i18n>Stored at</dt><dd>{{ when(told.committedAt) }}</dd> }
              <dt i18n>Report</dt><dd class="code">{{ told.reportId }}</dd>
              <dt i18n>Revision</dt><dd>{{ told.revision }}</dd>
            </dl>
            @for (text of stored(); track $index) { <pre tabindex="0">{{ text }}</pre> }
          } @else { <p i18n>The journal does not hold this revision.</p> }
        } @else { <p class="soft" i18n>loading</p> }
      }
    </details>
  `,
})
export class RawReport {
  readonly id = input.required<string>();
  readonly revision = input.required<number>();
  private readonly graph = inject(Graph);
  private readonly session = inject(Session);
  protected readonly open = signal(false);
  protected readonly concluded = $localize`concluded by the hub`;
  protected readonly may = computed(() => this.session.person()?.roles.includes('auditor') ?? false);
  protected readonly when = (at: string): string => absolute(new Date(at));
  protected readonly report = resource({
    params: () => (this.open() && this.may() ? { id: this.id(), revision: this.revision() } : undefined),
    loader: async ({ params, abortSignal }) => (await this.graph.ask(askRawReport, params, abortSignal)).rawReport,
  });
  protected readonly failure = computed(() => (this.report.error() ? asFailure(this.report.error()) : null));
  protected readonly stored = computed(() => (this.report.hasValue() ? (this.report.value()?.storedEvents ?? []) : []).map(indented));
}

/** Return JSON as people read it; what was cut is shown as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
