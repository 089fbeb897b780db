import { Component, DestroyRef, computed, effect, inject, input, resource } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure, orNothing } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAlarmChanged, askOneAlarm, askParkSummaryChanged } from '../graph/generated';
import type { AlarmFilterInput } from '../graph/generated';
import { Live } from '../graph/live';
import { readingAgain } from '../graph/reading-again';
import { Problem } from '../parts/problem';
import { STATES } from './alarm-filter';
import { AlarmList } from './alarm-list';

const READ_AGAIN_MS = 500;
const COUNT_AGAIN_MS = 3_000;

/** One alarm, in whatever state it is, open to its history: where a link to an alarm leads. */
@Component({
  selector: 'mp-alarm',
  imports: [AlarmList, Problem, RouterLink],
  styleUrl: './alarms.css',
  template: `
    <div class="view">
      <nav i18n-aria-label aria-label="Where you are"><a routerLink="/alarms" i18n>Alarms</a></nav>
      <h1 class="only-read" i18n>Alarm</h1>
      @if (shown.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="shown.reload()" /> }
      @if (alarm(); as one) {
        <section class="sheet list"><mp-alarm-list [alarms]="[one]" [begins]="one.alarmId" (changed)="again()" /></section>
      } @else if (shown.hasValue()) {
        <section class="sheet nothing" role="status"><h2 i18n>There is no such alarm</h2><p class="soft" i18n>Or it is of a network that you may not see.</p></section>
      } @else if (!shown.error()) { <section class="sheet list" aria-hidden="true"><p class="waiting"></p></section> }
    </div>
  `,
})
export class AlarmView {
  readonly network = input.required<string>();
  readonly number = input.required<string>();
  private readonly graph = inject(Graph);
  protected readonly failureOf = asFailure;

  private readonly id = computed(() => `${this.network()}/${this.number()}`);
  protected readonly shown = resource({
    params: () => this.id(),
    loader: async ({ params: id, abortSignal }) => (await orNothing(this.graph.ask(askOneAlarm, { id }, abortSignal)))?.alarm ?? null,
  });
  protected readonly alarm = computed(() => (this.shown.hasValue() ? this.shown.value() : null));
  /** The narrowest filter that holds the alarm: the graph has none by its id. */
  private readonly around = computed((): AlarmFilterInput | null => {
    const alarm = this.alarm();
    if (!alarm) return null;
    const place = alarm.deviceId ? { deviceId: alarm.deviceId } : { rules: [alarm.rule], areas: alarm.area ? [alarm.area] : null };
    return { networks: [this.network()], states: [...STATES], withSnoozed: true, ...place };
  }, { equal: (one, other) => JSON.stringify(one) === JSON.stringify(other) });
  private readonly isOutage = computed(() => !!this.alarm()?.affected);
  protected readonly again: () => void;

  constructor() {
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    this.again = readingAgain(READ_AGAIN_MS, destroyed, this.shown);
    effect((cleanUp) => {
      const filter = this.around();
      if (!filter) return;
      const id = this.id();
      cleanUp(live.watch(askAlarmChanged, { filter }, (result) => result.alarmChanged, ({ alarmChanged }) => { if (alarmChanged.alarm?.alarmId === id) this.again(); }, destroyed, this.again));
    });
    // How many devices an outage has changes with the devices, not with its alarm.
    const countAgain = readingAgain(COUNT_AGAIN_MS, destroyed, this.shown);
    effect((cleanUp) => {
      if (!this.isOutage()) return;
      cleanUp(live.watch(askParkSummaryChanged, { dimensions: ['POWER'] }, (result) => result.parkSummaryChanged, ({ parkSummaryChanged }) => { if (parkSummaryChanged.summary) countAgain(); }, destroyed, countAgain));
    });
  }
}
