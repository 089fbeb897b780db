import { Component, computed, inject, input, output, resource } from '@angular/core';

import { WORD_CONDITIONS, toggled } from '../devices/filter/device-filter';
import type { DeviceFilter, WordCondition } from '../devices/filter/device-filter';
import { Graph } from '../graph/graph';
import { askDeviceCounts } from '../graph/generated';
import type { DeviceFilterInput, FacetName, GeoBoxInput, PlaceClustersQuery } from '../graph/generated';
import { whole } from '../parts/numbers';
import { StateMark, spoken } from '../parts/state-mark';
import { totalsOf } from './marks';
import type { Mark } from './marks';

const AREAS_SHOWN = 40;
const ROWS_SHOWN = 60;

/** What the map shows, in words and figures: for who does not see it, and to pick areas by name. */
@Component({
  selector: 'mp-in-view',
  imports: [StateMark],
  styleUrl: './in-view.css',
  template: `
    <section>
      <h2 i18n>In view</h2>
      <p>{{ sentence() }}</p>
      <ul class="words">
        @for (part of totals(); track part.word) {
          <li><button class="quiet" [attr.aria-pressed]="isChosen(part.word)" (click)="filtered.emit(withWord(part.word))" i18n-title title="Only these; once more: all"><mp-state [word]="part.word" /> <span>{{ number(part.count) }}</span></button></li>
        } @empty { @for (line of [1, 2, 3]; track line) { <li class="waiting"></li> } }
      </ul>
      <button class="small" (click)="onlySeen.emit()" [disabled]="!answer()?.extent" i18n>Only what is in view</button>
    </section>
    <section>
      <h2 i18n>Areas</h2>
      <ul class="areas">
        @for (area of areas(); track area.name) {
          <li><button class="quiet" [attr.aria-pressed]="area.chosen" (click)="areaToggled.emit(area.name)"><span class="name">{{ area.name }}</span> <span>{{ number(area.count) }}</span></button></li>
        } @empty { <li class="soft" i18n>None</li> }
      </ul>
    </section>
    @if (answer()?.areas?.length) {
      <section>
        <h2 i18n>Without coordinates</h2>
        <ul class="areas">
          @for (area of answer()!.areas.slice(0, 20); track area.network + '/' + area.area) {
            <li><button class="quiet" (click)="areaPicked.emit({ network: area.network, name: area.area })"><span class="name">{{ area.area }} <span class="soft">{{ area.network }}</span></span> <span>{{ number(area.deviceCount) }}</span></button></li>
          }
        </ul>
      </section>
    }
    <details>
      <summary i18n>As a table</summary>
      <div class="table" tabindex="0" role="region" i18n-aria-label aria-label="What the map shows, as a table">
        <table>
          <thead><tr><th i18n>Place</th><th class="number" i18n>Devices</th>@for (part of totals(); track part.word) { <th class="number">{{ spoken(part.word) }}</th> }</tr></thead>
          <tbody>
            @for (row of rows(); track row.mark.key) {
              <tr><td><button class="quiet" (click)="picked.emit(row.mark)">{{ row.place }}</button></td><td class="number">{{ number(row.mark.count) }}</td>@for (count of row.counts; track $index) { <td class="number">{{ number(count) }}</td> }</tr>
            }
          </tbody>
        </table>
        @if (marks().length > rows().length) { <p class="soft" i18n>and {{ marks().length - rows().length }} smaller ones</p> }
      </div>
    </details>
  `,
})
export class InView {
  readonly answer = input.required<PlaceClustersQuery['placeClusters'] | null>();
  readonly marks = input.required<readonly Mark[]>();
  readonly facet = input.required<FacetName>();
  readonly filter = input.required<DeviceFilter>();
  readonly input = input.required<DeviceFilterInput>();
  /** What is looked at; null: all that fits. */
  readonly box = input.required<GeoBoxInput | null>();
  readonly areaToggled = output<string>();
  readonly areaPicked = output<{ network: string; name: string }>();
  readonly filtered = output<DeviceFilter>();
  readonly picked = output<Mark>();
  readonly onlySeen = output();
  private readonly graph = inject(Graph);
  protected readonly number = whole;
  protected readonly spoken = spoken;

  // Counted without the condition on areas: what picking another one would bring.
  private readonly counts = resource({
    params: () => ({ ...this.input(), areas: null, ...(this.box() && !this.input().box ? { box: this.box() } : {}) }),
    loader: async ({ params, abortSignal }) => (await this.graph.ask(askDeviceCounts, { filter: params, dimensions: ['AREA'] }, abortSignal)).deviceCounts.counts,
  });

  protected readonly condition = computed(() => this.facet().toLowerCase() as WordCondition);
  protected readonly totals = computed(() => { const answer = this.answer(); return answer ? totalsOf(answer) : []; });
  protected readonly sentence = computed(() => {
    const answer = this.answer();
    if (!answer) return '…';
    const placed = answer.clusters.reduce((sum, one) => sum + one.deviceCount, 0);
    const unplaced = answer.areas.reduce((sum, one) => sum + one.deviceCount, 0);
    const parts = [placed === 1 ? $localize`One device` : $localize`${whole(placed)}:count: devices`];
    if (unplaced) parts.push($localize`${whole(unplaced)}:count: without coordinates, in the middle of their area`);
    if (answer.nowhereCount) parts.push($localize`${whole(answer.nowhereCount)}:count: that cannot be shown`);
    return `${parts.join('; ')}.`;
  });
  protected readonly areas = computed(() => {
    const chosen = this.filter().words.area ?? [];
    const counts = this.counts.hasValue() ? this.counts.value() : [];
    const names = [...new Set([...chosen, ...counts.map((one) => one.value).filter((name) => name !== '')])].slice(0, AREAS_SHOWN);
    return names.map((name) => ({ name, chosen: chosen.includes(name), count: counts.find((one) => one.value === name)?.deviceCount ?? 0 }));
  });
  protected readonly rows = computed(() => this.marks().slice(0, ROWS_SHOWN).map((mark) => ({
    mark,
    place: mark.areas.length ? namesOf(mark) : (mark.device?.serialNumber ?? `${mark.latitude.toFixed(3)}, ${mark.longitude.toFixed(3)}`),
    counts: this.totals().map(({ word }) => mark.parts.find((part) => part.word === word)?.count ?? 0),
  })));

  protected isChosen(word: string): boolean {
    return this.filter().words[this.condition()]?.includes(word) ?? false;
  }

  protected withWord(word: string): DeviceFilter {
    return toggled(this.filter(), this.condition() in WORD_CONDITIONS ? this.condition() : 'power', word);
  }
}

function namesOf({ areas }: Mark): string {
  const names = areas.slice(0, 2).map((area) => area.name).join(', ');
  return areas.length > 2 ? $localize`${names}:names: and ${areas.length - 2}:count: more areas` : names;
}
