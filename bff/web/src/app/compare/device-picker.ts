import { Component, inject, input, output, resource, signal } from '@angular/core';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askDevicesPage } from '../graph/generated';
import { Problem } from '../parts/problem';
import { StateMark } from '../parts/state-mark';

const SHOWN = 8;

/** A device chosen by how a name of it begins. */
@Component({
  selector: 'mp-device-picker',
  imports: [StateMark, Problem],
  styles: `
    :host { display: grid; gap: var(--space-2); align-content: start; }
    input { width: 100%; max-width: 24rem; }
    li button { justify-content: space-between; width: 100%; max-width: 24rem; font-weight: 450; }
  `,
  template: `
    <label [attr.for]="'pick-' + side()">{{ title() }}</label>
    <input [id]="'pick-' + side()" type="search" (input)="beginning.set($any($event.target).value.trim())" i18n-placeholder placeholder="serial number or name begins with …" autocomplete="off" />
    @if (found.error(); as error) { <mp-problem [failure]="failureOf(error)" (again)="found.reload()" /> }
    @if (found.hasValue()) {
      <ul>
        @for (edge of found.value(); track edge.node.deviceId) {
          <li><button class="quiet" (click)="chosen.emit(edge.node.deviceId)"><span>{{ edge.node.serialNumber ?? edge.node.deviceIdentifier }} <span class="soft">{{ edge.node.network }} · {{ edge.node.model }}</span></span> <mp-state [word]="edge.node.lifecycle.value" /></button></li>
        } @empty { <li class="soft" i18n>No device is called so.</li> }
      </ul>
    }
  `,
})
export class DevicePicker {
  readonly side = input.required<string>();
  readonly title = input.required<string>();
  readonly chosen = output<string>();
  private readonly graph = inject(Graph);
  protected readonly failureOf = asFailure;
  protected readonly beginning = signal('');
  protected readonly found = resource({
    params: () => this.beginning() || undefined,
    loader: async ({ params: textBeginning, abortSignal }) => (await this.graph.ask(askDevicesPage, { filter: { textBeginning }, first: SHOWN }, abortSignal)).devices.edges,
  });
}
