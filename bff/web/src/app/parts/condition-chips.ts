import { Component, computed, input, linkedSignal, output, resource } from '@angular/core';

import { asFailure } from '../graph/failure';
import { broughtBack } from './brought-back';
import type { Counted, CountedWords } from './brought-back';

/** A condition of a list, in words, and the filter without it. */
export interface Chip<Filter> {
  readonly text: string;
  readonly without: Filter;
}

/** What a list is limited to, each condition with a way to take it away, and what that would bring back. */
@Component({
  selector: 'mp-condition-chips',
  host: { '(mouseleave)': 'looked.set(null)', '(focusout)': 'looked.set(null)', '(keydown.escape)': 'looked.set(null)' },
  styles: `
    :host { display: block; position: relative; }
    p { position: absolute; top: 100%; z-index: 8; padding: var(--space-1) var(--space-2); box-shadow: var(--shadow); }
    p:empty { display: none; }
    ul { display: flex; flex-wrap: wrap; gap: var(--space-2); }
    .text { overflow: hidden; text-overflow: ellipsis; }
    li { max-width: 100%; }
    li button { max-width: min(100%, 40rem); min-height: 1.6rem; border-radius: 1rem; background: var(--accent-soft); border-color: transparent; font-weight: 450; }
  `,
  template: `
    @if (chips().length) {
      <ul i18n-aria-label aria-label="Conditions of the list">
        @for (chip of chips(); track chip.text) {
          <li><button aria-describedby="brought-back" (click)="changed.emit(chip.without)" (mouseenter)="looked.set(chip)" (focus)="looked.set(chip)"><span class="text">{{ chip.text }}</span> <span aria-hidden="true">×</span></button></li>
        }
        @if (chips().length > 1) { <li><button (click)="changed.emit(none())" i18n>Clear all</button></li> }
      </ul>
      <p id="brought-back" class="sheet" role="status">{{ note() }}</p>
    }
  `,
})
export class ConditionChips<Filter> {
  readonly chips = input.required<readonly Chip<Filter>[]>();
  /** The filter of no condition. */
  readonly none = input.required<Filter>();
  /** Count what fits without a condition. */
  readonly count = input.required<(without: Filter, signal: AbortSignal) => Promise<Counted>>();
  readonly words = input.required<CountedWords>();
  /** How many fit now, if the list knows: it is fresher than what was counted. */
  readonly total = input<number | null>(null);
  readonly changed = output<Filter>();
  /** The one that the person looks at; another filter has other chips. */
  protected readonly looked = linkedSignal<readonly Chip<Filter>[], Chip<Filter> | null>({ source: this.chips, computation: () => null });
  // What was counted without each, as far as somebody looked: once until the filter changes.
  private readonly known = computed(() => { this.chips(); return new Map<string, Counted>(); });
  private readonly counted = resource({
    params: () => this.looked() ?? undefined,
    loader: async ({ params: chip, abortSignal }) => {
      const known = this.known();
      const before = known.get(chip.text);
      if (before) return before;
      const counted = await this.count()(chip.without, abortSignal);
      known.set(chip.text, counted);
      return counted;
    },
  });
  protected readonly note = computed(() => {
    if (!this.looked()) return '';
    if (this.counted.error()) return asFailure(this.counted.error()).message;
    if (!this.counted.hasValue()) return $localize`Counting …`;
    const counted = this.counted.value();
    return broughtBack({ ...counted, present: this.total() ?? counted.present }, this.words());
  });
}
