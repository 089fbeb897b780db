import { Component, ElementRef, Injector, afterNextRender, computed, inject, input, output, signal, viewChild } from '@angular/core';

import { Clock } from '../parts/clock';
import { absolute } from '../parts/times';
import { fromTheWall, onTheWall } from '../parts/wall-clock';

const STEPS = 1000;
const LEAST_SPAN_MS = 1000;

/** A way back in time: from when the device was first seen to now. */
@Component({
  selector: 'mp-time-slider',
  styles: `
    :host { display: grid; grid-template-columns: auto minmax(8rem, 1fr) minmax(13rem, auto) minmax(13rem, auto) auto; align-items: center; gap: var(--space-3); padding: var(--space-2) var(--space-4); }
    input[type='range'] { width: 100%; accent-color: var(--accent); padding: 0; }
    output { font-variant-numeric: tabular-nums; }
    button { justify-self: start; }
    @media (max-width: 40rem) {
      :host { grid-template-columns: minmax(0, 1fr) auto; }
      output { grid-area: 1 / 2; justify-self: end; }
      input[type='range'] { grid-area: 2 / 1 / auto / -1; }
      button { margin-inline: calc(-1 * var(--space-3)); }
    }
  `,
  template: `
    <label for="at" i18n>As known at</label>
    <input id="at" type="range" min="0" [max]="steps" [value]="step()" (change)="choose($any($event.target).valueAsNumber)" [attr.aria-valuetext]="text()" />
    <!-- A field for times is seven stops of the Tab key: it is there for who wants it. -->
    @if (typing() || at()) {
      <label><span class="only-read" i18n>Exactly at</span><input #field type="datetime-local" [value]="exactly()" (change)="chooseExactly($any($event.target).value)" /></label>
    } @else { <button class="quiet" (click)="type()" i18n>Exactly at …</button> }
    <output for="at">{{ text() }}</output>
    <button class="quiet" [disabled]="at() === null" (click)="chosen.emit(null)" i18n>Back to now</button>
  `,
})
export class TimeSlider {
  readonly from = input.required<string | null>();
  readonly at = input.required<Date | null>();
  readonly chosen = output<Date | null>();
  private readonly clock = inject(Clock);
  private readonly injector = inject(Injector);
  private readonly field = viewChild<ElementRef<HTMLInputElement>>('field');
  protected readonly typing = signal(false);
  protected readonly steps = STEPS;
  /** Before its start the device is unknown; this clock may be behind the one that saw it first. */
  private readonly span = computed(() => {
    const now = this.clock.now().getTime();
    const start = this.from() ? new Date(this.from() ?? '').getTime() : now - LEAST_SPAN_MS;
    return { start, end: Math.max(now, start + LEAST_SPAN_MS) };
  });
  protected readonly step = computed(() => {
    const { start, end } = this.span();
    const at = this.at();
    return at ? Math.round((STEPS * (at.getTime() - start)) / (end - start)) : STEPS;
  });
  protected readonly text = computed(() => {
    const at = this.at();
    return at ? absolute(at) : $localize`now`;
  });

  /** In the zone that is shown, to the minute, as the field wants it: a thousand steps are days apart after fifteen years. */
  protected readonly exactly = computed(() => {
    const at = this.at();
    return at ? onTheWall(at) : '';
  });

  protected type(): void {
    this.typing.set(true);
    afterNextRender(() => this.field()?.nativeElement.focus(), { injector: this.injector });
  }

  protected chooseExactly(text: string): void {
    const at = fromTheWall(text);
    this.chosen.emit(!at || at >= this.clock.now() ? null : at);
  }

  protected choose(step: number): void {
    const { start, end } = this.span();
    this.chosen.emit(step >= STEPS ? null : new Date(start + ((end - start) * step) / STEPS));
  }
}
