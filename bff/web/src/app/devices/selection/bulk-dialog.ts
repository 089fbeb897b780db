import { Component, computed, inject, input, output, resource, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Failure, asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askCreateJob, askJobPreview } from '../../graph/generated';
import type { DeviceSelectionInput, JobActionInput, JobActionKind } from '../../graph/generated';
import { refusalText } from '../../graph/refusal';
import { JobProgress } from '../../jobs/job-progress';
import { ACTION_TITLES, jobSentence, skipSentence } from '../../jobs/job-words';
import { Modal } from '../../parts/modal';
import { Session } from '../../session/session';
import { readTags, wrongTags } from './tags';

/** What is done with devices from their list. */
export type BulkKind = Extract<JobActionKind, 'TAG' | 'MARK_FOR_EXCHANGE' | 'UNMARK_FOR_EXCHANGE' | 'ACKNOWLEDGE_ALARMS' | 'ASSIGN_ALARMS'>;

interface Said {
  readonly add: string;
  readonly remove: string;
  readonly text: string;
  readonly assignee: string;
}

/** Asks for what a job needs, says what it would do, begins it once, and shows how far it is. */
@Component({
  selector: 'mp-bulk-dialog',
  imports: [JobProgress, Modal, RouterLink],
  styleUrls: ['../../parts/dialog.css'],
  styles: `.preview { display: grid; gap: var(--space-1); min-height: 4.4rem; padding: var(--space-3); background: var(--sheet-sunk); border-radius: var(--corner); }`,
  template: `
    <dialog mpModal aria-labelledby="bulk-title" (cancel)="close($event)">
      <form (submit)="$event.preventDefault(); begin()">
        <h2 id="bulk-title">{{ title() }}</h2>
        @if (jobId(); as id) {
          <mp-job-progress [jobId]="id" />
          <p class="soft" i18n>You can close this: the job goes on by itself.</p>
          <div class="row end">
            <a class="button" [routerLink]="['/jobs', id]" i18n>Results per device</a>
            <button type="button" class="primary" (click)="closed.emit()" i18n>Close</button>
          </div>
        } @else {
          @switch (kind()) {
            @case ('TAG') {
              <p class="field"><label for="add" i18n>Add these tags</label><input id="add" #add [value]="said().add" (input)="say({ add: add.value })" autocomplete="off" i18n-placeholder placeholder="exchange-2027, yard:7" /></p>
              <p class="field"><label for="remove" i18n>Take these tags away</label><input id="remove" #remove [value]="said().remove" (input)="say({ remove: remove.value })" autocomplete="off" /></p>
            }
            @case ('MARK_FOR_EXCHANGE') { <p class="field"><label for="text" i18n>Reason</label><input id="text" #text [value]="said().text" (input)="say({ text: text.value })" maxlength="200" required autocomplete="off" /></p> }
            @case ('ACKNOWLEDGE_ALARMS') { <p class="field"><label for="text" i18n>Comment (not needed)</label><textarea id="text" #text rows="2" maxlength="1000" [value]="said().text" (input)="say({ text: text.value })"></textarea></p> }
            @case ('ASSIGN_ALARMS') {
              <p class="field"><label for="who" i18n>To</label><input id="who" #who [value]="said().assignee" (input)="say({ assignee: who.value })" maxlength="200" required autocomplete="off" /></p>
              <p class="field"><label for="text" i18n>Comment (not needed)</label><textarea id="text" #text rows="2" maxlength="1000" [value]="said().text" (input)="say({ text: text.value })"></textarea></p>
            }
          }
          <div class="preview" aria-live="polite">
            @if (wrong(); as text) { <p class="failed">{{ text }}</p> }
            @else if (!action()) { <p class="soft" i18n>Say what is to be done; what it would do stands here then.</p> }
            @else if (preview.error(); as error) { <p class="failed">{{ message(error) }}</p> }
            @else if (preview.hasValue() && preview.value(); as would) {
              <p><strong>{{ sentence() }}</strong></p>
              @for (skipped of would.skipped; track skipped.reason) { <p class="soft">{{ skip(skipped.deviceCount, skipped.reason) }}</p> }
              @if (ofAlarms()) { <p class="soft" i18n>Devices without such an alarm stay as they are; the result names each.</p> }
            } @else { <p class="soft" i18n>Counting …</p> }
          </div>
          @if (refused(); as text) { <p class="failed" role="alert">{{ text }}</p> }
          <div class="row end">
            <button type="button" (click)="closed.emit()" i18n>Cancel</button>
            <button type="submit" class="primary" [disabled]="!ready() || working()">{{ title() }}</button>
          </div>
        }
      </form>
    </dialog>
  `,
})
export class BulkDialog {
  readonly kind = input.required<BulkKind>();
  readonly selection = input.required<DeviceSelectionInput>();
  readonly closed = output();

