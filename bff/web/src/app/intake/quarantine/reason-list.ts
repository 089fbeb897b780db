import { Component, computed, input, output } from '@angular/core';

import type { QuarantineReasonsQuery } from '../../graph/generated';
import { Age } from '../../parts/age';
import { whole } from '../../parts/numbers';
import { reasonText } from '../reasons';

/** Why messages could not be read, and how many wait for each reason: a filter of the list. */
@Component({
  selector: 'mp-reason-list',
  imports: [Age],
  styles: `
    section { padding: var(--space-3); display: grid; gap: var(--space-2); }
    h2 { padding-inline: var(--space-1); }
    button { width: 100%; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 var(--space-2); justify-content: stretch; text-align: start; padding: var(--space-2); border-color: transparent; background: transparent; white-space: normal; }
    button[aria-pressed='true'] { background: var(--accent-soft); border-color: var(--accent); }
    b { font-weight: 600; }
    small { grid-column: 1 / -1; font-size: var(--text-s); }
    .done { color: var(--ink-soft); }
  `,
  template: `
    <section class="sheet" aria-labelledby="reasons">
      <h2 id="reasons" i18n>Reasons</h2>
      @if (counts().tooManyToCount) { <p class="soft" i18n>There are too many messages to count by reason.</p> }
      <ul>
        @for (one of counts().reasons; track one.reason) {
          <li>
            <button [attr.aria-pressed]="one.reason === chosen()" [class.done]="!one.openCount" (click)="picked.emit(one.reason === chosen() ? null : one.reason)">
              <span>{{ reason(one.reason) }}</span><b>{{ number(one.openCount) }}</b>
              <small class="soft">
                @if (one.openCount) { <ng-container i18n>oldest</ng-container>&ngsp;<mp-age [at]="one.oldestAt" /> }
                @if (one.replayRequestedCount) { @if (one.openCount) { · } <ng-container i18n>{{ number(one.replayRequestedCount) }} to be read again</ng-container> }
                @if (!one.openCount && !one.replayRequestedCount) { <ng-container i18n>{{ number(one.resolvedCount) }} resolved</ng-container> }
              </small>
            </button>
          </li>
        } @empty { @if (!counts().tooManyToCount) { <li class="soft" i18n>Nothing is in the quarantine.</li> } }
      </ul>
      @if (total()) { <p class="soft"><ng-container i18n>{{ number(total()) }} open in all</ng-container></p> }
    </section>
  `,
})
export class ReasonList {
  readonly counts = input.required<QuarantineReasonsQuery['quarantineReasons']>();
  readonly chosen = input.required<string | null>();
  readonly picked = output<string | null>();
  protected readonly number = whole;
  protected readonly reason = reasonText;
  protected readonly total = computed(() => this.counts().reasons.reduce((sum, one) => sum + one.openCount, 0));
}
