import { Component, inject, input } from '@angular/core';
import { RouterLink } from '@angular/router';

import { Graph } from '../graph/graph';
import { askDeviceChildren } from '../graph/generated';
import type { DeviceChildrenQuery, DeviceQuery } from '../graph/generated';
import { paged } from '../graph/paged';
import { Age } from '../parts/age';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';

type Parent = NonNullable<DeviceQuery['device']>['parent'];
type Child = NonNullable<DeviceChildrenQuery['device']>['children']['edges'][number]['node'];

/** The device behind which this one is, and those behind it: a gateway may have hundreds, so they come page by page. */
@Component({
  selector: 'mp-behind',
  imports: [RouterLink, Age, StateMark, Problem],
  styles: `
    :host { display: grid; gap: var(--space-3); justify-items: start; }
    ul { width: 100%; max-height: 22rem; overflow-y: auto; }
    li { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0 var(--space-3); padding: var(--space-1) 0; border-top: 1px solid var(--edge); }
    li > span { font-size: var(--text-s); color: var(--ink-soft); }
    a { overflow-wrap: anywhere; }
  `,
  template: `
    <h2 i18n>Parent and children</h2>
    @if (parent(); as parent) { <p><ng-container i18n>behind</ng-container>&ngsp;<a [routerLink]="['/devices', parent.network, parent.deviceIdentifier]">{{ parent.serialNumber ?? parent.deviceIdentifier }}</a></p> }
    @else if (parentId(); as id) { <p><ng-container i18n>behind</ng-container>&ngsp;<span class="code">{{ id }}</span>, <ng-container i18n>which the register does not hold</ng-container></p> }
    @else { <p class="soft" i18n>It is behind no other device.</p> }
    @if (list.items().length) {
      <ul>@for (child of list.items(); track child.deviceId) {
        <li>
          <a [routerLink]="['/devices', child.network, child.deviceIdentifier]">{{ child.serialNumber ?? child.deviceIdentifier }}</a> <mp-state [word]="child.lifecycle.value" /> <mp-state [word]="child.communication.value" />
          <span>{{ child.deviceType }} {{ child.model }} · <ng-container i18n>last contact</ng-container>&ngsp;<mp-age [at]="child.lastContactAt" /></span>
        </li>
      }</ul>
    } @else if (!list.loading() && !list.failure()) { <p class="soft" i18n>No device is behind it.</p> }
    @if (list.failure(); as failure) { <mp-problem [failure]="failure" (again)="list.again()" /> }
    @if (list.more()) { <button class="quiet" (click)="list.readMore()" [disabled]="list.reading()" i18n>Show more</button> }
  `,
})
export class Behind {
  readonly id = input.required<string>();
  readonly parent = input.required<Parent>();
  readonly parentId = input.required<string | null>();
  private readonly graph = inject(Graph);
  protected readonly list = paged({
    question: () => ({ id: this.id() }),
    read: async (question, after, signal) => (await this.graph.ask(askDeviceChildren, { ...question, after }, signal)).device?.children,
    key: (child: Child) => child.deviceId,
  });
}
