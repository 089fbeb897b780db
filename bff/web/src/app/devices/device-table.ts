import type { ListRange } from '@angular/cdk/collections';
import { CdkVirtualScrollViewport, ScrollingModule } from '@angular/cdk/scrolling';
import { Component, DestroyRef, ElementRef, Injector, afterNextRender, computed, effect, inject, input, output, signal, viewChild } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { Router, RouterLink } from '@angular/router';

import type { DeviceOrderKey } from '../graph/generated';
import { Age } from '../parts/age';
import { whole } from '../parts/numbers';
import { StateMark } from '../parts/state-mark';
import { leastWidth } from './columns';
import type { Column } from './columns';
import type { Sorting } from './filter/device-filter';
import type { Rows } from './rows';
import { Preferences } from '../shell/preferences';
import { isChosen } from './selection/selection';
import type { Selection } from './selection/selection';

const ROW_PIXELS = 34;
const COMFORTABLE_ROW_PIXELS = 44;
const PICK_WIDTH = '2.5rem';
const SCROLLBAR_WIDTH = '1rem';
/** How far the rows beyond the sight reach. What is added at once is drawn in one frame: a little, and often. */
const BUFFER_PIXELS = { least: 400, most: 600 };
/** Rows that left the sight are used again for those that come: as many as are in the page at once. */
const ROWS_KEPT = 80;

function isIn(range: ListRange, index: number): boolean {
  return index >= range.start && index < range.end;
}

/** A grid over any number of rows: only those in sight are in the page. */
@Component({
  selector: 'mp-device-table',
  imports: [ScrollingModule, RouterLink, Age, StateMark],
  styleUrl: './device-table.css',
  template: `
    <div class="grid sheet" role="grid" aria-multiselectable="true" i18n-aria-label aria-label="Devices" [attr.aria-rowcount]="rows().total() ?? -1" [attr.aria-colcount]="columns().length + 1" [style.--least]="leastWidth()" (keydown)="key($event)">
      <div role="rowgroup"><div class="head" role="row" aria-rowindex="1" [style.grid-template-columns]="tracks()">
        <span role="columnheader" class="pick"><input type="checkbox" [disabled]="!inSight().any" [checked]="inSight().all" [indeterminate]="inSight().some" (change)="pickInSight()" i18n-aria-label aria-label="Choose the rows in sight" /></span>
        @for (column of columns(); track column.name) {
          <span role="columnheader" [attr.aria-sort]="ariaSort(column)">
            @if (column.sort; as by) {
              <button class="quiet" (click)="sorted.emit({ by, more: $event.shiftKey || $event.ctrlKey })" i18n-title title="Sort; with Shift as a further key">
                {{ column.title }} @if (order(by); as order) { <i aria-hidden="true">{{ order }}</i> }
              </button>
            } @else { {{ column.title }} }
          </span>
        }
      </div></div>
      <cdk-virtual-scroll-viewport role="rowgroup" tabindex="-1" [itemSize]="rowPixels()" [minBufferPx]="buffer.least" [maxBufferPx]="buffer.most" (scrolledIndexChange)="see()">
        <div *cdkVirtualFor="let index of indexes(); trackBy: byIndex; templateCacheSize: rowsKept" class="line" role="row" [attr.aria-rowindex]="index + 2" [style.grid-template-columns]="tracks()" [style.height.px]="rowPixels()"
           [class.focused]="index === focused()" [class.chosen]="chosen(index)" [attr.aria-selected]="chosen(index)" [tabindex]="index === focused() ? 0 : -1" [attr.data-index]="index" (click)="open(index, $event)" (focus)="focused.set(index)">
          @if (row(index); as row) {
            <span role="gridcell" class="pick"><input type="checkbox" tabindex="-1" [checked]="chosen(index)" (click)="pick(index, $event)" [attr.aria-label]="chooses(row.serialNumber ?? row.deviceIdentifier)" /></span>
            @for (column of columns(); track column.name) {
              <span role="gridcell" [class]="column.kind">
                @switch (column.kind) {
                  @case ('device') { <a tabindex="-1" [routerLink]="['/devices', row.network, row.deviceIdentifier]">{{ column.value(row) }}</a>@if (row.exchangeMark) { <em i18n>exchange</em> } }
                  @case ('state') { <mp-state [word]="column.value(row) ?? ''" /> }
                  @case ('age') { <mp-age [at]="column.value(row)" /> }
                  @default { {{ column.value(row) ?? '–' }} }
                }
              </span>
            }
          } @else {
            <span role="gridcell" class="waiting" [attr.aria-colspan]="columns().length + 1"><span class="only-read" i18n>loading</span></span>
          }
        </div>
      </cdk-virtual-scroll-viewport>
    </div>
    <p class="foot soft" aria-live="off">{{ position() }}</p>
  `,
})
export class DeviceTable {
  readonly rows = input.required<Rows>();
  readonly columns = input.required<readonly Column[]>();
  readonly sorting = input.required<readonly Sorting[]>();
  readonly selection = input.required<Selection>();
  readonly sorted = output<{ by: DeviceOrderKey; more: boolean }>();
  readonly picked = output<{ deviceIds: readonly string[]; chosen: boolean }>();
  /** All as one of them is not yet: it is chosen then, or taken back. */
  readonly toggled = output<{ deviceIds: readonly string[]; as: string }>();
  readonly everything = output();

