import { Component, computed, input } from '@angular/core';

import type { JobOutcome, JobRowFragment } from '../graph/generated';
import { share, whole } from '../parts/numbers';
import { OUTCOMES, OUTCOME_TITLES, countsOf } from './job-words';

const TONES: Readonly<Record<JobOutcome, string>> = { DONE: 'good', UNCHANGED: 'notice', FAILED: 'bad', SKIPPED: 'off', PENDING: 'rest' };

/** How far a job is: a bar of what became of its devices or alarms, and the same in words. */
@Component({
  selector: 'mp-job-bar',
  styles: `
    .bar { display: flex; height: 0.5rem; border-radius: 1rem; overflow: hidden; background: var(--sheet-sunk); border: 1px solid var(--edge); }
    .bar > span { min-width: 2px; }
    .good { background: var(--good); } .notice { background: var(--notice); } .bad { background: var(--bad); } .off { background: var(--off); } .rest { background: transparent; }
    :host { display: grid; gap: var(--space-1); align-content: center; }
    p { font-size: var(--text-s); color: var(--ink-soft); min-height: 1.3em; }
  `,
  template: `
    <div class="bar" role="progressbar" [attr.aria-valuenow]="worked()" aria-valuemin="0" [attr.aria-valuemax]="job().totalCount" [attr.aria-label]="text()">
      @for (part of parts(); track part.outcome) { <span [class]="part.tone" [style.flex-grow]="part.count"></span> }
    </div>
    <p>{{ text() }}</p>
  `,
})
export class JobBar {
  readonly job = input.required<JobRowFragment>();
  protected readonly worked = computed(() => this.job().totalCount - this.job().pendingCount);
  protected readonly parts = computed(() => {
    const counts = countsOf(this.job());
    return OUTCOMES.filter((outcome) => counts[outcome] > 0).map((outcome) => ({ outcome, tone: TONES[outcome], count: counts[outcome] }));
  });
  protected readonly text = computed(() => {
    const job = this.job();
    if (job.state === 'PREPARING') return job.ofAlarms ? $localize`The alarms are being listed …` : $localize`The devices are being listed …`;
    const counts = countsOf(job);
    const told = OUTCOMES.filter((outcome) => counts[outcome] > 0 && outcome !== 'PENDING').map((outcome) => `${OUTCOME_TITLES[outcome]}: ${whole(counts[outcome])}`);
    const begun = $localize`${whole(this.worked())}:worked: of ${whole(job.totalCount)}:total: (${share(this.worked(), job.totalCount)}:share:)`;
    return [begun, ...told].join(' · ');
  });
}
