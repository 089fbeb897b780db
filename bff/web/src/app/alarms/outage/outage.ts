import { Component, computed, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Age } from '../../parts/age';
import { Clock } from '../../parts/clock';
import { affectedParameters, affectedSentence, outageTrend, trendSentence } from './trend';
import type { Affected, Direction } from './trend';

const SHAPES: Readonly<Record<Direction, string>> = { growing: '▲', shrinking: '▼', steady: '■' };

/** What an area's alarm stands for now: how many meters, since when, and whether they become more or fewer. */
@Component({
  selector: 'mp-outage',
  imports: [Age, RouterLink],
  styles: `
    :host { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--space-2); font-size: var(--text-s); color: var(--ink-soft); }
    b { color: var(--ink); font-weight: 600; }
    .growing { color: var(--bad); } .shrinking { color: var(--good); }
    .trend { white-space: nowrap; }
    i { font-style: normal; font-size: 0.8em; }
  `,
  template: `
    <a [routerLink]="['/devices']" [queryParams]="parameters()"><b>{{ sentence() }}</b></a>
    <span class="trend" [class]="trend().direction"><i aria-hidden="true">{{ shape() }}</i> {{ change() }}@if (trend().since; as at) {&ngsp;@if (trend().change) { <ng-container i18n>than</ng-container>&ngsp;}<mp-age [at]="at" />}</span>
    @if (since()) { <span><ng-container i18n>since</ng-container>&ngsp;<mp-age [at]="since()" /></span> }
  `,
})
export class Outage {
  readonly network = input.required<string>();
  readonly area = input.required<string>();
  readonly affected = input.required<Affected>();
  readonly since = input<string | null>(null);
  private readonly clock = inject(Clock);

  protected readonly sentence = computed(() => affectedSentence(this.affected()));
  protected readonly trend = computed(() => outageTrend(this.affected(), this.clock.now()));
  protected readonly change = computed(() => trendSentence(this.trend()));
  protected readonly shape = computed(() => SHAPES[this.trend().direction]);
  protected readonly parameters = computed(() => affectedParameters(this.network(), this.area(), this.affected()));
}
