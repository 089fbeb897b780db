import type { DeviceFilter } from '../devices/filter/device-filter';
import type { FacetName, GeoBoxInput, PlaceClustersQuery } from '../graph/generated';
import { toneOf } from '../parts/state-mark';
import type { Tone } from '../parts/state-mark';
import { screenOf, worldOf } from './camera';
import type { Camera, Point, Size } from './camera';

type Answer = PlaceClustersQuery['placeClusters'];
type AnsweredDevice = Answer['devices'][number];
type AnsweredArea = Answer['areas'][number];
type AnsweredCluster = Answer['clusters'][number];

export interface Part {
  readonly word: string;
  readonly tone: Tone;
  readonly count: number;
}

/** What is drawn at one place: the devices of a cell, those of areas without places of their own, or one device. */
export interface Mark {
  readonly key: string;
  readonly kind: 'cluster' | 'area' | 'device';
  readonly at: Point;
  readonly latitude: number;
  readonly longitude: number;
  readonly count: number;
  /** Of the facet's values that are there, the worst first. */
  readonly parts: readonly Part[];
  readonly radius: number;
  /** In pixels, to the right and down: what would cover a cluster stands beside it. */
  readonly aside: number;
  readonly box: GeoBoxInput | null;
  readonly areas: readonly { readonly network: string; readonly name: string }[];
  readonly device: AnsweredDevice | null;
}

const WORST_FIRST: readonly Tone[] = ['bad', 'warn', 'notice', 'off', 'good'];
const LEAST_RADIUS = 8;
const MOST_RADIUS = 27;
const AREA_RADIUS = 13;
const DEVICE_RADIUS = 6;
const NOWHERE = { latitude: 0, longitude: 0 };
const HIT_PIXELS = 6;

/** Return what the map shows of an answer, the largest first: small ones are drawn over them. */
export function marksOf(answer: Answer, facet: FacetName): readonly Mark[] {
  const largest = Math.max(1, ...answer.clusters.map((one) => one.deviceCount), ...answer.areas.map((one) => one.deviceCount));
  const common = (one: { latitude: number; longitude: number; deviceCount: number; counts: readonly number[] }) => ({
    at: worldOf(one.latitude, one.longitude),
    latitude: one.latitude,
    longitude: one.longitude,
    count: one.deviceCount,
    parts: partsOf(answer.values, one.counts),
    radius: radiusOf(one.deviceCount, largest),
  });
  const clusters = answer.clusters.map((one): Mark => ({
    ...common(one), key: `cell ${one.box.north} ${one.box.west} ${one.box.south}`, kind: 'cluster', aside: 0, box: one.box, areas: [], device: null,
  }));
  const areas = grouped(answer).map(({ told, beside }): Mark => {
    const [first, ...others] = told;
    const counts = answer.values.map((_, at) => told.reduce((sum, one) => sum + (one.counts[at] ?? 0), 0));
    const deviceCount = told.reduce((sum, one) => sum + one.deviceCount, 0);
    const marked = common({ ...(beside ?? first ?? NOWHERE), deviceCount, counts });
    return {
      ...marked, radius: Math.min(marked.radius, AREA_RADIUS), aside: beside ? 0.7 * radiusOf(beside.deviceCount, largest) + 4 : 0,
      key: `areas ${first?.network}/${first?.area} ${others.length}`, kind: 'area', box: null, areas: told.map((one) => ({ network: one.network, name: one.area })), device: null,
    };
  });
  // Devices are told themselves when they are few: then they take the place of their cells.
  const devices = answer.devices.flatMap((one): Mark[] => {
    const { latitude, longitude } = one;
    if (latitude === null || longitude === null) return [];
    const word = wordOf(one, facet);
    return [{
      key: one.deviceId, kind: 'device', at: worldOf(latitude, longitude), latitude, longitude, count: 1,
      parts: [{ word, tone: toneOf(word), count: 1 }], radius: DEVICE_RADIUS, aside: 0, box: null, areas: [], device: one,
    }];
  });
  return [...[...(devices.length ? devices : clusters)].sort((one, other) => other.radius - one.radius), ...areas];
}

/** Return the areas by cell: those of one cell are one mark, beside the cluster of the cell if there is one. */
function grouped(answer: Answer): readonly { told: readonly AnsweredArea[]; beside: AnsweredCluster | null }[] {
  const [any] = answer.clusters;
  const side = any ? (any.box.east - any.box.west) / 360 : 0;
  const keyOf = ({ latitude, longitude }: { latitude: number; longitude: number }): string => {
    const { x, y } = worldOf(latitude, longitude);
    return side ? `${Math.floor(x / side)} ${Math.floor(y / side)}` : `${latitude} ${longitude}`;
  };
  const groups = new Map<string, AnsweredArea[]>();
  for (const one of answer.areas) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  const clusters = new Map(answer.devices.length ? [] : answer.clusters.map((one) => [keyOf(one), one]));
  return [...groups].map(([key, told]) => ({ told, beside: clusters.get(key) ?? null }));
}

/** Return the values that are there, those first that need attention. */
export function partsOf(values: readonly string[], counts: readonly number[]): readonly Part[] {
  return worstFirst(values.map((word, at) => ({ word, tone: toneOf(word), count: counts[at] ?? 0 }))).filter((part) => part.count > 0);
}

function worstFirst(parts: readonly Part[]): readonly Part[] {
  return [...parts].sort((one, other) => WORST_FIRST.indexOf(one.tone) - WORST_FIRST.indexOf(other.tone));
}

/** Return the values of all that is told, added up, the worst first. */
export function totalsOf(answer: Answer): readonly Part[] {
  const all = [...answer.clusters, ...answer.areas];
  const totals = answer.values.map((word, at): Part => ({ word, tone: toneOf(word), count: all.reduce((sum, one) => sum + (one.counts[at] ?? 0), 0) }));
  return worstFirst(totals);
}

/** The area of a circle is as large as the number of its devices; even the smallest can be seen and hit. */
export function radiusOf(count: number, largest: number): number {
  return Math.max(LEAST_RADIUS, MOST_RADIUS * Math.sqrt(count / largest));
}

/** Return the mark at a place of the screen: the one that is drawn last, and so lies on top. */
export function markAt(marks: readonly Mark[], camera: Camera, size: Size, at: Point): Mark | null {
  for (const mark of [...marks].reverse()) {
    const middle = screenOf(camera, size, mark.at);
    if (Math.hypot(middle.x + mark.aside - at.x, middle.y + mark.aside - at.y) <= mark.radius + HIT_PIXELS) return mark;
  }
  return null;
}

/** Whether a mark says something that needs attention: then its shape is drawn, too. */
export function concern(mark: Mark): Part | null {
  const [worst] = mark.parts;
  return worst && (worst.tone === 'bad' || worst.tone === 'warn') ? worst : null;
}

function wordOf(device: AnsweredDevice, facet: FacetName): string {
  switch (facet) {
    case 'LIFECYCLE': return device.lifecycle.value;
    case 'POWER': return device.power.value;
    case 'SWITCH': return device.switch.value;
    case 'COMMUNICATION': return device.communication.value;
    case 'TAMPER': return device.tamper.value;
    case 'FIRMWARE': return device.firmware.value;
  }
}

/** Return the filter that finds what a mark of areas stands for. */
export function unplacedIn(filter: DeviceFilter, areas: Mark['areas']): DeviceFilter {
  const words = { ...filter.words, area: areas.map((area) => area.name), network: [...new Set(areas.map((area) => area.network))] };
  return { ...filter, words, box: null, placed: false };
}
