import { Component, ElementRef, computed, inject, input, output, resource, signal, viewChild } from '@angular/core';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAlarmJobPreview } from '../graph/generated';
import type { AlarmSelectionInput } from '../graph/generated';
import { RequestIds } from '../graph/request-ids';
import { Modal } from '../parts/modal';
import { whole } from '../parts/numbers';
import { Session } from '../session/session';
import { ACTION_TITLES, jobActionOf } from './alarm-change';
import type { AlarmAction, AlarmChange } from './alarm-change';
import { AlarmWork } from './alarm-work';
import { AlarmJob } from './bulk/alarm-job';

const SNOOZE_HOURS: readonly [number, string][] = [[1, $localize`1 hour`], [4, $localize`4 hours`], [24, $localize`1 day`], [168, $localize`1 week`], [720, $localize`30 days`]];

/** What a dialog is about: one alarm, or many, which a job of the register works on. */
export type Subject =
  | { readonly kind: 'one'; readonly alarmId: string; readonly summary: string }
  | { readonly kind: 'many'; readonly selection: AlarmSelectionInput; readonly count: number | null };

/** Asks for what a change of alarms needs, and has it made: of one alarm at once, of many by a job whose result it shows. */
@Component({
  selector: 'mp-alarm-dialog',
  imports: [AlarmJob, Modal],
  styleUrl: '../parts/dialog.css',
  template: `
    <dialog mpModal aria-labelledby="title" (cancel)="close($event)">
      <form (submit)="$event.preventDefault(); go(comment()?.nativeElement?.value ?? '', who()?.nativeElement?.value ?? '', howLong()?.nativeElement?.value ?? '')">
        <h2 id="title">{{ title() }}</h2>
        @if (jobId(); as id) {
          <mp-alarm-job [jobId]="id" (done)="changed.emit()" />
          <div class="row end"><button type="button" class="primary" (click)="closed.emit()" i18n>Close</button></div>
        } @else {
          <p class="soft" aria-live="polite">{{ about() }}</p>
          @if (action() === 'assign') {
            <p class="field"><label for="assignee" i18n>To</label><input #who id="assignee" [value]="session.person()?.username ?? ''" required maxlength="100" autocomplete="off" /></p>
          }
          @if (action() === 'snooze') {
            <p class="field"><label for="hours" i18n>For</label><select #howLong id="hours">@for (choice of snoozes; track choice[0]) { <option [value]="choice[0]">{{ choice[1] }}</option> }</select></p>
          }
          <p class="field"><label for="comment">@if (action() === 'comment') { <ng-container i18n>Comment</ng-container> } @else { <ng-container i18n>Comment (not needed)</ng-container> }</label><textarea #comment id="comment" rows="3" maxlength="1000" [required]="action() === 'comment'"></textarea></p>
          @if (action() === 'resolve') { <p class="soft" i18n>Resolved is final. The same cause, still there, raises no other alarm.</p> }
          @if (failure(); as text) { <p class="failed" role="alert">{{ text }}</p> }
          <div class="row end">
            <button type="button" (click)="closed.emit()" i18n>Cancel</button>
            <button type="submit" class="primary" [disabled]="working() || !count()">{{ title() }}</button>
          </div>
        }
      </form>
    </dialog>
  `,
})
export class AlarmDialog {
  readonly action = input.required<AlarmAction>();
  readonly subject = input.required<Subject>();
  readonly closed = output();
  readonly changed = output();

  protected readonly session = inject(Session);
  private readonly work = inject(AlarmWork);
  private readonly graph = inject(Graph);
  protected readonly who = viewChild<ElementRef<HTMLInputElement>>('who');
  protected readonly howLong = viewChild<ElementRef<HTMLSelectElement>>('howLong');
  protected readonly comment = viewChild<ElementRef<HTMLTextAreaElement>>('comment');
  protected readonly snoozes = SNOOZE_HOURS;
  protected readonly title = computed(() => ACTION_TITLES[this.action()]);
  protected readonly working = signal(false);
  protected readonly failure = signal<string | null>(null);
  protected readonly jobId = signal<string | null>(null);
  private readonly requestIds = new RequestIds();
  // When each choice of a snooze ends: said again it is the same time, and so the same change.
  private readonly ends = new Map<number, string>();

  /** How many alarms all that match are: the register counts them. */
  private readonly preview = resource({
    params: () => {
      const subject = this.subject();
      return subject.kind === 'many' && subject.count === null ? subject.selection : undefined;
    },
    loader: async ({ params: selection, abortSignal }) => (await this.graph.ask(askAlarmJobPreview, { selection, action: jobActionOf({ action: 'acknowledge', comment: '', assignee: '', until: null }) }, abortSignal)).alarmJobPreview.deviceCount,
  });
  protected readonly count = computed(() => {
    const subject = this.subject();
    if (subject.kind === 'one') return 1;
    return subject.count ?? (this.preview.hasValue() ? this.preview.value() : null);
  });
  protected readonly about = computed(() => {
    const subject = this.subject();
    if (subject.kind === 'one') return subject.summary;
    if (this.preview.error()) return asFailure(this.preview.error()).message;
    const count = this.count();
    return count === null ? $localize`Counting …` : $localize`${whole(count)}:count: alarms; those to which it does not apply are left, and named.`;
  });

  protected close(event: Event): void {
    event.preventDefault();
    if (!this.working()) this.closed.emit();
  }

  protected async go(comment: string, assignee: string, hours: string): Promise<void> {
    // Two clicks before the button is disabled are one. Without a number there is nothing that was agreed.
    if (this.working() || !this.count()) return;
    this.working.set(true);
    this.failure.set(null);
    const change: AlarmChange = { action: this.action(), comment: comment.trim(), assignee: assignee.trim(), until: this.action() === 'snooze' ? this.end(Number(hours) || 1) : null };
    const subject = this.subject();
    try {
      if (subject.kind === 'one') {
        await this.work.change(subject.alarmId, change, this.requestIds.of({ subject, change }));
        this.changed.emit();
        this.closed.emit();
      } else {
        this.jobId.set(await this.work.changeMany(subject.selection, change, this.count(), this.requestIds.of({ subject, change, count: this.count() })));
      }
    } catch (error) {
      this.failure.set(asFailure(error).message);
    } finally {
      this.working.set(false);
    }
  }

  private end(hours: number): string {
    const end = this.ends.get(hours) ?? new Date(Date.now() + hours * 3_600_000).toISOString();
    this.ends.set(hours, end);
    return end;
  }
}
