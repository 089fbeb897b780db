import { Component, computed, inject, input, resource } from '@angular/core';
import { Router, RouterLink } from '@angular/router';

import { FACET_TITLES } from '../device/facet-cards';
import { asFailure, orNothing } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askDevice } from '../graph/generated';
import type { WholeDeviceFragment } from '../graph/generated';
import { Age } from '../parts/age';
import { causeText } from '../parts/causes';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';
import { facetPairs, factPairs } from './aligned';
import { DevicePicker } from './device-picker';
import { TwoTimelines } from './two-timelines';

/** Two devices beside each other: /compare?a=north/1&b=north/2. What differs is marked; what is the same is quiet. */
@Component({
  selector: 'mp-compare',
  imports: [RouterLink, Age, Problem, StateMark, DevicePicker, TwoTimelines],
  styleUrl: './compare.css',
  templateUrl: './compare.html',
})
export class Compare {
  readonly a = input<string>();
  readonly b = input<string>();
  readonly only = input<string>();
  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  protected readonly failureOf = asFailure;
  protected readonly why = causeText;
  protected readonly facetTitles = FACET_TITLES;
  protected readonly onlyDifferences = computed(() => this.only() === 'differences');

  protected readonly shown = resource({
    params: () => ({ a: this.a(), b: this.b() }),
    loader: async ({ params: { a, b }, abortSignal }) => {
      const [one, other] = await Promise.all([a, b].map(async (id) => (id ? (await orNothing(this.graph.ask(askDevice, { id }, abortSignal)))?.device : null)));
      return { a: one ?? null, b: other ?? null };
    },
  });
  private readonly devices = computed(() => (this.shown.hasValue() ? this.shown.value() : { a: null, b: null }));
  protected readonly sides = computed(() => [
    { name: 'a' as const, id: this.a(), device: this.devices().a, title: $localize`First device` },
    { name: 'b' as const, id: this.b(), device: this.devices().b, title: $localize`Second device` },
  ]);
  protected readonly both = computed(() => {
    const { a, b } = this.devices();
    return a && b ? { a, b } : null;
  });
  protected readonly same = computed(() => this.both()?.a.deviceId === this.both()?.b.deviceId);
  private readonly allFacets = computed(() => { const both = this.both(); return both ? facetPairs(both.a, both.b) : []; });
  private readonly allGroups = computed(() => { const both = this.both(); return both ? factPairs(both.a, both.b) : []; });
  protected readonly facets = computed(() => this.allFacets().filter((pair) => pair.differs || !this.onlyDifferences()));
  protected readonly groups = computed(() =>
    this.allGroups()
      .map(({ title, pairs }) => ({ title, pairs: pairs.filter((pair) => pair.differs || !this.onlyDifferences()) }))
      .filter((group) => group.pairs.length > 0),
  );
  protected readonly sentence = computed(() => {
    const pairs = [...this.allFacets(), ...this.allGroups().flatMap((group) => group.pairs)];
    const count = pairs.filter((pair) => pair.differs).length;
    return $localize`${count}:count: of ${pairs.length}:total: values differ`;
  });

  protected nameOf(device: WholeDeviceFragment): string {
    return device.serialNumber ?? device.deviceIdentifier;
  }

  protected choose(side: 'a' | 'b', id: string | null): void {
    this.address({ [side]: id });
  }

  protected address(queryParams: Record<string, string | null>): void {
    void this.router.navigate([], { queryParams, queryParamsHandling: 'merge' });
  }
}
