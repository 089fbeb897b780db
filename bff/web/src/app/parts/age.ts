import { Component, computed, inject, input } from '@angular/core';

import { Clock } from './clock';
import { absolute, relative } from './times';

/** A time as "5 min ago", which grows old by itself; its title is the whole time with its zone. */
@Component({
  selector: 'mp-age',
  styles: `time { white-space: nowrap; }`,
  template: `@if (at(); as time) {<time [attr.datetime]="time" [title]="whole()">{{ text() }}</time>} @else {<span class="soft" i18n>never</span>}`,
})
export class Age {
  readonly at = input.required<string | null>();
  private readonly clock = inject(Clock);
  protected readonly text = computed(() => relative(new Date(this.at() ?? 0), this.clock.now()));
  protected readonly whole = computed(() => absolute(new Date(this.at() ?? 0)));
}
