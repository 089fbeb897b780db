import { Component, ElementRef, computed, effect, inject, input, signal, viewChild } from '@angular/core';
import type uPlot from 'uplot';

import { locale } from '../parts/locale';
import { whole } from '../parts/numbers';
import { Darkness } from '../shell/darkness';

export interface Series {
  readonly title: string;
  /** The name of a colour of the tokens. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

const DAY_SECONDS = 86_400;
const STEPS_OF_DAYS = [1, 2, 5, 7, 10, 14, 30].map((days) => days * DAY_SECONDS);
/** Nothing is counted by halves. */
const STEPS = Array.from({ length: 10 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** Some series over days, as a chart, as a sentence, and as a table for who wants the numbers. */
@Component({
  selector: 'mp-trend',
  styles: `
    :host { display: grid; gap: var(--space-2); min-width: 0; }
    .chart { height: 11rem; min-width: 0; }
    ul { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); font-size: var(--text-s); color: var(--ink-soft); }
    i { display: inline-block; width: 0.9rem; height: 3px; margin-inline-end: var(--space-1); vertical-align: middle; border-radius: 2px; }
    summary { cursor: pointer; font-size: var(--text-s); color: var(--ink-soft); }
    .table { max-height: 14rem; overflow: auto; }
  `,
  template: `
    <p>{{ sentence() }}</p>
    <div class="chart" #chart aria-hidden="true"></div>
    <ul aria-hidden="true">@for (one of series(); track one.title) { <li><i [style.background]="'var(--' + one.colour + ')'"></i>{{ one.title }}</li> }</ul>
    <details (toggle)="open.set($any($event.target).open)"><summary i18n>As a table</summary>
      @if (open()) {
        <div class="table" tabindex="0" role="region" [attr.aria-label]="sentence()">
          <table><thead><tr><th i18n>Day (UTC)</th>@for (one of series(); track one.title) { <th class="number">{{ one.title }}</th> }</tr></thead>
            <tbody>@for (day of days(); track day; let at = $index) { <tr><td>{{ day }}</td>@for (one of series(); track one.title) { <td class="number">{{ number(one.values[at]) }}</td> }</tr> }</tbody>
          </table>
        </div>
      }
    </details>
  `,
})
export class Trend {
  readonly days = input.required<readonly string[]>();
  readonly series = input.required<readonly Series[]>();
  readonly sentence = input.required<string>();
  readonly unit = input('');
  protected readonly open = signal(false);
  private readonly place = viewChild.required<ElementRef<HTMLElement>>('chart');
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly data = computed((): uPlot.AlignedData => [
    this.days().map((day) => new Date(`${day}T00:00:00Z`).getTime() / 1000),
    ...this.series().map((one) => [...one.values]),
  ]);

  constructor() {
    const darkness = inject(Darkness);
    let plot: uPlot | undefined;
    const resized = new ResizeObserver(() => plot?.setSize(this.size()));
    effect((cleanUp) => {
      const data = this.data();
      // Its colours are those of the moment in which it is drawn.
      darkness.dark();
      let ended = false;
      cleanUp(() => { ended = true; plot?.destroy(); plot = undefined; });
      void import('uplot').then(({ default: UPlot }) => {
        if (ended) return;
        plot = new UPlot({ ...this.options(), ...this.size(), tzDate: (at) => UPlot.tzDate(new Date(at * 1000), 'UTC') }, data, this.place().nativeElement);
        resized.observe(this.place().nativeElement);
      });
    });
  }

  protected number(value: number | null | undefined): string {
    return value === null || value === undefined ? '–' : whole(value) + this.unit();
  }

  private size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.place().nativeElement;
    return { width: Math.max(clientWidth, 50), height: Math.max(clientHeight, 50) };
  }

  private options(): Omit<uPlot.Options, 'width' | 'height'> {
    const colour = (name: string): string => resolved(name, this.element.nativeElement);
    const axis = { stroke: colour('ink-soft'), grid: { stroke: colour('edge'), width: 1 }, ticks: { stroke: colour('edge'), width: 1 }, font: '11px system-ui' };
    const days = new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'short', timeZone: 'UTC' });
    return {
      legend: { show: false },
      cursor: { show: false },
      // Half of the last day's name stands to the right of its point.
      padding: [8, 24, 0, 0],
      scales: { x: { time: true }, y: { range: (_plot, _least, most) => [0, Math.max(most ?? 0, 1) * 1.08] } },
      axes: [
        { ...axis, incrs: STEPS_OF_DAYS, values: (_plot, splits) => splits.map((at) => days.format(new Date(at * 1000))) },
        { ...axis, size: 56, incrs: STEPS, values: (_plot, splits) => splits.map((value) => whole(value) + this.unit()) },
      ],
      series: [{}, ...this.series().map((one) => ({ stroke: colour(one.colour), width: 2, points: { show: this.days().length < 3 } }))],
    };
  }
}

/** Return a colour of the tokens as the canvas takes it: light-dark() has to be resolved by the browser. */
function resolved(name: string, host: HTMLElement): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  host.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