  private readonly router = inject(Router);
  private readonly injector = inject(Injector);
  private readonly destroyed = inject(DestroyRef);
  private readonly viewport = viewChild.required(CdkVirtualScrollViewport);
  private readonly preferences = inject(Preferences);
  protected readonly rowPixels = computed(() => (this.preferences.density() === 'comfortable' ? COMFORTABLE_ROW_PIXELS : ROW_PIXELS));
  protected readonly rowsKept = ROWS_KEPT;
  protected readonly buffer = BUFFER_PIXELS;
  protected readonly focused = signal(0);
  private readonly seen = signal({ start: 0, end: 0 });
  /** Where a range that is chosen with Shift begins. */
  private anchor = 0;

  protected readonly tracks = computed(() => [PICK_WIDTH, ...this.columns().map((column) => column.width)].join(' '));
  protected readonly leastWidth = computed(() => `calc(${PICK_WIDTH} + ${leastWidth(this.columns())} + ${SCROLLBAR_WIDTH})`);
  // Numbers, not rows: the list grows without being made anew.
  protected readonly indexes = computed(() => Array.from({ length: this.rows().reachable() || 1 }, (_, index) => index));
  protected readonly inSight = computed(() => {
    const ids = this.idsOf(this.seen().start, this.seen().end - 1);
    const count = ids.filter((deviceId) => isChosen(this.selection(), deviceId)).length;
    return { any: ids.length > 0, all: count > 0 && count === ids.length, some: count > 0 && count < ids.length };
  });
  protected readonly position = computed(() => {
    const total = this.rows().total();
    if (!total) return '';
    const { start, end } = this.seen();
    return $localize`${whole(start + 1)}:first: to ${whole(Math.min(end, total))}:last: of ${whole(total)}:total:`;
  });

  constructor() {
    effect(() => {
      this.rows();
      this.focused.set(0);
      this.viewport().scrollToIndex(0);
    });
    effect(() => {
      this.rows().reachable();
      // With the next frame, which lays the rows out in any case: measured now, they would be laid out once more.
      requestAnimationFrame(() => this.see());
    });
    afterNextRender(() => this.viewport().renderedRangeStream.pipe(takeUntilDestroyed(this.destroyed)).subscribe((range) => this.keepFocus(range)));
  }

  /**
   * Rows that leave the page are used again for others, and the focus on one of them would be lost with its keys.
   * The list holds it until the row that it belongs to is there.
   */
  private keepFocus(range: ListRange): void {
    const list = this.viewport().elementRef.nativeElement;
    const line = document.activeElement?.closest<HTMLElement>('.line');
    if (line && list.contains(line) && !isIn(range, Number(line.dataset['index']))) list.focus({ preventScroll: true });
    if (isIn(range, this.focused())) afterNextRender(() => { if (document.activeElement === list) this.focusRow(); }, { injector: this.injector });
  }

