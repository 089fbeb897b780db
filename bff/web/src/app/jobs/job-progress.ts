import { Component, DestroyRef, computed, effect, inject, input, output, resource } from '@angular/core';

import { asFailure, orNothing } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askJob } from '../graph/generated';
import type { JobQuery } from '../graph/generated';
import { poll } from '../parts/polling';
import { StateMark } from '../parts/state-mark';
import { JobBar } from './job-bar';
import { isUnfinished, jobSentence } from './job-words';

export type JobTold = NonNullable<JobQuery['job']>;
const LOOK_MS = 1000;

/** One job as it goes on: asked for once a second until it has ended. */
@Component({
  selector: 'mp-job-progress',
  imports: [JobBar, StateMark],
  styles: `:host { display: grid; gap: var(--space-2); min-height: 4.5rem; } .row { justify-content: space-between; }`,
  template: `
    @if (job(); as job) {
      <p class="row"><strong>{{ sentence() }}</strong> <mp-state [word]="job.state ?? ''" [strong]="true" /></p>
      <mp-job-bar [job]="job" />
    } @else if (asked.error(); as error) { <p role="alert">{{ message(error) }}</p> }
    @else if (asked.hasValue()) { <p role="alert" i18n>There is no such job, or it is of networks that you may not see.</p> }
    @else { <p class="soft" i18n>Reading the job …</p> }
  `,
})
export class JobProgress {
  readonly jobId = input.required<string>();
  readonly told = output<JobTold>();
  private readonly graph = inject(Graph);

  protected readonly asked = resource({
    params: () => this.jobId(),
    loader: async ({ params: id, abortSignal }) => (await orNothing(this.graph.ask(askJob, { id }, abortSignal)))?.job ?? null,
  });
  readonly job = computed(() => (this.asked.hasValue() ? this.asked.value() : null));
  protected readonly sentence = computed(() => {
    const job = this.job();
    return job ? jobSentence(job.action, job.totalCount, job.ofAlarms) : '';
  });

  constructor() {
    poll(async () => this.look(), () => (this.isToCome() ? LOOK_MS : null), inject(DestroyRef));
    effect(() => {
      const job = this.job();
      if (job) this.told.emit(job);
    });
  }

  /** Whether there will be more to read: the job goes on, or nothing of it could be read yet, as the park was away. */
  private isToCome(): boolean {
    const [job, error] = [this.job(), this.asked.error()];
    return job ? isUnfinished(job) : error !== undefined && asFailure(error).kind === 'away';
  }

  /** Read the job once more; while the answer is on its way, or does not come, what is known stays. */
  async look(): Promise<void> {
    try {
      const { job } = await this.graph.ask(askJob, { id: this.jobId() });
      this.asked.set(job);
    } catch {
      // The next look tries again; the banner says it when the park is away.
    }
  }

  protected message(error: unknown): string {
    return asFailure(error).message;
  }
}
