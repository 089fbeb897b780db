import { CdkVirtualScrollViewport, ScrollingModule } from '@angular/cdk/scrolling';
import { Component, computed, effect, inject, input, signal, untracked, viewChild } from '@angular/core';
import { Router, RouterLink } from '@angular/router';

import { selectionParameters } from '../devices/selection/selection';
import { Failure, asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askCancelJob, askJobItems, askPauseJob, askResumeJob } from '../graph/generated';
import type { JobOutcome } from '../graph/generated';
import { refusalText } from '../graph/refusal';
import { Age } from '../parts/age';
import { causeText } from '../parts/causes';
import { whole } from '../parts/numbers';
import { PAGE_SIZE } from '../parts/pages';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';
import { failedDevices, itemsOf } from './job-items';
import { JobProgress } from './job-progress';
import type { JobTold } from './job-progress';
import { OUTCOMES, OUTCOME_TITLES, countsOf } from './job-words';

/** One job: how far it is, what became of each device or alarm, and what can be done about it. */
@Component({
  selector: 'mp-job',
  imports: [Age, JobProgress, Problem, RouterLink, ScrollingModule, StateMark],
  styleUrl: './job.css',
  templateUrl: './job.html',
})
export class JobView {
  readonly id = input.required<string>();
  /** Of the address: only those of which this became. */
  readonly outcome = input<string>();

  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  private readonly progress = viewChild(JobProgress);
  private readonly viewport = viewChild(CdkVirtualScrollViewport);
  protected readonly rowPixels = 40;
  protected readonly titles = OUTCOME_TITLES;
  protected readonly number = whole;
  protected readonly why = causeText;
  protected readonly job = signal<JobTold | null>(null);
  protected readonly refused = signal<string | null>(null);
  protected readonly words = computed(() => (this.job()?.ofAlarms
    ? { results: $localize`Results per alarm`, item: $localize`Alarm of`, none: $localize`No alarm has this result.` }
    : { results: $localize`Results per device`, item: $localize`Device`, none: $localize`No device has this result.` }));
  protected readonly only = computed(() => OUTCOMES.find((outcome) => outcome === this.outcome()) ?? null);
  protected readonly counts = computed(() => {
    const job = this.job();
    if (!job) return [];
    const counts = countsOf(job);
    return OUTCOMES.map((outcome) => ({ outcome, count: counts[outcome] })).filter(({ outcome, count }) => count > 0 || outcome === this.only());
  });
  protected readonly items = computed(() => itemsOf({ id: this.id(), outcomes: this.only() ? [this.only()!] : [] }, async (variables, abort) => this.graph.ask(askJobItems, variables, abort)));
  protected readonly indexes = computed(() => Array.from({ length: this.items().reachable() }, (_, index) => index));

  constructor() {
    effect((onCleanup) => {
      const items = this.items();
      items.look(0, 0);
      onCleanup(() => { items.end(); });
    });
    // What became of those in sight is read again with every step of the job.
    let before = '';
    effect(() => {
      const job = this.job();
      const now = job ? `${job.jobId} ${job.state} ${job.pendingCount}` : '';
      if (before && now && before !== now) void untracked(this.items).refresh();
      before = now;
    });
  }

  protected row(index: number) {
    this.items().changes();
    return this.items().row(index);
  }

  protected see(): void {
    const range = this.viewport()?.getRenderedRange();
    if (range) this.items().look(range.start, Math.max(range.start, range.end - 1));
  }

  protected byIndex(index: number): number {
    return index;
  }

  protected go(outcome: JobOutcome | null): void {
    void this.router.navigate([], { queryParams: { outcome } });
  }

  protected async steer(what: 'pause' | 'resume' | 'cancel'): Promise<void> {
    this.refused.set(null);
    const jobId = this.id();
    try {
      const answer = what === 'pause' ? (await this.graph.ask(askPauseJob, { jobId })).pauseJob
        : what === 'resume' ? (await this.graph.ask(askResumeJob, { jobId })).resumeJob
          : (await this.graph.ask(askCancelJob, { jobId })).cancelJob;
      if (answer.__typename !== 'JobChanged') throw new Failure('refused', refusalText(answer));
    } catch (error) {
      this.refused.set(asFailure(error).message);
    }
    await this.progress()?.look();
  }

  /** Choose the devices that failed, as many as can be chosen by name, in the list of devices. */
  protected async chooseFailed(): Promise<void> {
    try {
      const ids = await failedDevices(async (after) => this.graph.ask(askJobItems, { id: this.id(), outcomes: ['FAILED'], first: PAGE_SIZE, after }));
      void this.router.navigate(['/devices'], { queryParams: selectionParameters({ kind: 'some', ids }, sessionStorage) });
    } catch (error) {
      this.refused.set(asFailure(error).message);
    }
  }
}
