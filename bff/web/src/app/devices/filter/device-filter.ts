import type { DeviceFilterInput, DeviceOrder, DeviceOrderKey, Dimension, FacetName, GeoBoxInput } from '../../graph/generated';
import { boxText, readBox } from './box';

/** What a list of devices is limited to, as the address says it: lists of words by the name of their condition. */
export interface DeviceFilter {
  readonly words: Readonly<Partial<Record<WordCondition, readonly string[]>>>;
  readonly beginning: string;
  readonly ending: string;
  readonly marked: boolean | null;
  /** Facets whose value is at least that old, in hours. */
  readonly olderThan: Readonly<Partial<Record<FacetName, number>>>;
  /** Not heard of for that many hours; 0: never at all; null: no condition. */
  readonly silentHours: number | null;
  /** A part of the map. */
  readonly box: GeoBoxInput | null;
  /** Whether a device has coordinates. */
  readonly placed: boolean | null;
}

/** Conditions with a list of words: their name in the address, in the graph, and what they are counted by. */
export const WORD_CONDITIONS = {
  lifecycle: { field: 'lifecycles', dimension: 'LIFECYCLE' },
  power: { field: 'powers', dimension: 'POWER' },
  switch: { field: 'switches', dimension: 'SWITCH' },
  communication: { field: 'communications', dimension: 'COMMUNICATION' },
  tamper: { field: 'tampers', dimension: 'TAMPER' },
  firmware: { field: 'firmwares', dimension: 'FIRMWARE' },
  network: { field: 'networks', dimension: 'NETWORK' },
  area: { field: 'areas', dimension: 'AREA' },
  model: { field: 'models', dimension: 'MODEL' },
  manufacturer: { field: 'manufacturers', dimension: 'MANUFACTURER' },
  technology: { field: 'communicationTechnologies', dimension: 'COMMUNICATION_TECHNOLOGY' },
  version: { field: 'firmwareVersions', dimension: 'FIRMWARE_VERSION' },
  tag: { field: 'tags', dimension: 'TAG' },
} as const satisfies Record<string, { field: keyof DeviceFilterInput; dimension: Dimension }>;

export type WordCondition = keyof typeof WORD_CONDITIONS;
export const WORD_CONDITION_NAMES = Object.keys(WORD_CONDITIONS) as WordCondition[];

export const NO_FILTER: DeviceFilter = { words: {}, beginning: '', ending: '', marked: null, olderThan: {}, silentHours: null, box: null, placed: null };

const FACETS: ReadonlyMap<string, FacetName> = new Map([
  ['lifecycle', 'LIFECYCLE'], ['power', 'POWER'], ['switch', 'SWITCH'], ['communication', 'COMMUNICATION'], ['tamper', 'TAMPER'], ['firmware', 'FIRMWARE'],
]);
/** As much as the graph takes of one condition. */
const WORDS_AT_MOST = 100;

/** Read a filter from an address. What an older version wrote, or a person mistyped, is left out. */
export function readFilter(query: URLSearchParams): DeviceFilter {
  const words: Partial<Record<WordCondition, string[]>> = {};
  for (const name of WORD_CONDITION_NAMES) {
    const said = [...new Set(query.getAll(name).filter((word) => word !== ''))].slice(0, WORDS_AT_MOST);
    if (said.length) words[name] = said;
  }
  const olderThan: Partial<Record<FacetName, number>> = {};
  for (const text of query.getAll('older')) {
    const [name = '', hours] = text.split(':');
    const facet = FACETS.get(name);
    const least = wholeNumber(hours);
    if (facet && least) olderThan[facet] = least;
  }
  return {
    words,
    beginning: query.get('begins') ?? '',
    ending: query.get('ends') ?? '',
    marked: yesOrNo(query.get('marked')),
    olderThan,
    silentHours: wholeNumber(query.get('silent')),
    box: readBox(query.get('box')),
    placed: yesOrNo(query.get('placed')),
  };
}

/** Return what an address says for a filter, in a fixed order: the same filter is always the same address. */
export function filterParameters(filter: DeviceFilter): Record<string, string | string[] | null> {
  const parameters: Record<string, string | string[] | null> = {};
  for (const name of WORD_CONDITION_NAMES) parameters[name] = filter.words[name]?.length ? [...filter.words[name]] : null;
  parameters['begins'] = filter.beginning || null;
  parameters['ends'] = filter.ending || null;
  parameters['marked'] = filter.marked === null ? null : filter.marked ? 'yes' : 'no';
  const older = Object.entries(filter.olderThan).map(([facet, hours]) => `${facet.toLowerCase()}:${hours}`);
  parameters['older'] = older.length ? older : null;
  parameters['silent'] = filter.silentHours === null ? null : String(filter.silentHours);
  parameters['box'] = filter.box && boxText(filter.box);
  parameters['placed'] = filter.placed === null ? null : filter.placed ? 'yes' : 'no';
  return parameters;
}

