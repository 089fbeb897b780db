import { Component, DestroyRef, computed, effect, inject, linkedSignal, resource, signal, untracked, viewChild } from '@angular/core';
import type { WritableSignal } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { ActivatedRoute, Router } from '@angular/router';

import { NO_FILTER, filterInput, filterParameters, isEmpty, readFilter, toggled } from '../devices/filter/device-filter';
import type { DeviceFilter } from '../devices/filter/device-filter';
import { FilterChips } from '../devices/filter/filter-chips';
import { FilterPanel } from '../devices/filter/filter-panel';
import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askParkSummaryChanged, askPlaceClusters } from '../graph/generated';
import type { FacetName, GeoBoxInput, PlaceClustersQuery } from '../graph/generated';
import { Live } from '../graph/live';
import { readingAgain } from '../graph/reading-again';
import { devicesText, whole } from '../parts/numbers';
import { Problem } from '../parts/problem';
import { WHOLE_WORLD, cameraText, cellsOf, fitted, question, readCamera, screenOf, seenBox, zoomed } from './camera';
import type { Camera, Size } from './camera';
import { InView } from './in-view';
import { MapCanvas } from './map-canvas';
import { MarkCard } from './mark-card';
import { marksOf, unplacedIn } from './marks';
import type { Mark } from './marks';

const FACETS: readonly { name: FacetName; title: string }[] = [
  { name: 'POWER', title: $localize`Power` }, { name: 'COMMUNICATION', title: $localize`Communication` }, { name: 'LIFECYCLE', title: $localize`Lifecycle` },
  { name: 'TAMPER', title: $localize`Tamper` }, { name: 'SWITCH', title: $localize`Switch` }, { name: 'FIRMWARE', title: $localize`Firmware` },
];
const AT_ONCE = 200;
const REST_MS = 250;
const READ_AGAIN_MS = 3_000;

/** Where the devices are that fit a filter. The address says what is shown and what part of the world is looked at. */
@Component({
  selector: 'mp-map',
  imports: [FilterPanel, FilterChips, InView, MapCanvas, MarkCard, Problem],
  styleUrl: './map.css',
  templateUrl: './map.html',
  host: { '(keydown.escape)': 'leave()' },
})
export class MapView {
  protected readonly canvas = viewChild.required(MapCanvas);
  private readonly graph = inject(Graph);
  private readonly router = inject(Router);
  private readonly route = inject(ActivatedRoute);
  private readonly parameters = toSignal(this.route.queryParamMap);
  protected readonly failureOf = asFailure;
  protected readonly number = devicesText;
  protected readonly facets = FACETS;
  protected readonly none = NO_FILTER;
  protected readonly filtersOpen = signal(false);
  protected readonly drawing = signal(false);

  private readonly query = computed(() => {
    this.parameters();
    return new URLSearchParams(untracked(() => this.router.url).split('?')[1] ?? '');
  });
  protected readonly filter = computed(() => readFilter(this.query()), { equal: same });
  protected readonly empty = computed(() => isEmpty(this.filter()));
  protected readonly input = computed(() => filterInput(this.filter(), new Date()));
  protected readonly facet = computed(() => FACETS.find((facet) => facet.name === this.query().get('by')?.toUpperCase())?.name ?? 'POWER');

  protected readonly size = signal<Size | null>(null);
  /** What this view wrote into the address itself says nothing new, and may be older than the camera is. */
  private written: string | null = '';
  private readonly addressed = (): WritableSignal<Camera | null> => linkedSignal<string | null, Camera | null>({
    source: () => this.query().get('at'),
    computation: (text, before) => (before && text === this.written ? before.value : readCamera(text)),
  });
  /** Where a person went; null: all that fits is looked at. */
  private readonly gone = this.addressed();
  /** What is asked for follows the camera when it rests. */
  private readonly rested = this.addressed();

