import { Component, DestroyRef, computed, effect, inject, resource, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import { alarmText } from '../alarms/alarm-words';
import { Outage } from '../alarms/outage/outage';
import { entryText } from '../device/entry-text';
import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAlarmChanged, askParkSummary, askParkSummaryChanged, askToday, askTodayAlarmLoad } from '../graph/generated';
import type { Dimension, TodayQueryVariables } from '../graph/generated';
import { Live } from '../graph/live';
import { readingAgain } from '../graph/reading-again';
import { delay } from '../intake/feeds/feed-words';
import { Age } from '../parts/age';
import { Clock } from '../parts/clock';
import { every } from '../parts/every';
import { share, whole } from '../parts/numbers';
import { Problem } from '../parts/problem';
import { StateMark, spoken } from '../parts/state-mark';
import { reasonText } from '../intake/reasons';
import { seesPark } from '../session/seen';
import { Session } from '../session/session';
import { intakeNow } from './intake-now';
import { intakeParts } from './intake-words';
import { DAY_HOURS, WEEK_HOURS, sinceYesterday, standingAlarms, stuckMeters, whoseDays } from './lately';
import { newest } from './newest';
import { intakeSentence, parkSentence } from './sentence';
import type { Count } from './sentence';
import { Trend } from './trend';
import { communicationTrend, lastDays, rolloutTrend } from './trends';

const DIMENSIONS: readonly Dimension[] = ['LIFECYCLE', 'POWER', 'SWITCH', 'COMMUNICATION', 'TAMPER', 'FIRMWARE', 'FIRMWARE_VERSION'];
const TILES: readonly { dimension: Dimension; parameter: string; title: string }[] = [
  { dimension: 'LIFECYCLE', parameter: 'lifecycle', title: $localize`Lifecycle` },
  { dimension: 'POWER', parameter: 'power', title: $localize`Power` },
  { dimension: 'COMMUNICATION', parameter: 'communication', title: $localize`Communication` },
  { dimension: 'TAMPER', parameter: 'tamper', title: $localize`Tamper` },
  { dimension: 'SWITCH', parameter: 'switch', title: $localize`Switch` },
  { dimension: 'FIRMWARE', parameter: 'firmware', title: $localize`Firmware` },
  { dimension: 'FIRMWARE_VERSION', parameter: 'version', title: $localize`Firmware versions` },
];
const READ_AGAIN_MS = 2_000;
const LOAD_AGAIN_MS = 60_000;
const DAYS = 30;
const ALARMS_SHOWN = 8;
const LEAST_ALARMS_SHOWN = 3;

/** The start of the day: one sentence, what needs attention, and the park in numbers that lead to their devices. */
@Component({
  selector: 'mp-today',
  imports: [RouterLink, Age, Outage, Problem, StateMark, Trend],
  styleUrl: './today.css',
  templateUrl: './today.html',
})
export class Today {
  private readonly graph = inject(Graph);
  protected readonly failureOf = asFailure;
  protected readonly spoken = spoken;
  protected readonly number = whole;
  private readonly clock = inject(Clock);
  /** A page that is left open goes on with the days. */
  protected readonly days = computed(() => lastDays(this.clock.now(), DAYS), { equal: (one, other) => one.at(-1) === other.at(-1) });
  protected readonly whose = computed(() => whoseDays(this.days().at(-1) ?? ''));

  protected readonly why = alarmText;
  protected readonly reason = reasonText;
  protected readonly happened = entryText;
  protected readonly delay = delay;
  private readonly session = inject(Session);
  /** The register tells the park to these roles; of others nothing is asked. */
  protected readonly sees = computed(() => seesPark(this.session.person()?.roles));
  protected readonly intake = intakeNow();

  protected readonly today = resource({
    params: () => this.sees() || undefined,
    loader: async ({ abortSignal }) => this.graph.ask(askToday, this.question(), abortSignal),
  });
  protected readonly summary = resource({
    params: () => this.sees() || undefined,
    loader: async ({ abortSignal }) => (await this.graph.ask(askParkSummary, { dimensions: [...DIMENSIONS] }, abortSignal)).parkSummary,
  });
  /** Asked seldom and alone: the register counts all alarms of two days for it. */
  protected readonly load = resource({
    params: () => this.sees() || undefined,
    loader: async ({ abortSignal }) => (await this.graph.ask(askTodayAlarmLoad, { days: { start: this.days().at(-2) ?? '', end: this.days().at(-1) ?? '' } }, abortSignal)).alarmLoad,
  });
  private readonly liveCounts = signal<{ deviceCount: number; counts: readonly Count[]; asOf: string | null } | null>(null);

