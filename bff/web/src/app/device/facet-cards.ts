import { Component, computed, input } from '@angular/core';

import type { FacetPartsFragment } from '../graph/generated';
import { Age } from '../parts/age';
import { causeText } from '../parts/causes';
import { StateMark, toneOf } from '../parts/state-mark';

export interface Facets {
  readonly lifecycle: FacetPartsFragment;
  readonly power: FacetPartsFragment;
  readonly switch: FacetPartsFragment;
  readonly communication: FacetPartsFragment;
  readonly tamper: FacetPartsFragment;
  readonly firmware: FacetPartsFragment;
}

export const FACET_TITLES = {
  lifecycle: $localize`Lifecycle`, power: $localize`Power`, switch: $localize`Switch`, communication: $localize`Communication`, tamper: $localize`Tamper`, firmware: $localize`Firmware`,
} as const;

/** Return how many facets have another value. */
export function differingFacets(one: Facets, other: Facets): number {
  return (Object.keys(FACET_TITLES) as (keyof Facets)[]).filter((name) => one[name].value !== other[name].value).length;
}

/** The six facets: value, since when, why; with `now`, what is different now is marked. */
@Component({
  selector: 'mp-facet-cards',
  imports: [StateMark, Age],
  styles: `
    ul { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: var(--space-3); }
    li { display: grid; gap: 0.15rem; padding: var(--space-3) var(--space-4); border-inline-start: 3px solid var(--tone, var(--edge)); align-content: start; }
    h2 { font-size: var(--text-s); color: var(--ink-soft); font-weight: 500; }
    b { font-size: var(--text-l); font-weight: 600; }
    p { font-size: var(--text-s); color: var(--ink-soft); overflow-wrap: anywhere; min-height: 1.2em; }
    .other { color: var(--notice); }
    .differs { outline: 2px dashed var(--notice); outline-offset: -1px; }
    .good { --tone: var(--good); } .notice { --tone: var(--notice); } .warn { --tone: var(--warn); } .bad { --tone: var(--bad); } .off { --tone: var(--edge); }
  `,
  template: `
    <ul>
      @for (card of cards(); track card.name) {
        <li class="sheet" [class]="card.tone" [class.differs]="card.now">
          <h2>{{ card.title }}</h2>
          <b><mp-state [word]="card.facet.value" /></b>
          <p>@if (card.facet.asOf) { <mp-age [at]="card.facet.asOf" /> } @else { <ng-container i18n>not known since when</ng-container> }</p>
          <p>{{ why(card.facet.cause) }}</p>
          @if (card.now; as now) { <p class="other">≠ <ng-container i18n>now:</ng-container>&ngsp;<mp-state [word]="now" /></p> }
        </li>
      }
    </ul>
  `,
})
export class FacetCards {
  readonly facets = input.required<Facets>();
  readonly now = input<Facets | null>(null);
  protected readonly why = causeText;
  protected readonly cards = computed(() =>
    (Object.keys(FACET_TITLES) as (keyof Facets)[]).map((name) => {
      const facet = this.facets()[name];
      const now = this.now()?.[name].value;
      return { name, title: FACET_TITLES[name], facet, tone: toneOf(facet.value), now: now !== undefined && now !== facet.value ? now : null };
    }),
  );
}