/** Return the filter as the graph takes it; ages are counted from `now`. */
export function filterInput(filter: DeviceFilter, now: Date): DeviceFilterInput {
  const input: DeviceFilterInput = {};
  for (const name of WORD_CONDITION_NAMES) {
    const words = filter.words[name];
    if (words?.length) Object.assign(input, { [WORD_CONDITIONS[name].field]: words });
  }
  if (filter.beginning) input.textBeginning = filter.beginning;
  if (filter.ending) input.textEnding = filter.ending;
  if (filter.marked !== null) input.markedForExchange = filter.marked;
  const ages = Object.entries(filter.olderThan) as [FacetName, number][];
  if (ages.length) input.facetAges = ages.map(([facet, hours]) => ({ facet, since: { end: hoursBefore(now, hours) } }));
  if (filter.silentHours === 0) input.neverContacted = true;
  else if (filter.silentHours !== null) input.lastContact = { end: hoursBefore(now, filter.silentHours) };
  if (filter.box) input.box = filter.box;
  if (filter.placed !== null) input.placed = filter.placed;
  return input;
}

export function isEmpty(filter: DeviceFilter): boolean {
  return Object.keys(filterInput(filter, new Date(0))).length === 0;
}

/** Return the filter with one word of a condition added, or taken away when it was there. */
export function toggled(filter: DeviceFilter, name: WordCondition, word: string): DeviceFilter {
  const before = filter.words[name] ?? [];
  const after = before.includes(word) ? before.filter((one) => one !== word) : [...before, word];
  return { ...filter, words: { ...filter.words, [name]: after } };
}

export interface Sorting {
  readonly by: DeviceOrderKey;
  readonly direction: 'ASC' | 'DESC';
}

const SORT_KEYS_AT_MOST = 4;
const DEFAULT_SORTING: readonly Sorting[] = [{ by: 'DEVICE_ID', direction: 'ASC' }];

/** Read "sort=-last_contact_at,model": the first key counts most, a minus is descending. */
export function readSorting(query: URLSearchParams, known: ReadonlySet<string>): readonly Sorting[] {
  const keys = (query.get('sort') ?? '').split(',').filter(Boolean).slice(0, SORT_KEYS_AT_MOST);
  const read = keys
    .map((key): Sorting => ({ by: key.replace(/^-/, '').toUpperCase() as DeviceOrderKey, direction: key.startsWith('-') ? 'DESC' : 'ASC' }))
    .filter((sorting) => known.has(sorting.by));
  return read.length ? read : DEFAULT_SORTING;
}

export function sortingParameter(sorting: readonly Sorting[]): string | null {
  const text = sorting.map(({ by, direction }) => (direction === 'DESC' ? '-' : '') + by.toLowerCase()).join(',');
  return text === 'device_id' ? null : text;
}

/** Return the sorting after a click on a column: ascending, descending, none; `more` keeps the other keys. */
export function sortedBy(sorting: readonly Sorting[], by: DeviceOrderKey, more: boolean): readonly Sorting[] {
  const before = sorting.find((one) => one.by === by);
  const next: Sorting | null = !before ? { by, direction: 'ASC' } : before.direction === 'ASC' ? { by, direction: 'DESC' } : null;
  if (!more) return next ? [next] : DEFAULT_SORTING;
  const others = sorting.filter((one) => one.by !== by && one.by !== 'DEVICE_ID');
  const all = before && next ? sorting.map((one) => (one.by === by ? next : one)) : next ? [...others, next] : others;
  return all.length ? all.slice(0, SORT_KEYS_AT_MOST) : DEFAULT_SORTING;
}

export function sortInput(sorting: readonly Sorting[]): DeviceOrder[] {
  return sorting.map(({ by, direction }) => ({ by, direction }));
}

function yesOrNo(text: string | null): boolean | null {
  return text === 'yes' ? true : text === 'no' ? false : null;
}

function wholeNumber(text: string | null | undefined): number | null {
  return text && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

function hoursBefore(now: Date, hours: number): string {
  return new Date(now.getTime() - hours * 3_600_000).toISOString();
}
