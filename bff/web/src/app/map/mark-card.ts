import { Component, ElementRef, computed, effect, inject, input, output, viewChild } from '@angular/core';
import { RouterLink } from '@angular/router';

import { filterParameters } from '../devices/filter/device-filter';
import type { DeviceFilter } from '../devices/filter/device-filter';
import { whole } from '../parts/numbers';
import { StateMark } from '../parts/state-mark';
import type { Point, Size } from './camera';
import { unplacedIn } from './marks';
import type { Mark } from './marks';

const WIDTH = 264;
const ROOM = 12;

/** What a mark of the map stands for, and what can be done with it. */
@Component({
  selector: 'mp-mark-card',
  imports: [RouterLink, StateMark],
  styles: `
    section { position: absolute; z-index: 3; width: 16.5rem; max-width: calc(100% - 1rem); display: grid; gap: var(--space-2); padding: var(--space-3); box-shadow: var(--shadow); }
    header { display: flex; align-items: start; justify-content: space-between; gap: var(--space-2); }
    header button { min-height: 1.5rem; width: 1.5rem; padding: 0; }
    h2 { font-size: var(--text-m); overflow-wrap: anywhere; }
    dl { display: grid; gap: 0.15rem; }
    dl div { display: flex; justify-content: space-between; gap: var(--space-3); }
    footer { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    footer button, footer a { min-height: 1.75rem; padding: 0 var(--space-2); font-size: var(--text-s); }
  `,
  template: `
    <section class="sheet" role="dialog" [attr.aria-label]="title()" [style.left.px]="place().x" [style.top.px]="place().y">
      <header><h2>{{ title() }}</h2><button #close class="quiet" (click)="closed.emit()" i18n-aria-label aria-label="Close">×</button></header>
      @if (mark().kind === 'area') { <p class="soft" i18n>They have no coordinates, and are shown in the middle of their area.</p> }
      <dl>@for (part of mark().parts; track part.word) { <div><dt><mp-state [word]="part.word" /></dt><dd>{{ mark().kind === 'device' ? '' : number(part.count) }}</dd></div> }</dl>
      <p class="soft code">{{ mark().latitude.toFixed(5) }}, {{ mark().longitude.toFixed(5) }}</p>
      <footer>
        @if (mark().device; as device) {
          <a class="button" [routerLink]="['/devices', device.network, device.deviceIdentifier]" i18n>Open the device</a>
        } @else {
          @if (mark().kind === 'cluster' || mark().areas.length > 1) { <button (click)="look.emit()" i18n>Zoom in</button> }
          @if (exact()) {
            <button (click)="only.emit()" i18n>Only these</button>
            <a class="button" routerLink="/devices" [queryParams]="listed()" i18n>As a list</a>
          }
        }
      </footer>
    </section>
  `,
})
export class MarkCard {
  readonly mark = input.required<Mark>();
  readonly at = input.required<Point>();
  readonly size = input.required<Size>();
  readonly filter = input.required<DeviceFilter>();
  readonly closed = output();
  readonly look = output();
  readonly only = output();
  protected readonly number = whole;
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly close = viewChild.required<ElementRef<HTMLElement>>('close');

  protected readonly title = computed(() => {
    const { device, areas, count } = this.mark();
    if (device) return device.serialNumber ?? device.deviceIdentifier;
    const [area, ...others] = areas;
    if (area && others.length) return $localize`${whole(count)}:count: devices of ${areas.length}:areas: areas`;
    if (area) return $localize`${area.name}:area: (${area.network}:network:): ${whole(count)}:count: devices`;
    return count === 1 ? $localize`One device` : $localize`${whole(count)}:count: devices`;
  });
  /** Names of areas in several networks would find more than this mark stands for. */
  protected readonly exact = computed(() => new Set(this.mark().areas.map((area) => area.network)).size < 2);
  protected readonly place = computed((): Point => {
    const { width, height } = this.size();
    const { x, y } = this.at();
    const { radius } = this.mark();
    const right = x + radius + ROOM;
    const left = right + WIDTH > width ? Math.max(8, x - radius - ROOM - WIDTH) : right;
    return { x: Math.min(left, Math.max(8, width - WIDTH - 8)), y: Math.max(8, Math.min(y - 40, height - 220)) };
  });
  protected readonly listed = computed(() => {
    const { areas, box } = this.mark();
    return filterParameters(areas.length ? unplacedIn(this.filter(), areas) : { ...this.filter(), box });
  });

  constructor() {
    let shown = '';
    effect(() => {
      const { key } = this.mark();
      if (key === shown) return;
      shown = key;
      queueMicrotask(() => { if (this.element.nativeElement.isConnected) this.close().nativeElement.focus({ preventScroll: true }); });
    });
  }
}
