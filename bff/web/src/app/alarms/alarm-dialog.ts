import { AfterViewInit, Component, ElementRef, computed, inject, input, output, signal, viewChild } from '@angular/core';

import { asFailure } from '../graph/failure';
import { Session } from '../session/session';
import { AlarmWork } from './alarm-work';
import type { AlarmAction } from './alarm-work';

const TITLES: Readonly<Record<AlarmAction, string>> = {
  acknowledge: $localize`Acknowledge`, assign: $localize`Assign`, snooze: $localize`Snooze`, resolve: $localize`Resolve`, comment: $localize`Comment`,
};
const SNOOZE_HOURS: readonly [number, string][] = [[1, $localize`1 hour`], [4, $localize`4 hours`], [24, $localize`1 day`], [168, $localize`1 week`], [720, $localize`30 days`]];

/** Asks for what a change of alarms needs, and makes it for one or for many; what was refused stays, with its reason. */
@Component({
  selector: 'mp-alarm-dialog',
  styles: `
    dialog { border: 1px solid var(--edge); border-radius: var(--corner); background: var(--sheet); color: var(--ink); width: min(28rem, 92vw); padding: var(--space-6); box-shadow: var(--shadow); }
    dialog::backdrop { background: rgb(0 0 0 / 45%); }
    form { display: grid; gap: var(--space-4); }
    .field { display: grid; gap: var(--space-1); }
    .end { justify-content: flex-end; }
    .failed { color: var(--bad); display: grid; gap: var(--space-1); max-height: 8rem; overflow-y: auto; }
  `,
  template: `
    <dialog #dialog aria-labelledby="title" (cancel)="close($event)">
      <form (submit)="$event.preventDefault(); go(comment.value, assignee?.value ?? '', hours?.value ?? '')">
        <h2 id="title">{{ title() }}</h2>
        <p class="soft">@if (alarms().length === 1) { {{ alarms()[0]?.summary }} } @else { <ng-container i18n>{{ alarms().length }} alarms</ng-container> }</p>
        @if (action() === 'assign') {
          <p class="field"><label for="assignee" i18n>To</label><input #who id="assignee" [value]="session.person()?.username ?? ''" required maxlength="200" autocomplete="off" /></p>
        }
        @if (action() === 'snooze') {
          <p class="field"><label for="hours" i18n>For</label><select #howLong id="hours">@for (choice of snoozes; track choice[0]) { <option [value]="choice[0]">{{ choice[1] }}</option> }</select></p>
        }
        <p class="field"><label for="comment">@if (action() === 'comment') { <ng-container i18n>Comment</ng-container> } @else { <ng-container i18n>Comment (not needed)</ng-container> }</label><textarea #comment id="comment" rows="3" maxlength="1000" [required]="action() === 'comment'"></textarea></p>
        @if (failures().length) { <ul class="failed" role="alert">@for (text of failures(); track $index) { <li>{{ text }}</li> }</ul> }
        @if (working()) { <p role="status"><ng-container i18n>{{ done() }} of {{ alarms().length }} done</ng-container></p> }
        <div class="row end">
          <button type="button" (click)="closed.emit()" i18n>Cancel</button>
          <button type="submit" class="primary" [disabled]="working()">{{ title() }}</button>
        </div>
      </form>
    </dialog>
  `,
})
export class AlarmDialog implements AfterViewInit {
  readonly action = input.required<AlarmAction>();
  readonly alarms = input.required<readonly { readonly alarmId: string; readonly summary: string }[]>();
  readonly closed = output();
  readonly changed = output();

  protected readonly session = inject(Session);
  private readonly work = inject(AlarmWork);
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>('dialog');
  private readonly who = viewChild<ElementRef<HTMLInputElement>>('who');
  private readonly howLong = viewChild<ElementRef<HTMLSelectElement>>('howLong');
  protected readonly snoozes = SNOOZE_HOURS;
  protected readonly title = computed(() => TITLES[this.action()]);
  protected readonly working = signal(false);
  protected readonly done = signal(0);
  protected readonly failures = signal<readonly string[]>([]);
  // One id for each alarm and dialog: a second click, or a try after a lost answer, changes nothing more.
  private readonly requestIds = new Map<string, string>();

  protected get assignee(): HTMLInputElement | undefined {
    return this.who()?.nativeElement;
  }

  protected get hours(): HTMLSelectElement | undefined {
    return this.howLong()?.nativeElement;
  }

  ngAfterViewInit(): void {
    this.dialog().nativeElement.showModal();
  }

  protected close(event: Event): void {
    event.preventDefault();
    if (!this.working()) this.closed.emit();
  }

  protected async go(comment: string, assignee: string, hours: string): Promise<void> {
    this.working.set(true);
    this.done.set(0);
    this.failures.set([]);
    for (const { alarmId, summary } of this.alarms()) {
      const requestId = this.requestIds.get(alarmId) ?? crypto.randomUUID();
      this.requestIds.set(alarmId, requestId);
      try {
        await this.work.change(alarmId, { action: this.action(), comment, assignee: assignee.trim(), snoozeHours: Number(hours) || 1 }, requestId);
        this.done.update((count) => count + 1);
      } catch (error) {
        this.failures.update((before) => [...before, `${summary}: ${asFailure(error).message}`]);
      }
    }
    this.working.set(false);
    this.changed.emit();
    if (!this.failures().length) this.closed.emit();
  }
}