  /** Give the focus to the row that has it when the list has. */
  focusRow(): void {
    const list = this.viewport().elementRef.nativeElement;
    (list.querySelector<HTMLElement>(`[data-index="${this.focused()}"]`) ?? list).focus({ preventScroll: true });
  }

  protected row(index: number): ReturnType<Rows['row']> {
    this.rows().changes();
    return this.rows().row(index);
  }

  /** A row is opened by a click anywhere in it, and by Enter; a click on its link is the link's own. */
  protected open(index: number, event: Event): void {
    const row = this.row(index);
    if (!row || (event.target as HTMLElement).closest('a, .pick')) return;
    void this.router.navigate(['/devices', row.network, row.deviceIdentifier]);
  }

  protected chosen(index: number): boolean {
    const row = this.row(index);
    return row !== undefined && isChosen(this.selection(), row.deviceId);
  }

  protected chooses(name: string): string {
    return $localize`Choose ${name}:INTERPOLATION:`;
  }

  /** Choose a row or take it back; with Shift everything from the last one to this one, as far as it is loaded. */
  protected pick(index: number, event: MouseEvent | KeyboardEvent): void {
    const from = event.shiftKey ? this.anchor : index;
    this.anchor = index;
    const deviceIds = this.idsOf(Math.min(from, index), Math.max(from, index));
    const row = this.row(index);
    // Whether it is chosen says who keeps the choice: what is drawn here may be older than the last key.
    if (row) this.toggled.emit({ deviceIds, as: row.deviceId });
    else this.picked.emit({ deviceIds, chosen: true });
  }

  protected pickInSight(): void {
    this.picked.emit({ deviceIds: this.idsOf(this.seen().start, this.seen().end - 1), chosen: !this.inSight().all });
  }

  private idsOf(first: number, last: number): readonly string[] {
    const ids: string[] = [];
    for (let index = first; index <= last; index++) {
      const row = this.row(index);
      if (row) ids.push(row.deviceId);
    }
    return ids;
  }

  protected byIndex(index: number): number {
    return index;
  }

  protected see(): void {
    const { start, end } = this.sight();
    this.seen.set({ start, end });
    const { start: first, end: last } = this.viewport().getRenderedRange();
    this.rows().look(Math.min(first, start), Math.max(last, end));
  }

  /** Which rows are in sight at this moment, drawn or not; `seen` is what was drawn last. */
  private sight(): ListRange {
    const viewport = this.viewport();
    const start = Math.floor(viewport.measureScrollOffset() / this.rowPixels());
    return { start, end: start + Math.ceil(viewport.getViewportSize() / this.rowPixels()) };
  }

  protected order(by: DeviceOrderKey): string {
    const at = this.sorting().findIndex((one) => one.by === by);
    const one = this.sorting()[at];
    if (!one) return '';
    return (one.direction === 'ASC' ? '↑' : '↓') + (this.sorting().length > 1 ? String(at + 1) : '');
  }

  protected ariaSort(column: Column): string | null {
    const one = this.sorting().find((sorting) => sorting.by === column.sort);
    return one ? (one.direction === 'ASC' ? 'ascending' : 'descending') : null;
  }

  protected key(event: KeyboardEvent): void {
    const { start, end } = this.sight();
    const page = Math.max(1, end - start - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -this.focused(), End: this.rows().reachable() };
    const step = steps[event.key];
    const target = event.target as HTMLElement;
    const onLine = target.classList.contains('line') || target === this.viewport().elementRef.nativeElement;
    if (event.key === 'Enter' && onLine) this.open(this.focused(), event);
    if (event.key === ' ' && onLine) {
      event.preventDefault();
      this.pick(this.focused(), event);
    }
    if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.everything.emit();
    }
    if (step === undefined || !onLine) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(this.focused() + step, this.rows().reachable() - 1));
    this.focused.set(next);
    if (next <= start || next >= end - 1) this.viewport().scrollToIndex(Math.max(0, next <= start ? next : next - (end - start) + 2));
    this.focusRow();
  }
}
