import { Component, input, output } from '@angular/core';

import type { Column } from './columns';

/** Which columns are shown: a person's choice, kept for them and said in the address. */
@Component({
  selector: 'mp-chosen-columns',
  styles: `
    details { position: relative; }
    summary { list-style: none; cursor: pointer; min-height: 2rem; display: inline-flex; align-items: center; padding: 0 var(--space-3); border: 1px solid var(--edge-strong); border-radius: var(--corner); background: var(--sheet); font-weight: 500; }
    summary::-webkit-details-marker { display: none; }
    fieldset { position: absolute; inset-inline-end: 0; z-index: 8; display: grid; gap: var(--space-2); width: 13rem; margin: var(--space-2) 0 0; padding: var(--space-3); box-shadow: var(--shadow); }
    label { display: flex; gap: var(--space-2); align-items: center; font-weight: 400; }
  `,
  template: `
    <details (keydown.escape)="close($event)">
      <summary i18n>Columns</summary>
      <fieldset class="sheet"><legend class="only-read" i18n>Columns that are shown</legend>
        @for (column of columns(); track column.name) {
          <label><input type="checkbox" [checked]="has(column)" [disabled]="column.name === 'device'" (change)="toggle(column)" /> {{ column.title }}</label>
        }
      </fieldset>
    </details>
  `,
})
export class ChosenColumns {
  readonly columns = input.required<readonly Column[]>();
  readonly chosen = input.required<readonly Column[]>();
  readonly changed = output<readonly string[]>();

  protected has(column: Column): boolean {
    return this.chosen().includes(column);
  }

  protected toggle(column: Column): void {
    this.changed.emit(this.columns().filter((one) => (one === column ? !this.has(one) : this.has(one))).map((one) => one.name));
  }

  protected close(event: Event): void {
    const details = event.currentTarget as HTMLDetailsElement;
    details.open = false;
    details.querySelector('summary')?.focus();
  }
}
