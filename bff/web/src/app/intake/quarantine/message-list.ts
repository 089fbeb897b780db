import { Component, computed, input, output } from '@angular/core';
import { RouterLink } from '@angular/router';

import type { QuarantineRowFragment } from '../../graph/generated';
import { Age } from '../../parts/age';
import { reasonText } from '../reasons';

/** Messages of the quarantine, newest first; several are chosen together. */
@Component({
  selector: 'mp-message-list',
  imports: [RouterLink, Age],
  styles: `
    :host { display: block; }
    .all { display: flex; align-items: center; gap: var(--space-2); font-weight: 400; min-height: 2rem; }
    li { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0 var(--space-3); align-items: start; padding: var(--space-2) 0; border-top: 1px solid var(--edge); }
    li > input { margin-top: 0.15rem; }
    p { overflow-wrap: anywhere; }
    .more { font-size: var(--text-s); }
    mp-age { color: var(--ink-soft); }
    .noun { font-weight: 550; }
  `,
  template: `
    @if (choosable()) {
      <label class="all"><input type="checkbox" [checked]="all()" (change)="toggleAll()" /> @if (chosen().size) { <ng-container i18n>{{ chosen().size }} chosen</ng-container> } @else { <ng-container i18n>Choose all shown</ng-container> }</label>
    }
    <ul>
      @for (message of messages(); track message.quarantineId) {
        <li>
          @if (choosable()) { <input type="checkbox" [checked]="chosen().has(message.quarantineId)" [disabled]="message.truncated" (change)="toggle(message.quarantineId)" [attr.aria-label]="label(message)" /> } @else { <span></span> }
          <div>
            <p><a class="noun" [routerLink]="['/intake/quarantine', message.quarantineId]">{{ label(message) }}</a>&ngsp;<span lang="en">{{ message.detail }}</span></p>
            <p class="more soft">
              <span>{{ reason(message.reason) }}</span> · {{ message.source }} @if (message.network) { · {{ message.network }} } @if (message.place) { · <span class="code">{{ message.place }}</span> }
              @if (message.replayCount) { · <ng-container i18n>{message.replayCount, plural, =1 {read again once} other {read again {{ message.replayCount }} times}}</ng-container> }
              @if (message.truncated) { · <ng-container i18n>only its beginning is kept</ng-container> }
            </p>
          </div>
          <mp-age [at]="message.quarantinedAt" />
        </li>
      }
    </ul>
  `,
})
export class MessageList {
  readonly messages = input.required<readonly QuarantineRowFragment[]>();
  readonly chosen = input.required<ReadonlySet<string>>();
  readonly choosable = input.required<boolean>();
  readonly picked = output<ReadonlySet<string>>();
  protected readonly reason = reasonText;
  private readonly able = computed(() => this.messages().filter((message) => !message.truncated).map((message) => message.quarantineId));
  protected readonly all = computed(() => this.able().length > 0 && this.able().every((id) => this.chosen().has(id)));

  protected label(message: QuarantineRowFragment): string {
    return [message.verb, message.noun].filter(Boolean).join(' ') || $localize`Message without a noun`;
  }

  protected toggle(id: string): void {
    const chosen = new Set(this.chosen());
    if (!chosen.delete(id)) chosen.add(id);
    this.picked.emit(chosen);
  }

  protected toggleAll(): void {
    this.picked.emit(this.all() ? new Set() : new Set(this.able()));
  }
}
