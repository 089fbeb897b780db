import { Component, DestroyRef, computed, effect, inject, signal, untracked, viewChild } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';

import { Graph } from '../graph/graph';
import { askDeviceChanged, askDevicesPage } from '../graph/generated';
import type { DeviceOrderKey } from '../graph/generated';
import { Live } from '../graph/live';
import { devicesText } from '../parts/numbers';
import { Problem } from '../parts/problem';
import { Preferences } from '../shell/preferences';
import { devicesNow } from '../views/saved-view';
import { ViewsMenu } from '../views/views-menu';
import { ChosenColumns } from './chosen-columns';
import { COLUMNS, SORT_KEYS, chosenColumns } from './columns';
import { DeviceTable } from './device-table';
import { ExportDialog } from './export/export-dialog';
import { FilterChips } from './filter/filter-chips';
import { FilterPanel } from './filter/filter-panel';
import { NO_FILTER, filterInput, filterParameters, isEmpty, readFilter, readSorting, sortInput, sortedBy, sortingParameter } from './filter/device-filter';
import type { DeviceFilter } from './filter/device-filter';
import { rowsOf } from './rows';
import type { Rows } from './rows';
import { BulkBar } from './selection/bulk-bar';
import { NOTHING, countOf, isChosen, readSelection, selectionParameters, withDevices } from './selection/selection';
import type { Selection } from './selection/selection';

