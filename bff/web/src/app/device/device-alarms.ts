import { Component, computed, inject, input, output, signal } from '@angular/core';

import { AlarmList } from '../alarms/alarm-list';
import { Graph } from '../graph/graph';
import { askDeviceAlarms } from '../graph/generated';
import type { AlarmState, DeviceAlarmsQuery } from '../graph/generated';
import { paged } from '../graph/paged';
import { Problem } from '../parts/problem';

const EVERY: AlarmState[] = ['OPEN', 'ACKNOWLEDGED', 'ASSIGNED', 'RESOLVED'];

type Alarm = NonNullable<DeviceAlarmsQuery['device']>['alarms']['edges'][number]['node'];

/** The alarms of one device: those that need attention, or all that there were. */
@Component({
  selector: 'mp-device-alarms',
  imports: [AlarmList, Problem],
  styles: `:host { display: grid; gap: var(--space-2); } header { justify-content: space-between; } label { font-weight: 400; }`,
  template: `
    <header class="row">
      <h2 i18n>Alarms</h2>
      <label class="row"><input type="checkbox" [checked]="all()" (change)="wantsAll.emit(!all())" /> <ng-container i18n>with those that are resolved</ng-container></label>
    </header>
    @if (alarms().length || asking()) { <mp-alarm-list [alarms]="alarms()" (changed)="list.again()" (asking)="asking.set($event)" /> }
    @else if (list.loading()) { <p class="soft" i18n>loading</p> }
    @else if (!list.failure()) { <p class="soft">@if (all()) { <ng-container i18n>It never had an alarm.</ng-container> } @else { <ng-container i18n>No alarm needs attention.</ng-container> }</p> }
    @if (list.failure(); as failure) { <mp-problem [failure]="failure" (again)="list.again()" /> }
    @if (list.more()) { <button class="quiet" (click)="list.readMore()" [disabled]="list.reading()" i18n>Show older alarms</button> }
  `,
})
export class DeviceAlarms {
  readonly id = input.required<string>();
  /** Rises when the device changed: alarms may have come or gone. */
  readonly changes = input.required<unknown>();
  readonly all = input.required<boolean>();
  readonly wantsAll = output<boolean>();
  protected readonly asking = signal(false);
  private readonly graph = inject(Graph);
  protected readonly list = paged({
    question: () => ({ id: this.id(), states: this.all() ? EVERY : null }),
    changes: () => this.changes(),
    read: async (question, after, signal) => (await this.graph.ask(askDeviceAlarms, { ...question, after }, signal)).device?.alarms,
    key: (alarm: Alarm) => alarm.alarmId,
  });
  protected readonly alarms = computed(() => this.list.items().map((alarm) => ({ ...alarm, device: null })));
}
