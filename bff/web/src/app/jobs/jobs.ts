import { Component, DestroyRef, computed, inject } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import { Graph } from '../graph/graph';
import { askJobsPage } from '../graph/generated';
import type { JobRowFragment, JobState } from '../graph/generated';
import { paged } from '../graph/paged';
import { Age } from '../parts/age';
import { poll } from '../parts/polling';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';
import { Preferences } from '../shell/preferences';
import { JobBar } from './job-bar';
import { isUnfinished, jobSentence } from './job-words';

const STATES: readonly JobState[] = ['PREPARING', 'RUNNING', 'PAUSED', 'DONE', 'CANCELLED'];
const LOOK_MS = 2_000;
const QUIET_MS = 15_000;

/** What people had done with many devices or alarms, the newest first, and how far each is. */
@Component({
  selector: 'mp-jobs',
  imports: [Age, JobBar, Problem, RouterLink, StateMark],
  styleUrl: './jobs.css',
  template: `
    <div class="view">
      <header><h1 i18n>Jobs</h1><p class="soft" i18n>Work on many devices or alarms: begun from their lists, done one by one.</p></header>
      <fieldset class="filters sheet row"><legend class="only-read" i18n>State</legend>
        @for (word of words; track word) { <label class="row"><input type="checkbox" [checked]="states().includes(word)" (change)="toggle(word)" /><mp-state [word]="word" /></label> }
      </fieldset>
      @if (list.failure(); as failure) { <mp-problem [failure]="failure" (again)="list.again()" /> }
      @if (list.items().length) {
        <section class="sheet list">
          <ul>
            @for (job of list.items(); track job.jobId) {
              <li>
                <div class="what"><a [routerLink]="['/jobs', job.jobId]">{{ sentence(job) }}</a><p class="soft"><ng-container i18n>by {{ job.username }}</ng-container> · <mp-age [at]="job.createdAt" /></p></div>
                <mp-state [word]="job.state ?? ''" [strong]="true" />
                <mp-job-bar [job]="job" />
              </li>
            }
          </ul>
          @if (list.more()) { <button (click)="list.readMore()" [disabled]="list.reading()" i18n>Show older jobs</button> }
        </section>
      } @else if (list.newest()) {
        <section class="sheet nothing" role="status">
          @if (states().length) { <h2 i18n>No job is in such a state</h2><button (click)="go([])" i18n>Clear the filter</button> }
          @else { <h2 i18n>There are no jobs yet</h2><p class="soft" i18n>Choose devices in the list, and say what is to be done with them.</p><a class="button" routerLink="/devices" i18n>Devices</a> }
        </section>
      } @else if (!list.failure()) { <section class="sheet list waiting"><p class="soft" i18n>Reading the jobs …</p></section> }
    </div>
  `,
})
export class Jobs {
  private readonly graph = inject(Graph);
  private readonly preferences = inject(Preferences);
  private readonly router = inject(Router);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly words = STATES;
  protected readonly states = computed(() => STATES.filter((word) => this.parameters()?.getAll('state').includes(word)), { equal: (one, other) => one.join() === other.join() });

  protected readonly list = paged({
    question: () => ({ states: [...this.states()], first: this.preferences.pageSize() }),
    read: async (question, after, abort) => (await this.graph.ask(askJobsPage, { ...question, after }, abort)).jobs,
    key: (job: JobRowFragment) => job.jobId,
  });

  constructor() {
    const look = async (): Promise<void> => { await Promise.resolve(this.list.reload()); };
    poll(look, () => (this.list.items().some(isUnfinished) ? LOOK_MS : QUIET_MS), inject(DestroyRef));
  }

  protected sentence(job: JobRowFragment): string {
    return jobSentence(job.action, job.totalCount, job.ofAlarms);
  }

  protected toggle(word: JobState): void {
    this.go(this.states().includes(word) ? this.states().filter((one) => one !== word) : [...this.states(), word]);
  }

  protected go(states: readonly JobState[]): void {
    void this.router.navigate([], { queryParams: { state: states.length ? [...states] : null } });
  }
}
