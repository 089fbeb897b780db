import { Component, computed, inject, input } from '@angular/core';
import { Router } from '@angular/router';

import { Session } from '../session/session';
import { Deeds } from './deeds';
import { Verify } from './verify';

/** For auditors: who did what, what was known when, and whether a device's history is whole. */
@Component({
  selector: 'mp-audit',
  imports: [Deeds, Verify],
  styles: `.pad { padding: var(--space-4); display: grid; gap: var(--space-3); }`,
  template: `
    <article class="view">
      <header><h1 i18n>Audit</h1></header>
      @if (may()) {
        <section class="sheet pad"><h2 i18n>Who did what</h2><mp-deeds /></section>
        <section class="sheet pad"><mp-verify [device]="of() ?? ''" (chosen)="choose($event)" /></section>
      } @else {
        <section class="sheet pad" role="alert">
          <h2 i18n>Your role does not allow this</h2>
          <p i18n>This view needs the role auditor. Whoever administers the users of this installation can give it to you.</p>
        </section>
      }
    </article>
  `,
})
export class Audit {
  /** The device whose history is looked at. */
  readonly of = input<string>();
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  // A hint, so that nothing is asked in vain: the register decides with every question.
  protected readonly may = computed(() => this.session.person()?.roles.includes('auditor') ?? false);

  protected choose(of: string): void {
    void this.router.navigate([], { queryParams: { of: of || null }, queryParamsHandling: 'merge' });
  }
}
