import { Component, DestroyRef, computed, effect, inject, input, linkedSignal, output, untracked } from '@angular/core';

import { asFailure } from '../../graph/failure';
import type { Failure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askQuarantineReplay } from '../../graph/generated';
import { whole } from '../../parts/numbers';
import { poll } from '../../parts/polling';
import { askedFor, lookAgainMs } from './replay';
import type { Progress } from './replay';

interface Known {
  readonly progress: Progress | null;
  readonly failure: Failure | null;
  readonly failures: number;
}

const NOTHING_YET: Known = { progress: null, failure: null, failures: 0 };

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
      } @else if (failure(); as failure) { <p class="soft" role="alert">{{ failure.message }}</p> }
      @else { <p class="soft" i18n>Reading how far it is …</p> }
      <button class="quiet" (click)="closed.emit()" i18n>Close</button>
    </section>
  `,
})
export class ReplayProgress {
  readonly requestId = input.required<string>();
  readonly closed = output();
  /** Nothing waits any more, and something did. */
  readonly ended = output();

  private readonly graph = inject(Graph);
  private readonly destroyed = inject(DestroyRef);
  protected readonly number = whole;
  private readonly known = linkedSignal<string, Known>({ source: this.requestId, computation: () => NOTHING_YET });
  protected readonly progress = computed(() => this.known().progress);
  protected readonly all = computed(() => { const now = this.progress(); return now ? askedFor(now) : 0; });
  protected readonly failure = computed(() => this.known().failure);

  constructor() {
    // The first look is at once, also of a request that takes the place of another.
    effect(() => { this.requestId(); untracked(() => void this.look()); });
    poll(async () => this.look(), () => { const { progress, failure, failures } = this.known(); return lookAgainMs(progress, failure, failures); }, this.destroyed);
  }

  private async look(): Promise<void> {
    const requestId = this.requestId();
    const answer = await this.graph.ask(askQuarantineReplay, { requestId }).catch(asFailure);
    if (this.destroyed.destroyed || requestId !== this.requestId()) return;
    const before = this.known();
    if (answer instanceof Error) {
      this.known.set({ progress: before.progress, failure: answer, failures: before.failures + 1 });
      return;
    }
    this.known.set({ progress: answer.quarantineReplay, failure: null, failures: 0 });
    if (before.progress?.waitingCount && !answer.quarantineReplay.waitingCount) this.ended.emit();
  }
}
