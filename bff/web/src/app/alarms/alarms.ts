import { Component, DestroyRef, computed, effect, inject, linkedSignal, resource, signal, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAlarmChanged, askAlarmsPage } from '../graph/generated';
import type { AlarmRowFragment, AlarmsPageQuery } from '../graph/generated';
import { Live } from '../graph/live';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';
import { Session } from '../session/session';
import { SEVERITIES, STATES, alarmInput, alarmParameters, readAlarmFilter, without } from './alarm-filter';
import type { AlarmFilter } from './alarm-filter';
import { AlarmList } from './alarm-list';

type AlarmPage = AlarmsPageQuery['alarms'];
const READ_AGAIN_MS = 500;

/** The inbox of alarms: what needs attention, and what is done about it. */
@Component({
  selector: 'mp-alarms',
  imports: [AlarmList, Problem, StateMark],
  styles: `
    .filters { gap: var(--space-2) var(--space-6); padding: var(--space-2) var(--space-4); }
    fieldset { display: flex; flex-wrap: wrap; gap: var(--space-3); border: 0; margin: 0; padding: 0; }
    label { display: inline-flex; align-items: center; gap: var(--space-1); font-weight: 400; }
    .list { padding: var(--space-2) var(--space-4) var(--space-4); }
    .nothing { padding: var(--space-8); text-align: center; display: grid; gap: var(--space-3); justify-items: center; }
  `,
  template: `
    <div class="view">
      <header><h1 i18n>Alarms</h1></header>
      <div class="filters sheet row">
        <fieldset><legend class="only-read" i18n>Severity</legend>
          @for (word of severities; track word) { <label><input type="checkbox" [checked]="filter().severities.includes(word)" (change)="severity(word)" /><mp-state [word]="word" /></label> }
        </fieldset>
        <fieldset><legend class="only-read" i18n>State</legend>
          @for (word of states; track word) { <label><input type="checkbox" [checked]="filter().states.includes(word)" (change)="state(word)" /><mp-state [word]="word" /></label> }
        </fieldset>
        <label><input type="checkbox" [checked]="filter().mine" (change)="go({ mine: !filter().mine })" /> <ng-container i18n>assigned to me</ng-container></label>
        <label><input type="checkbox" [checked]="filter().withSnoozed" (change)="go({ withSnoozed: !filter().withSnoozed })" /> <ng-container i18n>with those that sleep</ng-container></label>
      </div>
      @if (first.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="first.reload()" /> }
      @if (alarms().length) {
        <section class="sheet list"><mp-alarm-list [alarms]="alarms()" (changed)="first.reload()" />
          @if (next()) { <button (click)="more()" [disabled]="reading()" i18n>Show older alarms</button> }
        </section>
      } @else if (first.hasValue()) {
        <section class="sheet nothing" role="status">
          @if (filtered()) { <h2 i18n>No alarm fits this filter</h2><button (click)="clear()" i18n>Clear the filter</button> }
          @else { <h2 i18n>No alarm needs attention</h2><p class="soft" i18n>New ones appear here by themselves.</p> }
        </section>
      }
    </div>
  `,
})
export class Alarms {
  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly failureOf = asFailure;
  protected readonly severities = SEVERITIES;
  protected readonly states = STATES;
  protected readonly reading = signal(false);

  protected readonly filter = computed(() => {
    this.parameters();
    return readAlarmFilter(new URLSearchParams(untracked(() => this.router.url).split('?')[1] ?? ''));
  });
  protected readonly filtered = computed(() => Object.values(alarmParameters(this.filter())).some((said) => said !== null));
  private readonly input = computed(() => alarmInput(this.filter(), this.session.person()?.username ?? ''));
  protected readonly first = resource({
    params: () => this.input(),
    loader: async ({ params: filter, abortSignal }) => (await this.graph.ask(askAlarmsPage, { filter }, abortSignal)).alarms,
  });
  protected readonly alarms = linkedSignal<AlarmPage | null, readonly AlarmRowFragment[]>({
    source: () => (this.first.hasValue() ? this.first.value() : null),
    // While a page is read again the list stays as it is: nothing jumps.
    computation: (page, previous) => page?.edges.map((edge) => edge.node) ?? previous?.value ?? [],
  });
  protected readonly next = linkedSignal(() => {
    const page = this.first.hasValue() ? this.first.value().pageInfo : null;
    return page?.hasNextPage ? page.endCursor : null;
  });

  constructor() {
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let end: () => void = () => undefined;
    effect(() => {
      const filter = this.input();
      end();
      end = live.watch(askAlarmChanged, { filter }, (result) => result.alarmChanged, ({ alarmChanged }) => {
        if (!alarmChanged.alarm) return;
        clearTimeout(timer);
        timer = setTimeout(() => untracked(() => this.first.reload()), READ_AGAIN_MS);
      }, destroyed);
    });
    destroyed.onDestroy(() => clearTimeout(timer));
  }

  protected go(change: Partial<AlarmFilter>): void {
    void this.router.navigate([], { queryParams: alarmParameters({ ...this.filter(), ...change }), queryParamsHandling: 'merge' });
  }

  protected severity(word: AlarmFilter['severities'][number]): void {
    this.go({ severities: without(this.filter().severities, word) });
  }

  protected state(word: AlarmFilter['states'][number]): void {
    this.go({ states: without(this.filter().states, word) });
  }

  protected clear(): void {
    this.go({ severities: [], states: [], areas: [], mine: false, withSnoozed: false });
  }

  protected async more(): Promise<void> {
    this.reading.set(true);
    try {
      const page = (await this.graph.ask(askAlarmsPage, { filter: this.input(), after: this.next() })).alarms;
      this.alarms.update((before) => [...before, ...page.edges.map((edge) => edge.node)]);
      this.next.set(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    } finally {
      this.reading.set(false);
    }
  }
}
