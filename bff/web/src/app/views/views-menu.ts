import { Component, ElementRef, computed, inject, input, resource, signal, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../graph/failure';
import { opened, renamed, sameAddress } from './saved-view';
import type { Path, Present, SavedView } from './saved-view';
import { ViewWork } from './view-work';

const SUBJECTS: Readonly<Record<Path, string>> = { '/devices': $localize`devices`, '/alarms': $localize`alarms` };

/** What a list shows, under a name: kept, opened, changed and deleted, one's own or shared. */
@Component({
  selector: 'mp-views-menu',
  imports: [RouterLink],
  host: { '(document:click)': 'closeOutside($event)', '(keydown.escape)': 'close()' },
  styleUrl: './views-menu.css',
  templateUrl: './views-menu.html',
})
export class ViewsMenu {
  readonly present = input.required<Present>();

  private readonly work = inject(ViewWork);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly details = viewChild.required<ElementRef<HTMLDetailsElement>>('details');
  private readonly summary = viewChild.required<ElementRef<HTMLElement>>('summary');

  protected readonly open = signal(false);
  protected readonly working = signal(false);
  protected readonly failure = signal<string | null>(null);
  protected readonly done = signal<string | null>(null);
  /** The view that is being changed, and whether it is about to be deleted. */
  protected readonly changing = signal<string | null>(null);
  protected readonly deleting = signal(false);

  // Read when the menu is opened, and again each time: somebody may have shared one meanwhile.
  private readonly read = resource({
    params: () => this.open() || undefined,
    loader: async ({ abortSignal }) => this.work.all(abortSignal),
  });
  protected readonly problem = computed(() => (this.read.error() ? asFailure(this.read.error()).message : null));
  protected readonly views = computed(() => {
    if (!this.read.hasValue()) return null;
    const now = this.present();
    return this.read.value().map((view) => {
      const { path, parameters, unknown } = opened(view);
      const isOfThisList = path === now.path;
      const here = isOfThisList && !unknown.length && sameAddress(parameters, now.parameters);
      return { ...view, path, parameters, unknown: unknown.join(', '), isOfThisList, here, subject: isOfThisList ? '' : SUBJECTS[path] };
    });
  });

  protected toggled(open: boolean): void {
    this.open.set(open);
    this.failure.set(null);
    this.done.set(null);
    this.change(null);
  }

  protected change(viewId: string | null): void {
    this.changing.set(viewId);
    this.deleting.set(false);
    this.failure.set(null);
  }

  protected async save(name: HTMLInputElement, shared: boolean): Promise<void> {
    const said = name.value.trim();
    const saved = said && (await this.do(async () => this.work.create(this.present().content(said, shared)), $localize`Saved as ${said}:name:.`));
    if (saved) name.value = '';
  }

  protected async rename(view: SavedView, name: string, shared: boolean): Promise<void> {
    if (name.trim()) await this.do(async () => this.work.update(view, renamed(view, name.trim(), shared)), $localize`${name.trim()}:name: is changed.`);
  }

  protected async replace(view: SavedView): Promise<void> {
    await this.do(async () => this.work.update(view, this.present().content(view.name, view.shared)), $localize`${view.name}:name: is now what is shown.`);
  }

  protected async delete(view: SavedView): Promise<void> {
    await this.do(async () => this.work.delete(view), $localize`${view.name}:name: is deleted.`);
  }

  private async do(change: () => Promise<void>, done: string): Promise<boolean> {
    if (this.working()) return false;
    this.working.set(true);
    this.failure.set(null);
    this.done.set(null);
    try {
      await change();
      this.change(null);
      this.done.set(done);
      return true;
    } catch (error) {
      this.failure.set(asFailure(error).message);
      return false;
    } finally {
      this.working.set(false);
      this.read.reload();
    }
  }

  protected close(): void {
    if (!this.details().nativeElement.open) return;
    this.details().nativeElement.open = false;
    this.summary().nativeElement.focus();
  }

  protected closeOutside(event: Event): void {
    // What was clicked may be gone from the menu by now: it was in it all the same.
    if (!event.composedPath().includes(this.host.nativeElement)) this.details().nativeElement.open = false;
  }
}