  protected readonly park = computed(() => newest(this.liveCounts(), this.summary.hasValue() ? this.summary.value() : null));
  protected readonly changes = computed(() => (this.summary.hasValue() ? this.summary.value().changes : []));
  protected readonly open = computed(() => (this.today.hasValue() ? this.today.value().open : null));
  protected readonly outages = computed(() => (this.today.hasValue() ? this.today.value().outages.edges.map((edge) => edge.node) : []));
  protected readonly lately = computed(() => (this.today.hasValue() ? sinceYesterday(this.days(), this.today.value(), this.load.hasValue() ? this.load.value() : null) : []));
  protected readonly standing = computed(() => (this.today.hasValue() ? standingAlarms(this.today.value().standing) : []));
  /** Alarms that stand for longer than a day, whoever has seen them. */
  protected readonly stale = computed(() => (this.load.hasValue() ? this.load.value().staleCount : null));
  protected readonly stuck = computed(() => (this.today.hasValue() ? stuckMeters(this.today.value()) : []));
  protected readonly alarms = computed(() => {
    const order = ['CRITICAL', 'MAJOR', 'WARNING', 'INFO'];
    const all = this.open()?.edges.map((edge) => edge.node) ?? [];
    // An outage has lines of its own, above, in the place of two alarms.
    return all.filter((alarm) => !this.outages().some((outage) => outage.alarmId === alarm.alarmId)).sort((one, other) => order.indexOf(one.severity ?? '') - order.indexOf(other.severity ?? '')).slice(0, Math.max(ALARMS_SHOWN - 2 * this.outages().length, LEAST_ALARMS_SHOWN));
  });
  protected readonly sentence = computed(() => {
    const intake = intakeParts(this.intake.unread(), this.intake.arrivals());
    if (!this.sees()) return this.intake.sees() && this.intake.unread() && this.intake.arrivals() ? intakeSentence(intake) || $localize`All that comes in can be read.` : null;
    const park = this.park();
    if (!park || !this.today.hasValue()) return null;
    const critical = this.today.value().standing.find((one) => one.severity === 'CRITICAL')?.alarmCount ?? 0;
    return parkSentence(park.deviceCount, park.counts, critical, { stuck: this.stuck().reduce((sum, one) => sum + one.count, 0), intake });
  });
  protected readonly tiles = computed(() => {
    const park = this.park();
    return TILES.map((tile) => ({
      ...tile,
      values: park?.counts.filter((count) => count.dimension === tile.dimension && count.deviceCount > 0 && count.value !== '').slice(0, 8)
        .map((count) => ({ word: count.value, query: { [tile.parameter]: count.value }, count: whole(count.deviceCount), share: share(count.deviceCount, park.deviceCount), width: (100 * count.deviceCount) / Math.max(park.deviceCount, 1) })) ?? [],
    }));
  });
  protected readonly rollout = computed(() => (this.today.hasValue() ? rolloutTrend(this.days(), this.today.value().rollout) : null));
  protected readonly communication = computed(() => (this.today.hasValue() ? communicationTrend(this.days(), this.today.value().communicationQuality) : null));

  constructor() {
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    if (!this.sees()) return;
    every(LOAD_AGAIN_MS, () => this.load.reload(), destroyed);
    const shownFirst = this.days();
    effect(() => {
      if (this.days() === shownFirst) return;
      this.today.reload();
      this.load.reload();
    });
    const again = readingAgain(READ_AGAIN_MS, destroyed, this.today, this.summary);
    live.watch(askParkSummaryChanged, { dimensions: [...DIMENSIONS] }, (result) => result.parkSummaryChanged, ({ parkSummaryChanged: { summary } }) => {
      if (!summary) return;
      this.liveCounts.set(summary);
      again();
    }, destroyed, again);
    live.watch(askAlarmChanged, {}, (result) => result.alarmChanged, ({ alarmChanged }) => { if (alarmChanged.alarm) again(); }, destroyed, again);
  }

  private question(): TodayQueryVariables {
    const now = Date.now();
    const [start, end] = [this.days()[0] ?? '', this.days().at(-1) ?? ''];
    const ago = (hours: number): string => new Date(now - hours * 3_600_000).toISOString();
    return { days: { start, end }, dayAgo: ago(DAY_HOURS), weekAgo: ago(WEEK_HOURS) };
  }
}
