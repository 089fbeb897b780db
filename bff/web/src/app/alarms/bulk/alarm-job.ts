import { Component, DestroyRef, computed, inject, input, output, resource } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askAlarmJob, askAlarmJobItems } from '../../graph/generated';
import type { JobOutcome } from '../../graph/generated';
import { causeText } from '../../parts/causes';
import { share, whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';

const LOOK_MS = 1_000;
const LEFT: JobOutcome[] = ['UNCHANGED', 'FAILED', 'SKIPPED'];

/** A job on alarms as it goes on, and in the end each alarm that it did not change, with the reason. */
@Component({
  selector: 'mp-alarm-job',
  imports: [Problem, RouterLink],
  styles: `
    :host { display: grid; gap: var(--space-3); min-height: 6rem; }
    .bar { height: 0.5rem; border-radius: 1rem; overflow: hidden; background: var(--sheet-sunk); border: 1px solid var(--edge); }
    .bar > span { display: block; height: 100%; background: var(--good); }
    ul { max-height: 14rem; overflow-y: auto; border-top: 1px solid var(--edge); }
    li { display: flex; flex-wrap: wrap; gap: 0 var(--space-2); padding: var(--space-1) 0; border-bottom: 1px solid var(--edge); }
  `,
  template: `
    @if (job(); as job) {
      <div class="bar" role="progressbar" [attr.aria-valuenow]="worked()" aria-valuemin="0" [attr.aria-valuemax]="job.totalCount" i18n-aria-label aria-label="Alarms that were worked on"><span [style.inline-size.%]="percent()"></span></div>
      <p role="status">{{ progress() }}</p>
      <p>{{ result() }}</p>
      @if (!ended()) { <p class="soft" i18n>You can close this: the job goes on by itself.</p> }
    } @else if (asked.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="asked.reload()" /> }
    @else { <p class="soft" i18n>Reading the job …</p> }
    @if (left.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="left.reload()" /> }
    @if (left.hasValue() && left.value(); as items) {
      @if (items.edges.length) {
        <ul i18n-aria-label aria-label="Alarms that were not changed" tabindex="0">
          @for (edge of items.edges; track edge.node.alarmId) {
            <li>
              <a [routerLink]="'/alarms/' + edge.node.alarmId">@if (edge.node.device; as device) { {{ device.serialNumber ?? device.deviceIdentifier }} } @else { <ng-container i18n>alarm of an area</ng-container> }</a>
              <span class="soft">{{ why(edge.node.detail) }}</span>
            </li>
          }
        </ul>
        @if (items.pageInfo.hasNextPage) { <p class="soft" i18n>These are the first of them.</p> }
      }
    }
  `,
})
export class AlarmJob {
  readonly jobId = input.required<string>();
  readonly done = output();
  private readonly graph = inject(Graph);
  protected readonly failureOf = asFailure;
  protected readonly why = causeText;
  protected readonly asked = resource({
    params: () => this.jobId(),
    loader: async ({ params: id, abortSignal }) => (await this.graph.ask(askAlarmJob, { id }, abortSignal)).job,
  });
  protected readonly job = computed(() => (this.asked.hasValue() ? this.asked.value() : null));
  protected readonly ended = computed(() => this.job()?.state === 'DONE' || this.job()?.state === 'CANCELLED');
  protected readonly worked = computed(() => (this.job()?.totalCount ?? 0) - (this.job()?.pendingCount ?? 0));
  protected readonly percent = computed(() => (this.ended() ? 100 : (100 * this.worked()) / Math.max(this.job()?.totalCount ?? 0, 1)));
  protected readonly progress = computed(() => {
    const job = this.job();
    if (!job || job.state === 'PREPARING') return $localize`The alarms are being listed …`;
    return $localize`${whole(this.worked())}:worked: of ${whole(job.totalCount)}:total: (${share(this.worked(), job.totalCount)}:share:)`;
  });
  protected readonly result = computed(() => {
    const job = this.job();
    if (!job) return '';
    const told = [$localize`Done: ${whole(job.doneCount)}:count:`];
    if (job.unchangedCount) told.push($localize`does not apply: ${whole(job.unchangedCount)}:count:`);
    if (job.failedCount) told.push($localize`failed: ${whole(job.failedCount)}:count:`);
    if (job.skippedCount) told.push($localize`not done: ${whole(job.skippedCount)}:count:`);
    return told.join(' · ');
  });
  protected readonly left = resource({
    params: () => (this.ended() ? { id: this.jobId(), outcomes: LEFT } : undefined),
    loader: async ({ params, abortSignal }) => (await this.graph.ask(askAlarmJobItems, params, abortSignal)).job?.items ?? null,
  });

  constructor() {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const look = async (): Promise<void> => {
      // What is known stays while the answer is on its way, or when it does not come: the next look tries again.
      const answer = await this.graph.ask(askAlarmJob, { id: this.jobId() }).catch(() => null);
      if (gone) return;
      if (answer?.job) this.asked.set(answer.job);
      if (this.ended()) this.done.emit();
      else timer = setTimeout(() => void look(), LOOK_MS);
    };
    timer = setTimeout(() => void look(), LOOK_MS / 2);
    inject(DestroyRef).onDestroy(() => { gone = true; clearTimeout(timer); });
  }
}
