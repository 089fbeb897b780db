import { Component, DestroyRef, computed, effect, inject, input, resource } from '@angular/core';
import { RouterLink } from '@angular/router';

import { WORD_CONDITIONS } from '../../devices/filter/device-filter';
import type { WordCondition } from '../../devices/filter/device-filter';
import { asFailure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askAffectedDevices, askDeviceChanged } from '../../graph/generated';
import type { DeviceFilterInput } from '../../graph/generated';
import { Live } from '../../graph/live';
import { readingAgain } from '../../graph/reading-again';
import { Age } from '../../parts/age';
import { whole } from '../../parts/numbers';
import { Problem } from '../../parts/problem';
import { StateMark } from '../../parts/state-mark';
import { affectedParameters } from './trend';
import type { Affected } from './trend';

const SHOWN = 20;
const READ_AGAIN_MS = 1_000;

/** The devices for which an area's alarm stands, those that were lost last on top; live while it is open. */
@Component({
  selector: 'mp-affected-devices',
  imports: [Age, Problem, RouterLink, StateMark],
  styles: `
    :host { display: grid; gap: var(--space-2); }
    ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 0 var(--space-6); min-height: var(--row); }
    li { display: flex; align-items: baseline; gap: var(--space-2); padding: 0.2rem 0; border-bottom: 1px solid var(--edge); }
    li > a { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    mp-age { margin-inline-start: auto; color: var(--ink-soft); }
  `,
  template: `
    @if (found.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="found.reload()" /> }
    <ul i18n-aria-label aria-label="Affected devices">
      @for (device of devices(); track device.deviceId) {
        <li><a [routerLink]="['/devices', device.network, device.deviceIdentifier]">{{ device.serialNumber ?? device.deviceIdentifier }}</a> <span class="soft">{{ device.model }}</span>
          @if (facetOf(device); as facet) { <mp-state [word]="facet.value" /> <mp-age [at]="facet.asOf" /> }</li>
      } @empty { @if (found.hasValue()) { <li class="soft" i18n>None any more.</li> } @else { <li class="soft" i18n>loading</li> } }
    </ul>
    @if (total() > devices().length) { <p><a routerLink="/devices" [queryParams]="parameters()" i18n>Show all {{ number(total()) }} in the list of devices</a></p> }
  `,
})
export class AffectedDevices {
  readonly network = input.required<string>();
  readonly area = input.required<string>();
  readonly affected = input.required<Affected>();
  private readonly graph = inject(Graph);
  protected readonly failureOf = asFailure;
  protected readonly number = whole;

  private readonly place = computed(() => ({ networks: [this.network()], areas: [this.area()] }), { equal: same });
  private readonly filter = computed<DeviceFilterInput>(() => {
    const condition = WORD_CONDITIONS[this.affected().facet as WordCondition];
    return { ...this.place(), [condition.field]: [...this.affected().values] };
  }, { equal: same });
  protected readonly found = resource({
    params: () => this.filter(),
    loader: async ({ params: filter, abortSignal }) => (await this.graph.ask(askAffectedDevices, { filter, first: SHOWN }, abortSignal)).devices,
  });
  protected readonly devices = computed(() => (this.found.hasValue() ? this.found.value().edges.map((edge) => edge.node) : []));
  protected readonly total = computed(() => (this.found.hasValue() ? this.found.value().totalCount : 0));
  protected readonly parameters = computed(() => affectedParameters(this.network(), this.area(), this.affected()));

  constructor() {
    const live = inject(Live);
    const destroyed = inject(DestroyRef);
    const again = readingAgain(READ_AGAIN_MS, destroyed, this.found);
    effect((cleanUp) => {
      // Of the whole area: a device that has its power back is in the list no more.
      const end = live.watch(askDeviceChanged, { filter: this.place() }, (result) => result.deviceChanged, ({ deviceChanged }) => { if (deviceChanged.device) again(); }, destroyed, again);
      cleanUp(end);
    });
  }

  protected facetOf(device: AffectedDevice): { readonly value: string; readonly asOf: string | null } | null {
    const facet = this.affected().facet as keyof AffectedDevice;
    const found = device[facet];
    return found !== null && typeof found === 'object' ? found : null;
  }
}

interface AffectedDevice {
  readonly power: { readonly value: string; readonly asOf: string | null };
  readonly communication: { readonly value: string; readonly asOf: string | null };
  readonly lifecycle: { readonly value: string; readonly asOf: string | null };
  readonly tamper: { readonly value: string; readonly asOf: string | null };
  readonly firmware: { readonly value: string; readonly asOf: string | null };
  readonly switch: { readonly value: string; readonly asOf: string | null };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
