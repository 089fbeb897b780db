import { Component, computed, inject, input, linkedSignal, resource } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askShipmentImportRows } from '../../graph/generated';
import type { ShipmentImportRowsQuery, ShipmentImportVerdict } from '../../graph/generated';
import { Problem } from '../../parts/problem';
import { StateMark } from '../../parts/state-mark';
import { verdictWord } from './import-words';
import { rowDetail } from './row-detail';

type Page = NonNullable<ShipmentImportRowsQuery['shipmentImport']>['rows'];
type Row = Page['edges'][number]['node'];

/** The rows of a file in its order, each with its verdict and why. */
@Component({
  selector: 'mp-import-rows',
  imports: [RouterLink, Problem, StateMark],
  styles: `
    :host { display: block; padding: 0 var(--space-4) var(--space-3); min-height: 10rem; }
    li { display: grid; grid-template-columns: 4rem 9rem minmax(0, 16rem) minmax(0, 1fr); gap: 0 var(--space-3); padding: var(--space-1) 0; border-bottom: 1px solid var(--edge); align-items: center; min-height: var(--row); }
    .line { text-align: end; color: var(--ink-soft); }
    span, a { overflow-wrap: anywhere; }
    @media (max-width: 40rem) { li { grid-template-columns: 2.5rem minmax(0, 1fr) auto; } li > :nth-child(2) { order: 3; } li > :nth-child(4) { grid-column: 2 / -1; order: 4; } }
  `,
  template: `
    @if (first.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="first.reload()" /> }
    <ol>
      @for (row of rows(); track row.line) {
        <li>
          <span class="line">{{ row.line }}</span>
          <span><mp-state [word]="row.verdict ?? ''" [text]="word(row.verdict)" /></span>
          @if (row.deviceId && row.verdict !== 'REFUSED' && row.verdict !== 'READY') { <a [routerLink]="'/devices/' + row.deviceId">{{ row.deviceId }}</a> } @else { <span>{{ row.deviceId }}</span> }
          <span>{{ wrong(row.detail) }}</span>
        </li>
      } @empty { @if (first.hasValue()) { <li><span></span><span class="soft" i18n>No row.</span></li> } }
    </ol>
    @if (next()) { <button (click)="more()" i18n>Show more rows</button> }
  `,
})
export class ImportRows {
  readonly importId = input.required<string>();
  readonly verdicts = input.required<readonly ShipmentImportVerdict[]>();
  readonly version = input.required<string>();
  private readonly graph = inject(Graph);
  protected readonly failureOf = asFailure;
  protected readonly word = verdictWord;
  protected readonly wrong = rowDetail;
  private readonly asked = computed(() => ({ id: this.importId(), verdicts: [...this.verdicts()] }));
  protected readonly first = resource({
    params: () => ({ ...this.asked(), version: this.version() }),
    loader: async ({ params: { id, verdicts }, abortSignal }) => (await this.graph.ask(askShipmentImportRows, { id, verdicts }, abortSignal)).shipmentImport?.rows ?? null,
  });
  protected readonly rows = linkedSignal<Page | null, readonly Row[]>({
    source: () => (this.first.hasValue() ? this.first.value() : null),
    computation: (page, previous) => page?.edges.map((edge) => edge.node) ?? previous?.value ?? [],
  });
  protected readonly next = linkedSignal(() => {
    const info = this.first.hasValue() ? this.first.value()?.pageInfo : null;
    return info?.hasNextPage ? info.endCursor : null;
  });

  protected async more(): Promise<void> {
    const page = (await this.graph.ask(askShipmentImportRows, { ...this.asked(), after: this.next() })).shipmentImport?.rows;
    if (!page) return;
    this.rows.update((before) => [...before, ...page.edges.map((edge) => edge.node)]);
    this.next.set(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
  }
}
