import { Component, DestroyRef, computed, inject, resource, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAlarmChanged, askParkSummary, askParkSummaryChanged, askToday } from '../graph/generated';
import type { Dimension } from '../graph/generated';
import { Live } from '../graph/live';
import { Age } from '../parts/age';
import { share, whole } from '../parts/numbers';
import { Problem } from '../parts/problem';
import { StateMark, spoken } from '../parts/state-mark';
import { parkSentence } from './sentence';
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
const DAYS = 30;
const ALARMS_SHOWN = 8;

/** The start of the day: one sentence, what needs attention, and the park in numbers that lead to their devices. */
@Component({
  selector: 'mp-today',
  imports: [RouterLink, Age, Problem, StateMark, Trend],
  styleUrl: './today.css',
  templateUrl: './today.html',
})
export class Today {
  private readonly graph = inject(Graph);
  protected readonly failureOf = asFailure;
  protected readonly spoken = spoken;
  protected readonly number = whole;
  protected readonly days = lastDays(new Date(), DAYS);

  protected readonly today = resource({
    loader: async ({ abortSignal }) => this.graph.ask(askToday, { days: { start: this.days[0] ?? '', end: this.days.at(-1) ?? '' } }, abortSignal),
  });
  protected readonly summary = resource({
    loader: async ({ abortSignal }) => (await this.graph.ask(askParkSummary, { dimensions: [...DIMENSIONS] }, abortSignal)).parkSummary,
  });
  private readonly liveCounts = signal<{ deviceCount: number; counts: readonly Count[]; asOf: string | null } | null>(null);

  protected readonly park = computed(() => this.liveCounts() ?? (this.summary.hasValue() ? this.summary.value() : null));
  protected readonly changes = computed(() => (this.summary.hasValue() ? this.summary.value().changes : []));
  protected readonly open = computed(() => (this.today.hasValue() ? this.today.value().open : null));
  protected readonly alarms = computed(() => {
    const order = ['CRITICAL', 'MAJOR', 'WARNING', 'INFO'];
    const all = this.open()?.edges.map((edge) => edge.node) ?? [];
    return [...all].sort((one, other) => order.indexOf(one.severity ?? '') - order.indexOf(other.severity ?? '')).slice(0, ALARMS_SHOWN);
  });
  protected readonly sentence = computed(() => {
    const park = this.park();
    const open = this.open();
    return park && open ? parkSentence(park.deviceCount, park.counts, open.edges.map((edge) => edge.node.severity), open.pageInfo.hasNextPage) : null;
  });
  protected readonly tiles = computed(() => {
    const park = this.park();
    return TILES.map((tile) => ({
      ...tile,
      values: park?.counts.filter((count) => count.dimension === tile.dimension && count.deviceCount > 0 && count.value !== '').slice(0, 8)
        .map((count) => ({ word: count.value, query: { [tile.parameter]: count.value }, count: whole(count.deviceCount), share: share(count.deviceCount, park.deviceCount), width: (100 * count.deviceCount) / Math.max(park.deviceCount, 1) })) ?? [],
    }));
  });
  protected readonly rollout = computed(() => (this.today.hasValue() ? rolloutTrend(this.days, this.today.value().rollout) : null));
  protected readonly communication = computed(() => (this.today.hasValue() ? communicationTrend(this.days, this.today.value().communicationQuality) : null));

  constructor() {
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const again = (): void => {
      timer ??= setTimeout(() => {
        timer = undefined;
        this.today.reload();
        this.summary.reload();
      }, READ_AGAIN_MS);
    };
    live.watch(askParkSummaryChanged, { dimensions: [...DIMENSIONS] }, (result) => result.parkSummaryChanged, ({ parkSummaryChanged: { summary } }) => {
      if (!summary) return;
      this.liveCounts.set(summary);
      again();
    }, destroyed);
    live.watch(askAlarmChanged, {}, (result) => result.alarmChanged, ({ alarmChanged }) => { if (alarmChanged.alarm) again(); }, destroyed);
    destroyed.onDestroy(() => clearTimeout(timer));
  }
}
