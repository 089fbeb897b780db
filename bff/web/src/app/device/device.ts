import { Component, DestroyRef, computed, effect, inject, input, resource, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { Title } from '@angular/platform-browser';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';

import { asFailure, orNothing } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askDevice, askDeviceAt, askDeviceChanged, askDeviceTimeline } from '../graph/generated';
import type { WholeDeviceFragment } from '../graph/generated';
import { Live } from '../graph/live';
import { paged } from '../graph/paged';
import { readingAgain } from '../graph/reading-again';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { Behind } from './behind';
import { DeviceAlarms } from './device-alarms';
import { plannedText } from './entry-text';
import { FacetCards, differingFacets } from './facet-cards';
import { FactSheets } from './fact-sheets';
import { differenceCount, factsOf, grouped } from './facts';
import { Notes } from './notes';
import { SaidOfIt } from './said-of-it';
import { STATING_KINDS, agesOf } from './stays';
import { TimeSlider } from './time-slider';
import { Timeline } from './timeline';
import type { Entry } from './timeline-entry';
import { entryParameters, readEntryFilter } from './timeline-filter';
import type { EntryFilter } from './timeline-filter';
import { UsagePoints } from './usage-points';

const READ_AGAIN_MS = 400;

/** One device: how it is, since when and why, what it is, and what happened to it. */
@Component({
  selector: 'mp-device',
  imports: [RouterLink, FacetCards, FactSheets, Timeline, TimeSlider, DeviceAlarms, UsagePoints, Behind, SaidOfIt, Notes, Age, Problem],
  styleUrl: './device.css',
  templateUrl: './device.html',
})
export class DeviceView {
  readonly network = input.required<string>();
  readonly identifier = input.required<string>();
  readonly at = input<string>();
  readonly alarms = input<string>();

  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  protected readonly failureOf = asFailure;
  protected readonly planned = (plan: WholeDeviceFragment['planned'][number]): string => plannedText([...plan.changes, { name: 'plan', value: plan.kind }], plan.effectiveAt);
  protected readonly id = computed(() => `${this.network()}/${this.identifier()}`);
  protected readonly time = computed(() => {
    const time = new Date(this.at() ?? '');
    return Number.isNaN(time.getTime()) ? null : time;
  });

  protected readonly shown = resource({
    params: () => this.id(),
    loader: async ({ params: id, abortSignal }) => (await orNothing(this.graph.ask(askDevice, { id }, abortSignal)))?.device ?? null,
  });
  protected readonly device = computed(() => (this.shown.hasValue() ? this.shown.value() : null));
  // Rises with every reading: what lies in other questions may have changed as well.
  protected readonly changes = computed(() => this.device());
  private readonly query = toSignal(inject(ActivatedRoute).queryParamMap);
  protected readonly entryFilter = computed(() => {
    this.query();
    return readEntryFilter(new URLSearchParams(untracked(() => this.router.url).split('?')[1] ?? ''));
  });

  protected readonly stated = paged({
    question: () => ({ id: this.id(), filter: { kinds: STATING_KINDS } }),
    changes: () => this.device()?.revision,
    read: async (question, after, signal) => (await this.graph.ask(askDeviceTimeline, { ...question, after }, signal)).device?.timeline,
    key: (entry: Entry) => `${entry.deviceId} ${entry.entryId}`,
  });
  // Of how it was then, nothing says since when.
  protected readonly ages = computed(() => (this.time() ? new Map<string, string>() : agesOf(this.stated.items())));

  protected readonly then = resource({
    params: () => { const time = this.time(); return time ? { id: this.id(), time: time.toISOString() } : undefined; },
    loader: async ({ params, abortSignal }) => (await this.graph.ask(askDeviceAt, params, abortSignal)).device?.at ?? null,
  });
  protected readonly before = computed(() => (this.time() && this.then.hasValue() ? this.then.value() : null));

  // Which names were a device's alone is not kept of the past.
  protected readonly facts = computed(() => {
    const device = this.device();
    const before = this.before();
    if (this.time() && this.then.hasValue() && !before) return [];
    return device ? (before ? grouped({ ...before.device, identifiers: device.identifiers }, device) : factsOf(device)) : [];
  });
  protected readonly differences = computed(() => {
    const device = this.device();
    const before = this.before();
    const count = device && before ? differenceCount(this.facts()) + differingFacets(before.device, device) : 0;
    return count ? $localize`${count}:count: values differ from now; each is marked with ≠.` : $localize`Nothing differs from now.`;
  });

  constructor() {
    const title = inject(Title);
    effect(() => title.setTitle(`${this.device()?.serialNumber ?? this.identifier()} · Meter park`));
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    const again = readingAgain(READ_AGAIN_MS, destroyed, this.shown);
    let end: () => void = () => undefined;
    effect(() => {
      const id = this.id();
      end();
      // The narrowest filter that holds the device: the graph has none by its id.
      const filter = { networks: [this.network()], textBeginning: this.identifier() };
      end = live.watch(askDeviceChanged, { filter }, (result) => result.deviceChanged, ({ deviceChanged }) => {
        if (deviceChanged.device?.deviceId === id) again();
      }, destroyed, again);
    });
  }

  protected go(time: Date | null): void {
    this.address({ at: time?.toISOString() ?? null });
  }

  protected filterEntries(change: Partial<EntryFilter>): void {
    this.address(entryParameters({ ...this.entryFilter(), ...change }));
  }

  protected address(queryParams: Record<string, string | string[] | null>): void {
    void this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
  }
}
