import { Component, DestroyRef, computed, effect, inject, signal, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import { Graph } from '../graph/graph';
import { askAlarmChanged, askAlarmsPage, askParkSummaryChanged } from '../graph/generated';
import type { AlarmRowFragment } from '../graph/generated';
import { Live } from '../graph/live';
import { paged } from '../graph/paged';
import { readingAgain } from '../graph/reading-again';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';
import { Session } from '../session/session';
import { Preferences } from '../shell/preferences';
import { alarmsNow } from '../views/saved-view';
import { ViewsMenu } from '../views/views-menu';
import { AlarmChips } from './alarm-chips';
import { NO_FILTER, SEVERITIES, STATES, alarmInput, alarmParameters, readAlarmFilter, without } from './alarm-filter';
import type { AlarmFilter } from './alarm-filter';
import { AlarmList } from './alarm-list';

const READ_AGAIN_MS = 500;
const COUNT_AGAIN_MS = 3_000;

/** The inbox of alarms: what needs attention, and what is done about it. */
@Component({
  selector: 'mp-alarms',
  imports: [AlarmChips, AlarmList, Problem, RouterLink, StateMark, ViewsMenu],
  styleUrl: './alarms.css',
  template: `
    <div class="view">
      <header><h1 i18n>Alarms</h1><a routerLink="/alarms/load" i18n>Alarm load</a><mp-views-menu class="end" [present]="present()" /></header>
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
      <mp-alarm-chips [filter]="filter()" (changed)="go($event)" />
      @if (list.failure(); as failure) { <mp-problem [failure]="failure" (again)="list.again()" /> }
      @if (list.items().length || asking()) {
        <section class="sheet list"><mp-alarm-list [alarms]="list.items()" [matching]="input()" [more]="list.more()" (changed)="again()" (asking)="asking.set($event)" />
          @if (list.more()) { <button (click)="list.readMore()" [disabled]="list.reading()" i18n>Show older alarms</button> }
        </section>
      } @else if (list.loading()) {
        <section class="sheet list" aria-hidden="true">@for (line of [1, 2, 3, 4, 5, 6]; track line) { <p class="waiting"></p> }</section>
      } @else if (!list.failure()) {
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
  private readonly preferences = inject(Preferences);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  private readonly parameters = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly severities = SEVERITIES;
  protected readonly states = STATES;

  protected readonly filter = computed(() => {
    this.parameters();
    return readAlarmFilter(new URLSearchParams(untracked(() => this.router.url).split('?')[1] ?? ''));
  }, { equal: same });
  protected readonly filtered = computed(() => Object.values(alarmParameters(this.filter())).some((said) => said !== null));
  protected readonly present = computed(() => alarmsNow(this.filter()));
  protected readonly input = computed(() => alarmInput(this.filter(), this.session.person()?.username ?? ''), { equal: same });
  protected readonly list = paged({
    question: () => ({ filter: this.input(), first: this.preferences.pageSize() }),
    read: async (question, after, abort) => (await this.graph.ask(askAlarmsPage, { ...question, after }, abort)).alarms,
    key: (alarm: AlarmRowFragment) => alarm.alarmId,
  });
  protected readonly asking = signal(false);
  private readonly hasOutage = computed(() => this.list.items().some((alarm) => alarm.affected !== null));
  protected readonly again: () => void;

  constructor() {
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    this.again = readingAgain(READ_AGAIN_MS, destroyed, this.list);
    effect((cleanUp) => {
      cleanUp(live.watch(askAlarmChanged, { filter: this.input() }, (result) => result.alarmChanged, ({ alarmChanged }) => { if (alarmChanged.alarm) this.again(); }, destroyed, this.again));
    });
    // How many devices an outage has changes with the devices, not with its alarm.
    const countAgain = readingAgain(COUNT_AGAIN_MS, destroyed, this.list);
    effect((cleanUp) => {
      if (!this.hasOutage()) return;
      cleanUp(live.watch(askParkSummaryChanged, { dimensions: ['POWER'] }, (result) => result.parkSummaryChanged, ({ parkSummaryChanged }) => { if (parkSummaryChanged.summary) countAgain(); }, destroyed, countAgain));
    });
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
    this.go(NO_FILTER);
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
