import { Component, DestroyRef, computed, inject, linkedSignal, resource } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askShipmentImports } from '../../graph/generated';
import type { ImportFactsFragment, ShipmentImportsQuery } from '../../graph/generated';
import { Age } from '../../parts/age';
import { every } from '../../parts/every';
import { whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';
import { Session } from '../../session/session';
import { seesShipments } from '../mends';
import { DropFile } from './drop-file';
import { isMoving, stateWord } from './import-words';

const READ_AGAIN_MS = 3_000;

/** Files that say which meters were delivered: those that were brought, and a place to bring one. */
@Component({
  selector: 'mp-imports',
  imports: [RouterLink, Age, DropFile, Problem],
  styles: `
    :host { display: grid; gap: var(--space-4); }
    ul { padding: var(--space-2) var(--space-4); }
    li { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto; gap: var(--space-1) var(--space-4); padding: var(--space-2) 0; border-top: 1px solid var(--edge); }
    li:first-child { border-top: 0; }
    a { font-weight: 550; overflow-wrap: anywhere; }
    .bad { color: var(--bad); }
    .nothing { padding: var(--space-8); text-align: center; }
    .waiting { height: 8rem; border-radius: var(--corner); background: var(--sheet-sunk); }
    @media (max-width: 40rem) { li { grid-template-columns: minmax(0, 1fr) auto; } li > :nth-child(2) { grid-row: 2; grid-column: 1 / -1; } }
  `,
  template: `
    @if (imports()) { <mp-drop-file /> }
    @else if (sees()) { <p class="soft" i18n>Asset managers bring the files. You see what became of them.</p> }
    @else { <section class="sheet nothing"><h2 i18n>Shipments are for asset managers and viewers</h2><p class="soft" i18n>To see them, the role asset-viewer or asset-manager is needed.</p></section> }
    @if (page.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="page.reload()" /> }
    @if (rows().length) {
      <section class="sheet" i18n-aria-label aria-label="Files of shipments">
        <ul>
          @for (one of rows(); track one.importId) {
            <li>
              <span><a [routerLink]="['/intake/imports', one.importId]">{{ one.fileName }}</a>&ngsp;<span class="soft"><ng-container i18n>by {{ one.username }}</ng-container></span></span>
              <span>{{ state(one.state) }} @if (one.rowCount) { · <ng-container i18n>{{ number(one.rowCount) }} rows</ng-container> } @if (one.refusedCount) { · <span class="bad">■ <ng-container i18n>{{ number(one.refusedCount) }} refused</ng-container></span> }</span>
              <mp-age [at]="one.createdAt" />
            </li>
          }
        </ul>
        @if (next()) { <button (click)="more()" i18n>Show older files</button> }
      </section>
    } @else if (page.hasValue()) { <section class="sheet nothing"><h2 i18n>No file yet</h2></section> }
    @else if (sees() && !page.error()) { <div class="waiting"></div> }
  `,
})
export class Imports {
  private readonly graph = inject(Graph);
  private readonly session = inject(Session);
  protected readonly failureOf = asFailure;
  protected readonly number = whole;
  protected readonly state = stateWord;
  protected readonly imports = computed(() => this.session.person()?.roles.includes('asset-manager') ?? false);
  protected readonly sees = computed(() => seesShipments(this.session.person()?.roles));
  protected readonly page = resource({ params: () => this.sees() || undefined, loader: async ({ abortSignal }) => (await this.graph.ask(askShipmentImports, {}, abortSignal)).shipmentImports });
  protected readonly rows = linkedSignal<ShipmentImportsQuery['shipmentImports'] | null, readonly ImportFactsFragment[]>({
    source: () => (this.page.hasValue() ? this.page.value() : null),
    computation: (page, previous) => page?.edges.map((edge) => edge.node) ?? previous?.value ?? [],
  });
  protected readonly next = linkedSignal(() => {
    const info = this.page.hasValue() ? this.page.value().pageInfo : null;
    return info?.hasNextPage ? info.endCursor : null;
  });

  constructor() {
    every(READ_AGAIN_MS, () => { if (this.rows().slice(0, 20).some((one) => isMoving(one.state))) this.page.reload(); }, inject(DestroyRef));
  }

  protected async more(): Promise<void> {
    const page = (await this.graph.ask(askShipmentImports, { after: this.next() })).shipmentImports;
    this.rows.update((before) => [...before, ...page.edges.map((edge) => edge.node)]);
    this.next.set(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
  }
}