  private readonly graph = inject(Graph);
  private readonly session = inject(Session);
  protected readonly title = computed(() => ACTION_TITLES[this.kind()]);
  // Not a value of the session's: who logs in again finds what they had written.
  protected readonly said = signal<Said>({ add: '', remove: '', text: '', assignee: this.session.person()?.username ?? '' });
  protected readonly wrong = computed(() => (this.kind() === 'TAG' ? wrongTags(readTags(this.said().add), readTags(this.said().remove)) : null));
  protected readonly ofAlarms = computed(() => this.kind() === 'ACKNOWLEDGE_ALARMS' || this.kind() === 'ASSIGN_ALARMS');
  protected readonly action = computed(() => (this.wrong() ? null : actionOf(this.kind(), this.said())));
  protected readonly preview = resource({
    params: () => (this.action() ? { action: actionOf(this.kind(), this.said()), selection: this.selection() } : undefined),
    loader: async ({ params: { action, selection }, abortSignal }) => {
      await pause(abortSignal);
      return action ? (await this.graph.ask(askJobPreview, { selection, action }, abortSignal)).jobPreview : null;
    },
  });
  private readonly counted = computed(() => (this.preview.hasValue() ? this.preview.value() : null));
  protected readonly sentence = computed(() => jobSentence(this.action(), this.counted()?.deviceCount ?? 0));
  protected readonly ready = computed(() => this.action() !== null && (this.counted()?.deviceCount ?? 0) > 0);
  protected readonly working = signal(false);
  protected readonly refused = signal<string | null>(null);
  protected readonly jobId = signal<string | null>(null);
  protected readonly skip = skipSentence;
  // One id for each thing that is asked: a second click, or a try after a lost answer, makes no second job.
  private readonly requestIds = new Map<string, string>();

  protected say(change: Partial<Said>): void {
    this.said.update((before) => ({ ...before, ...change }));
  }

  protected message(error: unknown): string {
    return asFailure(error).message;
  }

  protected close(event: Event): void {
    event.preventDefault();
    if (!this.working()) this.closed.emit();
  }

  protected async begin(): Promise<void> {
    const action = this.action();
    if (!action || !this.ready() || this.working()) return;
    this.working.set(true);
    this.refused.set(null);
    const asked = { selection: this.selection(), action, expectedCount: this.counted()?.deviceCount ?? 0 };
    const key = JSON.stringify(asked);
    const requestId = this.requestIds.get(key) ?? crypto.randomUUID();
    this.requestIds.set(key, requestId);
    try {
      const { createJob } = await this.graph.ask(askCreateJob, { ...asked, requestId });
      if (createJob.__typename !== 'JobChanged') throw new Failure('refused', refusalText(createJob));
      this.jobId.set(createJob.job.jobId);
    } catch (error) {
      this.refused.set(asFailure(error).message);
    } finally {
      this.working.set(false);
    }
  }
}

/** Return the action as the graph takes it; null while something that it needs is not said. */
function actionOf(kind: BulkKind, said: Said): JobActionInput | null {
  switch (kind) {
    case 'TAG': {
      const [addTags, removeTags] = [[...readTags(said.add)], [...readTags(said.remove)]];
      return addTags.length || removeTags.length ? { kind, addTags, removeTags } : null;
    }
    case 'MARK_FOR_EXCHANGE': return said.text.trim() ? { kind, reason: said.text.trim() } : null;
    case 'UNMARK_FOR_EXCHANGE': return { kind };
    case 'ACKNOWLEDGE_ALARMS': return { kind, comment: said.text.trim() };
    case 'ASSIGN_ALARMS': return said.assignee.trim() ? { kind, assignee: said.assignee.trim(), comment: said.text.trim() } : null;
  }
}

const STILL_MS = 300;

/** Wait until the person has stopped writing. */
async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, STILL_MS);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
  signal.throwIfAborted();
}
