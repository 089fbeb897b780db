import { Component, computed, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import type { DeviceFilterInput } from '../../graph/generated';
import { ACTION_TITLES } from '../../jobs/job-words';
import { whole } from '../../parts/numbers';
import { Session } from '../../session/session';
import { BulkDialog } from './bulk-dialog';
import type { BulkKind } from './bulk-dialog';
import { NAMED_AT_MOST, NOTHING, pairOf, selectionInput } from './selection';
import type { Selection } from './selection';

const ACTIONS: readonly BulkKind[] = ['TAG', 'MARK_FOR_EXCHANGE', 'UNMARK_FOR_EXCHANGE', 'ACKNOWLEDGE_ALARMS', 'ASSIGN_ALARMS'];

/** How many devices are chosen, and what can be done with all of them. There only while some are. */
@Component({
  selector: 'mp-bulk-bar',
  imports: [BulkDialog, RouterLink],
  styles: `
    :host { position: absolute; inset: auto 0 2.75rem; z-index: 7; display: flex; justify-content: center; padding: 0 var(--space-4); pointer-events: none; }
    section { pointer-events: auto; display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2); max-width: 100%; padding: var(--space-2) var(--space-3); box-shadow: var(--shadow); border-color: var(--edge-strong); }
    .count { font-weight: 600; white-space: nowrap; }
    .line { width: 1px; height: 1.25rem; background: var(--edge); }
    .note { flex-basis: 100%; font-size: var(--text-s); }
    @media (max-width: 40rem) { :host { inset: auto 0 0; padding: 0 0 var(--space-2); } button { padding: 0 var(--space-2); } .button { padding: 0 var(--space-2); } .line { display: none; } }
  `,
  template: `
    <section class="sheet" i18n-aria-label aria-label="Chosen devices">
      <span class="count" role="status" i18n>{{ number(count()) }} chosen</span>
      @if (selection().kind === 'some' && total() > count()) {
        <button class="quiet" (click)="selected.emit({ kind: 'all', without: [] })" i18n>Choose all {{ number(total()) }} that fit</button>
      }
      <button class="quiet" (click)="selected.emit(nothing)" i18n>Choose none</button>
      @if (pair(); as two) { <a class="button" routerLink="/compare" [queryParams]="two" i18n>Compare the two</a> }
      @if (mayChange()) {
        <span class="line"></span>
        @for (action of actions; track action) { <button [disabled]="wholePark()" (click)="ask(action)">{{ titles[action] }}</button> }
      }
      @if (full()) { <span class="note" role="alert" i18n>More than {{ atMost }} are not chosen one by one. Choose all that fit a filter instead.</span> }
      @else if (!mayChange()) { <span class="note soft" i18n>Changing devices needs the role asset-manager.</span> }
      @else if (wholePark()) { <span class="note soft" i18n>Set a filter first: nothing is done with the whole park at once.</span> }
    </section>
    @if (doing(); as action) {
      <mp-bulk-dialog [kind]="action" [selection]="asked()" (closed)="ask(null)" />
    }
  `,
})
export class BulkBar {
  readonly selection = input.required<Selection>();
  readonly count = input.required<number>();
  readonly total = input.required<number>();
  readonly filter = input.required<DeviceFilterInput>();
  /** One more could not be chosen. */
  readonly full = input(false);
  /** There is no filter. */
  readonly unlimited = input(false);
  readonly selected = output<Selection>();
  /** Whether a dialog is open: it has to stay, also when no device fits any more. */
  readonly asking = output<boolean>();

  private readonly session = inject(Session);
  protected readonly nothing = NOTHING;
  protected readonly actions = ACTIONS;
  protected readonly titles = ACTION_TITLES;
  protected readonly atMost = NAMED_AT_MOST;
  protected readonly number = whole;
  protected readonly doing = signal<BulkKind | null>(null);
  protected readonly mayChange = computed(() => this.session.person()?.roles.includes('asset-manager') ?? false);
  protected readonly wholePark = computed(() => this.unlimited() && this.selection().kind === 'all');
  protected readonly pair = computed(() => pairOf(this.selection()));
  protected readonly asked = computed(() => selectionInput(this.selection(), this.filter()));

  protected ask(action: BulkKind | null): void {
    this.doing.set(action);
    this.asking.emit(action !== null);
  }
}
