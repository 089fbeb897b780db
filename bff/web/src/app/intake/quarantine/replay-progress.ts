import { Component, DestroyRef, computed, effect, inject, input, output, resource, untracked } from '@angular/core';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askQuarantineReplay } from '../../graph/generated';
import { whole } from '../../parts/numbers';
import { every } from '../../parts/every';
import { askedFor } from './replay';

const READ_AGAIN_MS = 1_000;

/** How far a request to read messages again is. It is found again by its id, so a reload loses nothing. */
@Component({
  selector: 'mp-replay-progress',
  styles: `
    section { display: flex; flex-wrap: wrap; gap: var(--space-2) var(--space-4); align-items: center; padding: var(--space-3) var(--space-4); }
    progress { width: 14rem; max-width: 100%; accent-color: var(--accent); }
    button { margin-inline-start: auto; }
  `,
  template: `
    <section class="sheet">
      @if (progress(); as now) {
        <label for="replayed" i18n>Read again</label>
        <progress id="replayed" [max]="all() || 1" [value]="all() - now.waitingCount"></progress>
        <p role="status">
          <ng-container i18n>{{ number(all() - now.waitingCount) }} of {{ number(all()) }}</ng-container>:
          <ng-container i18n>{{ number(now.resolvedCount) }} resolved, {{ number(now.failedCount) }} still not readable</ng-container>
        </p>
        @if (now.waitingCount && failure()) { <p class="soft">{{ failure()?.message }}</p> }
      } @else { <p class="soft" i18n>Reading how far it is …</p> }
      <button class="quiet" (click)="closed.emit()" i18n>Close</button>
    </section>
  `,
})
export class ReplayProgress {
  readonly requestId = input.required<string>();
  readonly closed = output();
  readonly moved = output();

  private readonly graph = inject(Graph);
  protected readonly number = whole;
  private readonly read = resource({
    params: () => this.requestId(),
    loader: async ({ params: requestId, abortSignal }) => (await this.graph.ask(askQuarantineReplay, { requestId }, abortSignal)).quarantineReplay,
  });
  protected readonly progress = computed(() => (this.read.hasValue() ? this.read.value() : null));
  protected readonly all = computed(() => { const now = this.progress(); return now ? askedFor(now) : 0; });
  protected readonly failure = computed(() => { const error = this.read.error(); return error ? asFailure(error) : null; });

  constructor() {
    every(READ_AGAIN_MS, () => { if (this.progress()?.waitingCount !== 0) this.read.reload(); }, inject(DestroyRef));
    let seen = '';
    effect(() => {
      const now = this.progress();
      const told = now ? `${now.resolvedCount} ${now.failedCount}` : '';
      if (told && seen && told !== seen) untracked(() => this.moved.emit());
      seen = told;
    });
  }
}
