import { Component, DestroyRef, computed, inject, input, output } from '@angular/core';

import type { Failure } from '../graph/failure';
import { every } from './every';

const ASKED_AGAIN_MS = 5_000;

/**
 * A view that could not be shown: what happened, and what helps; the view adds what it knows beside. Never an empty place.
 * Who is away comes back without a person's help, so that is asked again by itself.
 */
@Component({
  selector: 'mp-problem',
  styles: `section { display: grid; gap: var(--space-3); justify-items: start; padding: var(--space-6); border-inline-start: 3px solid var(--bad); }`,
  template: `
    <section class="sheet" role="alert">
      <h2>{{ title() }}</h2>
      <p>{{ failure().message }}</p>
      @if (failure().kind === 'away') { <p class="soft" i18n>It is asked again every few seconds.</p> }
      @if (failure().kind !== 'not-allowed' && failure().kind !== 'refused') {
        <button (click)="again.emit()" i18n>Try again</button>
      }
      <ng-content />
    </section>
  `,
})
export class Problem {
  readonly failure = input.required<Failure>();
  readonly again = output();
  protected readonly title = computed(() => {
    switch (this.failure().kind) {
      case 'not-allowed': return $localize`Your role does not allow this`;
      case 'away': return $localize`The park cannot be reached`;
      case 'too-often': return $localize`Too many questions at once`;
      case 'refused': return $localize`This cannot be shown`;
      case 'logged-out': return $localize`You are not logged in`;
      case 'defect': return $localize`Something went wrong`;
    }
  });

  constructor() {
    every(ASKED_AGAIN_MS, () => { if (this.failure().kind === 'away') this.again.emit(); }, inject(DestroyRef));
  }
}