/** All devices that fit a filter. The address says what is shown; everything else follows from it. */
@Component({
  selector: 'mp-devices',
  imports: [BulkBar, DeviceTable, ExportDialog, FilterChips, FilterPanel, ChosenColumns, Problem, ViewsMenu],
  styleUrl: './devices.css',
  template: `
    <aside [class.open]="filtersOpen()" i18n-aria-label aria-label="Filters">
      @if (rows().total()) { <button class="skip" (click)="table()?.focusRow()" i18n>Past the filters, to the list</button> }
      <mp-filter-panel [filter]="filter()" [input]="input()" (changed)="go($event)" />
    </aside>
    <section class="list">
      <header>
        <h1 i18n>Devices</h1>
        <p class="soft" role="status">
          @if (rows().total(); as total) { {{ shown(total) }} }
        </p>
        <span class="room"></span>
        <button class="narrow" (click)="filtersOpen.set(!filtersOpen())" [attr.aria-expanded]="filtersOpen()" i18n>Filters</button>
        <button (click)="exporting.set(true)" [disabled]="!rows().total()" i18n>Export</button>
        <mp-views-menu [present]="present()" />
        <mp-chosen-columns [columns]="all" [chosen]="columns()" (changed)="choose($event)" />
      </header>
      <mp-filter-chips [filter]="filter()" [total]="rows().total()" (changed)="go($event)" />
      @if (rows().failure(); as failure) {
        <mp-problem [failure]="failure" (again)="rows().again()">
          @if (failure.kind === 'refused') { <button (click)="go(none)" i18n>Clear the filter</button> }
        </mp-problem>
      }
      @if (rows().total() === 0) {
        <div class="nothing sheet">
          @if (empty()) {
            <h2 i18n>There are no devices yet</h2>
            <p i18n>They appear as soon as the head-end system sends the first message about them.</p>
          } @else {
            <h2 i18n>No device fits this filter</h2>
            <p><button (click)="go(none)" i18n>Clear the filter</button></p>
          }
        </div>
      } @else if (rows().failure()?.kind !== 'refused') {
        <mp-device-table [rows]="rows()" [columns]="columns()" [sorting]="sorting()" [selection]="selection()" (sorted)="sort($event.by, $event.more)" (picked)="pick($event.deviceIds, $event.chosen)" (toggled)="toggle($event.deviceIds, $event.as)" (everything)="select({ kind: 'all', without: [] })" (keydown.escape)="select(nothing)" />
      }
      @if (chosenCount() || asking()) {
        <mp-bulk-bar [selection]="selection()" [count]="chosenCount()" [total]="rows().total() ?? 0" [filter]="input()" [full]="full()" [unlimited]="empty()" (selected)="select($event)" (asking)="asking.set($event)" />
      }
      @if (exporting()) {
        <mp-export-dialog [selection]="selection()" [filter]="input()" [total]="rows().total() ?? 0" [columns]="columns()" (closed)="exporting.set(false)" />
      }
    </section>
  `,
})
export class Devices {
  private readonly graph = inject(Graph);
  private readonly live = inject(Live);
  private readonly router = inject(Router);
  private readonly destroyed = inject(DestroyRef);
  private readonly preferences = inject(Preferences);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);

  protected readonly table = viewChild(DeviceTable);
  protected readonly all = COLUMNS;
  protected readonly none = NO_FILTER;
  protected readonly filtersOpen = signal(false);
  private readonly query = computed(() => {
    this.parameters();
    return new URLSearchParams(untracked(() => this.router.url).split('?')[1] ?? '');
  });
  protected readonly filter = computed(() => readFilter(this.query()), { equal: same });
  protected readonly empty = computed(() => isEmpty(this.filter()));
  protected readonly input = computed(() => filterInput(this.filter(), new Date()));
  protected readonly sorting = computed(() => readSorting(this.query(), SORT_KEYS), { equal: same });
  protected readonly columns = computed(() => chosenColumns(this.query().get('columns') ?? this.preferences.columns()), { equal: same });
  protected readonly present = computed(() => devicesNow({ filter: this.filter(), sorting: this.sorting(), columns: this.columns() }));
  protected readonly rows = computed(() => rowsOf({ filter: this.input(), orderBy: sortInput(this.sorting()) }, async (variables, signal) => this.graph.ask(askDevicesPage, variables, signal)));
  protected readonly nothing = NOTHING;
  /** What was chosen last, until the address says it too: the next key or click begins with it. */
  private readonly choosing = signal<Selection | null>(null);
  protected readonly selection = computed(() => this.choosing() ?? readSelection(this.query(), sessionStorage), { equal: same });
  protected readonly chosenCount = computed(() => countOf(this.selection(), this.rows().total() ?? 0));
  protected readonly full = signal(false);
  protected readonly exporting = signal(false);
  protected readonly asking = signal(false);

  constructor() {
    let before: Rows | null = null;
    effect(() => {
      before?.end();
      before = this.rows();
      before.look(0, 0);
    });
    let endWatching: () => void = () => undefined;
    effect(() => {
      const filter = this.input();
      endWatching();
      endWatching = this.live.watch(askDeviceChanged, { filter }, (result) => result.deviceChanged, ({ deviceChanged }) => {
        const { device } = deviceChanged;
        if (device) untracked(this.rows).replace((row) => row.deviceId === device.deviceId, device);
      }, this.destroyed, () => void untracked(this.rows).refresh());
    });
    this.destroyed.onDestroy(() => before?.end());
  }

  protected shown(total: number): string {
    return devicesText(total);
  }

  protected go(filter: DeviceFilter): void {
    // All that fit are others then; devices that were chosen by name stay so.
    const chosen = this.selection().kind === 'all' ? selectionParameters(NOTHING, sessionStorage) : {};
    void this.router.navigate([], { queryParams: { ...filterParameters(filter), ...chosen }, queryParamsHandling: 'merge' });
  }

  protected pick(deviceIds: readonly string[], chosen: boolean): void {
    const after = withDevices(this.selection(), deviceIds, chosen);
    this.full.set(after === null);
    if (after) this.select(after);
  }

  protected toggle(deviceIds: readonly string[], as: string): void {
    this.pick(deviceIds, !isChosen(this.selection(), as));
  }

  protected select(selection: Selection): void {
    this.full.set(false);
    this.choosing.set(selection);
    void this.router.navigate([], { queryParams: selectionParameters(selection, sessionStorage), queryParamsHandling: 'merge', replaceUrl: true })
      .finally(() => { if (this.choosing() === selection) this.choosing.set(null); });
  }

  protected sort(by: DeviceOrderKey, more: boolean): void {
    const sort = sortingParameter(sortedBy(this.sorting(), by, more));
    void this.router.navigate([], { queryParams: { sort }, queryParamsHandling: 'merge' });
  }

  protected choose(names: readonly string[]): void {
    this.preferences.setColumns(names);
    void this.router.navigate([], { queryParams: { columns: names.join(',') }, queryParamsHandling: 'merge', replaceUrl: true });
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
