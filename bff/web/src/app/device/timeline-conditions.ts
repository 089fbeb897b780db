import { Component, computed, input, output } from '@angular/core';

import { ALL_ENTRIES, FLAGS, KIND_GROUP_NAMES, isAll } from './timeline-filter';
import type { EntryFilter } from './timeline-filter';
import { FLAG_TITLES, GROUP_TITLES } from './timeline-titles';

/** What the timeline is limited to: kinds, days and flags, each a click away. */
@Component({
  selector: 'mp-timeline-conditions',
  styles: `
    :host { display: grid; gap: var(--space-2); }
    ul { display: flex; flex-wrap: wrap; gap: var(--space-1); }
    li button { min-height: 1.6rem; padding: 0 var(--space-2); border-radius: 1rem; font-weight: 450; font-size: var(--text-s); }
    li button[aria-pressed='true'] { background: var(--accent-soft); border-color: var(--accent); }
    label { font-weight: 400; color: var(--ink-soft); font-size: var(--text-s); }
    details > ul { padding-top: var(--space-2); }
    summary { cursor: pointer; font-size: var(--text-s); color: var(--ink-soft); }
  `,
  template: `
    <ul i18n-aria-label aria-label="Kinds of entries that are shown">
      @for (group of groups; track group.name) {
        <li><button [attr.aria-pressed]="filter().groups.includes(group.name)" (click)="toggleGroup(group.name)">@if (filter().groups.includes(group.name)) { <span aria-hidden="true">✓</span> }{{ group.title }}</button></li>
      }
    </ul>
    <div class="row">
      <label class="row"><ng-container i18n>from</ng-container> <input type="date" [value]="filter().from" (change)="changed.emit({ from: $any($event.target).value })" /></label>
      <label class="row"><ng-container i18n>to</ng-container> <input type="date" [value]="filter().to" (change)="changed.emit({ to: $any($event.target).value })" /></label>
      @if (!empty()) { <button class="quiet" (click)="changed.emit(all)" i18n>Clear the filter</button> }
    </div>
    <details [open]="filter().flags.length > 0">
      <summary i18n>Only entries with a flag</summary>
      <ul>
        @for (flag of flags; track flag.name) {
          <li><button [attr.aria-pressed]="filter().flags.includes(flag.name)" (click)="toggleFlag(flag.name)">@if (filter().flags.includes(flag.name)) { <span aria-hidden="true">✓</span> }{{ flag.title }}</button></li>
        }
      </ul>
    </details>
  `,
})
export class TimelineConditions {
  readonly filter = input.required<EntryFilter>();
  readonly changed = output<Partial<EntryFilter>>();
  protected readonly all = ALL_ENTRIES;
  protected readonly groups = KIND_GROUP_NAMES.map((name) => ({ name, title: GROUP_TITLES[name] }));
  protected readonly flags = FLAGS.map((name) => ({ name, title: FLAG_TITLES[name] }));
  protected readonly empty = computed(() => isAll(this.filter()));

  protected toggleGroup(name: EntryFilter['groups'][number]): void {
    this.changed.emit({ groups: toggled(this.filter().groups, name) });
  }

  protected toggleFlag(name: EntryFilter['flags'][number]): void {
    this.changed.emit({ flags: toggled(this.filter().flags, name) });
  }
}

function toggled<Word>(words: readonly Word[], word: Word): readonly Word[] {
  return words.includes(word) ? words.filter((one) => one !== word) : [...words, word];
}
