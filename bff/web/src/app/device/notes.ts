import { Component, computed, inject, input, signal } from '@angular/core';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askDeviceNotes } from '../graph/generated';
import type { DeviceNotesQuery } from '../graph/generated';
import { paged } from '../graph/paged';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { NoteWork } from './note-work';

type Note = NonNullable<DeviceNotesQuery['device']>['notes']['edges'][number]['node'];

/** What people wrote down about the device, newest first. Who may, writes and deletes. */
@Component({
  selector: 'mp-notes',
  imports: [Age, Problem],
  styles: `
    :host { display: grid; gap: var(--space-3); justify-items: start; }
    ol, form { width: 100%; }
    li { display: grid; gap: var(--space-1); padding: var(--space-2) 0; border-top: 1px solid var(--edge); }
    .text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
    .by { justify-content: space-between; font-size: var(--text-s); color: var(--ink-soft); }
    form { display: grid; gap: var(--space-2); justify-items: start; }
    textarea { width: 100%; resize: vertical; }
    .failed { color: var(--bad); }
  `,
  template: `
    <h2 i18n>Notes</h2>
    @if (may()) {
      <form (submit)="$event.preventDefault(); write(text)">
        <label class="only-read" for="new-note" i18n>New note</label>
        <textarea #text id="new-note" rows="2" maxlength="500" required i18n-placeholder placeholder="What others should know about this device"></textarea>
        <button type="submit" [disabled]="working()" i18n>Write the note</button>
      </form>
    }
    @if (notes().length) {
      <ol>
        @for (note of notes(); track note.noteId) {
          <li>
            <p class="text">{{ note.text }}</p>
            <div class="row by">
              <span>{{ note.username }}, <mp-age [at]="note.createdAt" />@if (note.deviceId !== id()) { , <ng-container i18n>written on {{ note.deviceId }}</ng-container> }</span>
              @if (note.viewerCan.delete && deleting() !== note.noteId) { <button class="quiet" (click)="deleting.set(note.noteId)" i18n>Delete</button> }
            </div>
            @if (deleting() === note.noteId) {
              <p i18n>Delete this note for everybody?</p>
              <div class="row"><button class="danger" [disabled]="working()" (click)="delete(note)" i18n>Delete it</button><button (click)="deleting.set(null)" i18n>Keep it</button></div>
            }
          </li>
        }
      </ol>
    } @else if (list.loading()) { <p class="soft" i18n>loading</p> }
    @else if (!list.failure()) { <p class="soft">@if (may()) { <ng-container i18n>Nobody has written a note yet.</ng-container> } @else { <ng-container i18n>Nobody has written a note yet. Only an asset manager writes notes.</ng-container> }</p> }
    @if (list.failure(); as failure) { <mp-problem [failure]="failure" (again)="list.again()" /> }
    @if (list.more()) { <button class="quiet" (click)="list.readMore()" [disabled]="list.reading()" i18n>Show older notes</button> }
    <p class="only-read" role="status">{{ done() }}</p>
    @if (failure(); as text) { <p class="failed" role="alert">■ {{ text }}</p> }
  `,
})
export class Notes {
  readonly id = input.required<string>();
  readonly may = input.required<boolean>();
  /** Rises when the device changed: another one may have been joined into it. */
  readonly changes = input.required<unknown>();
  private readonly graph = inject(Graph);
  private readonly work = inject(NoteWork);
  protected readonly working = signal(false);
  protected readonly deleting = signal<string | null>(null);
  protected readonly done = signal('');
  protected readonly failure = signal<string | null>(null);
  // A note further down than the newest page is not read again: that it is gone is known here.
  private readonly gone = signal<ReadonlySet<string>>(new Set());
  // How many notes were written or deleted here.
  private readonly made = signal(0);
  protected readonly list = paged({
    question: () => ({ id: this.id() }),
    changes: () => ({ device: this.changes(), made: this.made() }),
    read: async (question, after, signal) => (await this.graph.ask(askDeviceNotes, { ...question, after }, signal)).device?.notes,
    key: (note: Note) => note.noteId,
  });
  protected readonly notes = computed(() => this.list.items().filter((note) => !this.gone().has(note.noteId)));

  protected async write(field: HTMLTextAreaElement): Promise<void> {
    const text = field.value.trim();
    if (!text) return;
    const id = this.id();
    if (await this.do(() => this.work.write(id, text), $localize`The note is written.`)) field.value = '';
  }

  protected async delete(note: Note): Promise<void> {
    if (!(await this.do(() => this.work.delete(note.deviceId, note.noteId), $localize`The note is deleted.`))) return;
    this.gone.update((before) => new Set([...before, note.noteId]));
    this.deleting.set(null);
  }

  private async do(work: () => Promise<void>, said: string): Promise<boolean> {
    if (this.working()) return false;
    this.working.set(true);
    this.failure.set(null);
    this.done.set('');
    try {
      await work();
      this.done.set(said);
      this.made.update((count) => count + 1);
      return true;
    } catch (error) {
      this.failure.set(asFailure(error).message);
      return false;
    } finally {
      this.working.set(false);
    }
  }
}
