import { Component, computed, input } from '@angular/core';

import { Age } from '../parts/age';
import type { FactGroup } from './facts';
import { differenceCount } from './facts';

/** What a device is, in groups. Laid beside how it is now, each fact that differs says so by shape and word. */
@Component({
  selector: 'mp-fact-sheets',
  imports: [Age],
  styles: `
    :host { display: grid; gap: var(--space-4); }
    section { padding: var(--space-4); display: grid; gap: var(--space-3); }
    dl { display: grid; grid-template-columns: minmax(6rem, 9.5rem) minmax(0, 1fr); gap: var(--space-1) var(--space-3); }
    dt { color: var(--ink-soft); }
    dd { overflow-wrap: anywhere; }
    .age { font-size: var(--text-s); color: var(--ink-soft); margin-inline-start: var(--space-2); }
    .differs { border-inline-start: 3px solid var(--notice); padding-inline-start: var(--space-2); }
    .differs p { font-size: var(--text-s); color: var(--notice); }
    header { display: flex; justify-content: space-between; gap: var(--space-2); align-items: baseline; }
    header p { font-size: var(--text-s); color: var(--notice); }
  `,
  template: `
    @for (group of shown(); track group.title) {
      <section class="sheet">
        <header><h2>{{ group.title }}</h2>@if (group.count) { <p>≠ <ng-container i18n>{group.count, plural, =1 {1 difference} other {{{ group.count }} differences}}</ng-container></p> }</header>
        <dl>
          @for (fact of group.facts; track fact.name) {
            <dt>{{ fact.name }}</dt>
            <dd [class.differs]="fact.other">
              <span [class.code]="fact.code" [class.soft]="fact.value === null">{{ fact.value ?? nothing }}</span>
              @if (ages().get(fact.word); as at) { <span class="age"><mp-age [at]="at" /></span> }
              @if (fact.other; as other) { <p>≠ <ng-container i18n>now:</ng-container>&ngsp;{{ other.value ?? nothing }}</p> }
            </dd>
          }
        </dl>
      </section>
    }
  `,
})
export class FactSheets {
  readonly groups = input.required<readonly FactGroup[]>();
  /** Since when, by the journal's words; a fact that is not in it is older than what was read. */
  readonly ages = input<ReadonlyMap<string, string>>(new Map());
  protected readonly nothing = $localize`nothing known`;
  protected readonly shown = computed(() => this.groups().map((group) => ({ ...group, count: differenceCount([group]) })));
}
