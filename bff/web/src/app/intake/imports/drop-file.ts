import { Component, inject, input, output, signal } from '@angular/core';
import { Router } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Upload } from './upload';

/** A place for a file: chosen by a click or a key, or dropped. Nothing is imported by it: every row gets a verdict first. */
@Component({
  selector: 'mp-drop-file',
  styles: `
    section { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-4); padding: var(--space-4); border: 1px dashed var(--edge-strong); border-radius: var(--corner); background: var(--sheet); }
    section.over { border-color: var(--accent); background: var(--accent-soft); }
    input { padding: var(--space-1); max-width: 100%; }
    .failed { color: var(--bad); flex-basis: 100%; }
  `,
  template: `
    <section [class.over]="over()" (dragover)="$event.preventDefault(); over.set(true)" (dragleave)="over.set(false)" (drop)="dropped($event)">
      <label for="file">@if (forImport()) { <ng-container i18n>Choose the same file again to go on</ng-container> } @else { <ng-container i18n>Bring a shipment file (CSV)</ng-container> }</label>
      <input #picked id="file" type="file" accept=".csv,text/csv,text/plain" (change)="take(picked.files?.[0]); picked.value = ''" />
      <span class="soft" i18n>or drop it here. It is checked first; nothing is imported before you say so.</span>
      @if (problem(); as text) { <p class="failed" role="alert">{{ text }}</p> }
    </section>
  `,
})
export class DropFile {
  /** The import that waits for the rest of its file, or null for a new one. */
  readonly forImport = input<string | null>(null);
  readonly chosen = output<File>();
  private readonly upload = inject(Upload);
  private readonly router = inject(Router);
  protected readonly over = signal(false);
  protected readonly problem = signal<string | null>(null);

  protected dropped(event: DragEvent): void {
    event.preventDefault();
    this.over.set(false);
    void this.take(event.dataTransfer?.files[0]);
  }

  protected async take(file: File | undefined): Promise<void> {
    if (!file) return;
    this.problem.set(null);
    if (this.forImport()) {
      this.chosen.emit(file);
      return;
    }
    try {
      const importId = await this.upload.begin(file, crypto.randomUUID());
      await this.router.navigate(['/intake/imports', importId]);
    } catch (error) {
      this.problem.set(asFailure(error).message);
    }
  }
}
