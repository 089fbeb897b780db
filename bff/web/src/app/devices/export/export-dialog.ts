import { AfterViewInit, Component, DestroyRef, computed, inject, input, output, signal } from '@angular/core';

import { asFailure } from '../../graph/failure';
import type { DeviceFilterInput } from '../../graph/generated';
import { Modal } from '../../parts/modal';
import { share, whole } from '../../parts/numbers';
import { poll } from '../../parts/polling';
import { COLUMNS } from '../columns';
import type { Column } from '../columns';
import { countOf, selectionInput } from '../selection/selection';
import type { Selection } from '../selection/selection';
import { exportColumns } from './export-columns';
import { Exports, afterFailure } from './exports';
import type { ExportProgress } from './exports';

const LOOK_MS = 700;

/** Orders a file of devices, and says how far it is, and in the end whether it is whole. */
@Component({
  selector: 'mp-export-dialog',
  imports: [Modal],
  styleUrls: ['../../parts/dialog.css'],
  styles: `
    :host { position: absolute; }
    .good { color: var(--good); }
    fieldset { border: 0; margin: 0; padding: 0; display: grid; gap: var(--space-2); }
    fieldset label { display: flex; gap: var(--space-2); align-items: center; font-weight: 400; }
    legend { padding: 0; margin-bottom: var(--space-1); font-weight: 600; }
    progress { width: 100%; height: 0.6rem; accent-color: var(--accent); }
    .told { display: grid; gap: var(--space-2); min-height: 4rem; align-content: start; }
  `,
  template: `
    <dialog mpModal aria-labelledby="export-title" (cancel)="close($event)">
      <form (submit)="$event.preventDefault(); begin()">
        <h2 id="export-title" i18n>Export devices as CSV</h2>
        @if (told(); as told) {
          <div class="told" role="status">
            <progress [attr.max]="told.total ?? 1" [value]="told.rows" [attr.aria-label]="text()"></progress>
            <p>{{ text() }}</p>
            @switch (told.state) {
              @case ('WHOLE') { <p><span class="good" aria-hidden="true">●</span>&ngsp;<strong i18n>The file is whole.</strong>&ngsp;<span class="soft" i18n>Its last line says so, too.</span></p> }
              @case ('CUT') { <p class="failed"><span aria-hidden="true">■</span>&ngsp;<strong i18n>The file was cut and is of no use.</strong>&ngsp;{{ told.detail }}</p> }
              @case ('CANCELLED') { <p i18n>The export was cancelled.</p> }
              @default { <p class="soft" i18n>Your browser writes it to its downloads. You may close this and go on working.</p> }
            }
          </div>
          <div class="row end">
            @if (underWay()) { <button type="button" class="danger" (click)="cancel()" i18n>Cancel the export</button> }
            @else if (told.state !== 'WHOLE') { <button type="button" (click)="told$.set(null)" i18n>Try again</button> }
            <button type="button" class="primary" (click)="closed.emit()" i18n>Close</button>
          </div>
        } @else {
          <fieldset><legend i18n>Which devices</legend>
            <label><input type="radio" name="which" [checked]="!chosenOnly()" (change)="chosenOnly.set(false)" /> <span i18n>All {{ number(total()) }} that fit the filter</span></label>
            @if (chosenCount()) { <label><input type="radio" name="which" [checked]="chosenOnly()" (change)="chosenOnly.set(true)" /> <span i18n>The {{ number(chosenCount()) }} that are chosen</span></label> }
          </fieldset>
          <fieldset><legend i18n>Which columns</legend>
            <label><input type="radio" name="columns" [checked]="!all()" (change)="all.set(false)" /> <span i18n>Those of the list</span></label>
            <label><input type="radio" name="columns" [checked]="all()" (change)="all.set(true)" /> <span i18n>All columns</span></label>
          </fieldset>
          @if (refused(); as text) { <p class="failed" role="alert">{{ text }}</p> }
          <div class="row end">
            <button type="button" (click)="closed.emit()" i18n>Cancel</button>
            <button type="submit" class="primary" [disabled]="working()" i18n>Export</button>
          </div>
        }
      </form>
    </dialog>
  `,
})
export class ExportDialog implements AfterViewInit {
  readonly selection = input.required<Selection>();
  readonly filter = input.required<DeviceFilterInput>();
  readonly total = input.required<number>();
  readonly columns = input.required<readonly Column[]>();
  readonly closed = output();

  private readonly exports = inject(Exports);
  protected readonly number = whole;
  protected readonly chosenOnly = signal(false);
  protected readonly all = signal(false);
  protected readonly working = signal(false);
  protected readonly refused = signal<string | null>(null);
  protected readonly told$ = signal<ExportProgress | null>(null);
  protected readonly told = this.told$.asReadonly();
  protected readonly chosenCount = computed(() => countOf(this.selection(), this.total()));
  protected readonly underWay = computed(() => this.told()?.state === 'WAITING' || this.told()?.state === 'RUNNING');
  protected readonly text = computed(() => {
    const told = this.told();
    if (!told || told.total === null) return $localize`The file is being begun …`;
    return $localize`${whole(told.rows)}:rows: of ${whole(told.total)}:total: devices (${share(told.rows, told.total)}:share:)`;
  });

  constructor() {
    poll(async () => this.look(), () => (this.underWay() ? LOOK_MS : null), inject(DestroyRef));
  }

  ngAfterViewInit(): void {
    this.chosenOnly.set(this.chosenCount() > 0);
  }

  protected close(event: Event): void {
    event.preventDefault();
    this.closed.emit();
  }

  protected async begin(): Promise<void> {
    if (this.working()) return;
    this.working.set(true);
    this.refused.set(null);
    try {
      const selection = this.chosenOnly() ? selectionInput(this.selection(), this.filter()) : { filter: this.filter() };
      const ordered = await this.exports.order(selection, exportColumns(this.all() ? COLUMNS : this.columns()));
      this.told$.set(ordered);
      this.exports.fetch(ordered.exportId);
    } catch (error) {
      this.refused.set(asFailure(error).message);
    } finally {
      this.working.set(false);
    }
  }

  protected async cancel(): Promise<void> {
    await this.tell(async (exportId) => this.exports.cancel(exportId));
  }

  private async look(): Promise<void> {
    await this.tell(async (exportId) => this.exports.progress(exportId));
  }

  private async tell(ask: (exportId: string) => Promise<ExportProgress>): Promise<void> {
    const told = this.told();
    if (!told) return;
    // An answer that does not come says nothing of the export: the next look asks again.
    const now = await ask(told.exportId).catch((error: unknown) => afterFailure(told, asFailure(error)));
    if (this.told()?.exportId === told.exportId) this.told$.set(now);
  }
}
