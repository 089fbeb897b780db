import { Component, computed, inject, input, output, signal } from '@angular/core';

import { asFailure } from '../graph/failure';
import type { JobActionInput, WholeDeviceFragment } from '../graph/generated';
import { RequestIds } from '../graph/request-ids';
import { absolute } from '../parts/times';
import { DeviceWork } from './device-work';

/** What people say of the device: its tags, and that it is to be exchanged, with the reason. Who may, changes it. */
@Component({
  selector: 'mp-said-of-it',
  styles: `
    :host { display: grid; gap: var(--space-3); }
    ul { display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: center; }
    .tag { display: inline-flex; align-items: center; gap: var(--space-1); padding: 0.1rem 0.2rem 0.1rem 0.6rem; border-radius: 1rem; background: var(--accent-soft); overflow-wrap: anywhere; }
    .tag.plain { padding-inline-end: 0.6rem; }
    .tag button { min-height: 1.4rem; width: 1.4rem; padding: 0; border-radius: 1rem; }
    form input { flex: 1; min-width: 7rem; }
    .mark { border-inline-start: 3px solid var(--warn); padding-inline-start: var(--space-3); }
    .mark b { color: var(--warn); }
    .failed { color: var(--bad); }
  `,
  template: `
    <h2 i18n>Tags and marks</h2>
    <ul>
      @for (tag of device().tags; track tag) {
        <li class="tag" [class.plain]="!can().tag">{{ tag }} @if (can().tag) { <button class="quiet" [disabled]="working()" (click)="change({ kind: 'TAG', removeTags: [tag] })"><span aria-hidden="true">×</span><span class="only-read" i18n>Remove the tag {{ tag }}</span></button> }</li>
      } @empty { <li class="soft" i18n>No tag.</li> }
    </ul>
    @if (can().tag) {
      <form class="row" (submit)="$event.preventDefault(); add(tag)">
        <label class="only-read" for="new-tag" i18n>New tag</label>
        <input #tag id="new-tag" maxlength="60" required i18n-placeholder placeholder="New tag" autocomplete="off" />
        <button type="submit" [disabled]="working()" i18n>Add tag</button>
      </form>
    }
    @if (device().exchangeMark; as mark) {
      <div class="mark">
        <p><b i18n>▲ marked for exchange</b></p>
        <p>{{ mark.reason }}</p>
        <p class="soft">{{ mark.username }}@if (mark.at) { , {{ when(mark.at) }} }</p>
        @if (can().markForExchange) { <button [disabled]="working()" (click)="change({ kind: 'UNMARK_FOR_EXCHANGE' })" i18n>Take the mark away</button> }
      </div>
    } @else if (can().markForExchange) {
      <form class="row" (submit)="$event.preventDefault(); mark(reason)">
        <label class="only-read" for="exchange-reason" i18n>Why it is to be exchanged</label>
        <input #reason id="exchange-reason" maxlength="500" required i18n-placeholder placeholder="Why it is to be exchanged" autocomplete="off" />
        <button type="submit" [disabled]="working()" i18n>Mark for exchange</button>
      </form>
    } @else { <p class="soft" i18n>Not marked for exchange. Only an asset manager changes tags and marks.</p> }
    <p role="status">@if (working()) { <ng-container i18n>The register is making the change …</ng-container> }</p>
    @if (failure(); as text) { <p class="failed" role="alert">■ {{ text }}</p> }
  `,
})
export class SaidOfIt {
  readonly device = input.required<WholeDeviceFragment>();
  readonly can = input.required<{ readonly tag: boolean; readonly markForExchange: boolean }>();
  readonly changed = output();
  private readonly work = inject(DeviceWork);
  protected readonly working = signal(false);
  protected readonly failure = signal<string | null>(null);
  protected readonly when = (at: string): string => absolute(new Date(at));
  private readonly id = computed(() => this.device().deviceId);
  private readonly requestIds = new RequestIds();

  protected async add(field: HTMLInputElement): Promise<void> {
    if (field.value.trim() && (await this.change({ kind: 'TAG', addTags: [field.value.trim()] }))) field.value = '';
  }

  protected async mark(field: HTMLInputElement): Promise<void> {
    if (field.value.trim()) await this.change({ kind: 'MARK_FOR_EXCHANGE', reason: field.value.trim() });
  }

  protected async change(action: JobActionInput): Promise<boolean> {
    if (this.working()) return false;
    const change = [this.id(), action];
    this.working.set(true);
    this.failure.set(null);
    try {
      await this.work.change(this.id(), action, this.requestIds.of(change));
      this.requestIds.answered(change);
      this.changed.emit();
      return true;
    } catch (error) {
      const failure = asFailure(error);
      // What was refused is asked anew next time: the register would answer the same request with the same refusal.
      if (failure.kind === 'refused') this.requestIds.answered(change);
      this.failure.set(failure.message);
      return false;
    } finally {
      this.working.set(false);
    }
  }
}