  private readonly asked = computed(() => {
    const size = this.size();
    if (!size) return undefined;
    const rested = this.rested();
    const part = rested ? question(rested, size) : { box: null, cells: cellsOf(size) };
    return { filter: this.input(), facet: this.facet(), devices: AT_ONCE, ...part };
  }, { equal: same });
  protected readonly places = resource({
    params: () => this.asked(),
    loader: async ({ params, abortSignal }) => (await this.graph.ask(askPlaceClusters, params, abortSignal)).placeClusters,
  });
  /** What was answered last stays until the next answer is there: nothing flickers. */
  protected readonly shown = linkedSignal<PlaceClustersQuery['placeClusters'] | null, PlaceClustersQuery['placeClusters'] | null>({
    source: () => (this.places.hasValue() ? this.places.value() : null),
    computation: (now, before) => now ?? before?.value ?? null,
  });
  protected readonly marks = computed(() => { const shown = this.shown(); return shown ? marksOf(shown, this.facet()) : []; });
  protected readonly camera = computed((): Camera => {
    const size = this.size();
    const extent = this.shown()?.extent;
    return this.gone() ?? (extent && size ? fitted(extent, size) : WHOLE_WORLD);
  }, { equal: same });
  protected readonly seen = computed(() => { const size = this.size(); return size ? seenBox(this.camera(), size) : null; }, { equal: same });
  protected readonly restedBox = computed(() => { const size = this.size(); const rested = this.rested(); return size && rested ? seenBox(rested, size) : null; }, { equal: same });

  private readonly chosenKey = signal<string | null>(null);
  protected readonly chosen = computed(() => this.marks().find((mark) => mark.key === this.chosenKey()) ?? null);
  protected readonly chosenAt = computed(() => { const mark = this.chosen(); const size = this.size(); return mark && size ? screenOf(this.camera(), size, mark.at) : null; });
  protected readonly label = computed(() => {
    const shown = this.shown();
    const count = shown ? whole(shown.totalCount) : '…';
    return $localize`Map of ${count}:count: devices. Arrows move it, plus and minus zoom, 0 shows all, Enter tells what is in the middle. The list beside it says the same.`;
  });

  constructor() {
    const destroyed = inject(DestroyRef);
    let resting: ReturnType<typeof setTimeout> | undefined;
    effect(() => {
      const gone = this.gone();
      clearTimeout(resting);
      if (!gone || same(gone, untracked(this.rested))) return;
      resting = setTimeout(() => {
        this.rested.set(gone);
        this.written = cameraText(gone);
        this.address({ at: this.written }, true);
      }, REST_MS);
    });
    const again = readingAgain(READ_AGAIN_MS, destroyed, this.places);
    inject(Live).watch(askParkSummaryChanged, { dimensions: ['POWER'] }, (result) => result.parkSummaryChanged, ({ parkSummaryChanged }) => { if (parkSummaryChanged.summary) again(); }, destroyed, again);
    destroyed.onDestroy(() => { clearTimeout(resting); });
  }

  protected go(filter: DeviceFilter): void {
    this.address(filterParameters(filter));
  }

  protected by(facet: string): void {
    this.address({ by: facet === 'POWER' ? null : facet.toLowerCase() }, true);
  }

  protected move(camera: Camera): void {
    this.gone.set(camera);
  }

  protected zoom(steps: number): void {
    const size = this.size();
    if (size) this.gone.set(zoomed(this.camera(), size, { x: size.width / 2, y: size.height / 2 }, steps));
  }

  protected showAll(): void {
    this.gone.set(null);
    this.rested.set(null);
    this.written = null;
    this.address({ at: null }, true);
  }

  protected pick(mark: Mark | null): void {
    this.chosenKey.set(mark?.key ?? null);
  }

  protected onlyThis(box: GeoBoxInput): void {
    this.drawing.set(false);
    this.chosenKey.set(null);
    this.go({ ...this.filter(), box, placed: null });
  }

  protected onlyAreas(areas: Mark['areas']): void {
    this.chosenKey.set(null);
    this.go(unplacedIn(this.filter(), areas));
  }

  protected toggleArea(area: string): void {
    this.go(toggled(this.filter(), 'area', area));
  }

  protected lookAt(mark: Mark): void {
    const size = this.size();
    if (!size) return;
    this.chosenKey.set(null);
    this.gone.set(mark.box ? fitted(mark.box, size) : { ...mark.at, zoom: Math.max(this.camera().zoom + 2, 12) });
  }

  protected leave(): void {
    if (this.chosenKey()) document.querySelector<HTMLElement>('mp-map-canvas canvas')?.focus();
    this.chosenKey.set(null);
    this.drawing.set(false);
    this.filtersOpen.set(false);
  }

  private address(queryParams: Record<string, string | string[] | null>, replaceUrl = false): void {
    void this.router.navigate([], { relativeTo: this.route, queryParams, queryParamsHandling: 'merge', replaceUrl });
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
