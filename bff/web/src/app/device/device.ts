import { Component, DestroyRef, computed, effect, inject, input, resource, untracked } from '@angular/core';
import { Title } from '@angular/platform-browser';
import { Router, RouterLink } from '@angular/router';

import { AlarmList } from '../alarms/alarm-list';
import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askDevice, askDeviceAt, askDeviceChanged } from '../graph/generated';
import { Live } from '../graph/live';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';
import { FacetCards } from './facet-cards';
import { factsOf } from './facts';
import { TimeSlider } from './time-slider';
import { Timeline } from './timeline';

const READ_AGAIN_MS = 400;

/** One device: how it is, since when and why, what it is, and what happened to it. */
@Component({
  selector: 'mp-device',
  imports: [RouterLink, FacetCards, Timeline, TimeSlider, AlarmList, Age, Problem, StateMark],
  styleUrl: './device.css',
  templateUrl: './device.html',
})
export class DeviceView {
  readonly network = input.required<string>();
  readonly identifier = input.required<string>();
  readonly at = input<string>();

  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  protected readonly failureOf = asFailure;
  protected readonly id = computed(() => `${this.network()}/${this.identifier()}`);
  protected readonly time = computed(() => {
    const time = new Date(this.at() ?? '');
    return Number.isNaN(time.getTime()) ? null : time;
  });

  protected readonly shown = resource({
    params: () => this.id(),
    loader: async ({ params: id, abortSignal }) => (await this.graph.ask(askDevice, { id }, abortSignal)).device,
  });
  protected readonly device = computed(() => (this.shown.hasValue() ? this.shown.value() : null));
  protected readonly facts = computed(() => {
    const device = this.device();
    return device ? factsOf(device) : [];
  });
  protected readonly alarms = computed(() => this.device()?.alarms.edges.map(({ node }) => ({ ...node, device: null })) ?? []);

  protected readonly then = resource({
    params: () => { const time = this.time(); return time ? { id: this.id(), time: time.toISOString() } : undefined; },
    loader: async ({ params, abortSignal }) => (await this.graph.ask(askDeviceAt, params, abortSignal)).device?.at ?? null,
  });
  protected readonly before = computed(() => (this.time() && this.then.hasValue() ? this.then.value() : null));

  constructor() {
    const title = inject(Title);
    effect(() => title.setTitle(`${this.device()?.serialNumber ?? this.identifier()} · Meter park`));
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let end: () => void = () => undefined;
    effect(() => {
      const id = this.id();
      end();
      // The narrowest filter that holds the device: the graph has none by its id.
      const filter = { networks: [this.network()], textBeginning: this.identifier() };
      end = live.watch(askDeviceChanged, { filter }, (result) => result.deviceChanged, ({ deviceChanged }) => {
        if (deviceChanged.device?.deviceId !== id) return;
        clearTimeout(timer);
        timer = setTimeout(() => untracked(() => this.shown.reload()), READ_AGAIN_MS);
      }, destroyed);
    });
    destroyed.onDestroy(() => clearTimeout(timer));
  }

  protected go(time: Date | null): void {
    void this.router.navigate([], { queryParams: { at: time?.toISOString() ?? null }, queryParamsHandling: 'merge' });
  }
}
