import { alarmInput, alarmParameters } from '../alarms/alarm-filter';
import type { AlarmFilter } from '../alarms/alarm-filter';
import type { DeviceFilterInput, DeviceOrder, FacetName, SavedViewsQuery, ViewInput } from '../graph/generated';
import { SORT_KEYS } from '../devices/columns';
import type { Column } from '../devices/columns';
import { NO_FILTER, WORD_CONDITIONS, WORD_CONDITION_NAMES, filterInput, filterParameters, sortInput, sortingParameter } from '../devices/filter/device-filter';
import type { DeviceFilter, Sorting } from '../devices/filter/device-filter';

export type SavedView = SavedViewsQuery['views'][number];

/** What the list of devices shows now. */
export interface Shown {
  readonly filter: DeviceFilter;
  readonly sorting: readonly Sorting[];
  readonly columns: readonly Column[];
}

/** What an address says behind its path; null: nothing. */
export type Parameters = Readonly<Record<string, string | string[] | null>>;

/** Where a view belongs. */
export type Path = '/devices' | '/alarms';

/** What a view shows now: its address, and how the register keeps it under a name. */
export interface Present {
  readonly path: Path;
  readonly parameters: Parameters;
  readonly content: (name: string, shared: boolean) => ViewInput;
}

/** A saved view as the page can show it: its address, or what of it the page has no words for. */
export interface Opened {
  readonly path: Path;
  readonly parameters: Parameters;
  readonly unknown: readonly string[];
}

const SECONDS_OF_AN_HOUR = 3_600;

/** Return what the list of devices shows. */
export function devicesNow(shown: Shown): Present {
  return { path: '/devices', parameters: addressOf(shown), content: (name, shared) => contentOf(shown, name, shared) };
}

/** Return what the inbox of alarms shows. */
export function alarmsNow(filter: AlarmFilter): Present {
  return { path: '/alarms', parameters: alarmParameters(filter), content: (name, shared) => alarmContentOf(filter, name, shared) };
}

/** Return what the inbox shows as the register keeps it: "assigned to me" means who opens it. */
export function alarmContentOf(filter: AlarmFilter, name: string, shared: boolean): ViewInput {
  return { name, shared, alarms: { filter: alarmInput({ ...filter, mine: false }, ''), mine: filter.mine } };
}

/** Return what is shown as the register keeps it under a name. Ages stay ages: opened tomorrow they mean tomorrow. */
export function contentOf({ filter, sorting, columns }: Shown, name: string, shared: boolean): ViewInput {
  const { olderThan, silentHours } = filter;
  const moments = { ...filter, olderThan: {}, silentHours: silentHours === 0 ? 0 : null };
  const ages = Object.entries(olderThan) as [FacetName, number][];
  return {
    name,
    shared,
    filter: filterInput(moments, new Date(0)),
    orderBy: sortInput(sorting),
    columns: columns.map((column) => column.name),
    lasting: ages.map(([facet, hours]) => ({ facet, seconds: hours * SECONDS_OF_AN_HOUR })),
    silentSeconds: silentHours ? silentHours * SECONDS_OF_AN_HOUR : null,
  };
}

/** Return a view's own content under another name, or shared otherwise: nothing else of it changes. */
export function renamed(view: SavedView, name: string, shared: boolean): ViewInput {
  if (view.alarms) return { name, shared, alarms: view.alarms };
  const filter: DeviceFilterInput = { ...view.filter, facetAges: view.filter.facetAges.map(({ facet, since }) => ({ facet: facet!, since })) };
  return {
    name,
    shared,
    filter,
    orderBy: view.orderBy.map(({ by, direction }): DeviceOrder => ({ by, direction })),
    columns: view.columns,
    lasting: view.lasting.map(({ facet, seconds }) => ({ facet: facet!, seconds })),
    silentSeconds: view.silentSeconds,
  };
}

/** Return what an address says for what is shown. */
export function addressOf({ filter, sorting, columns }: Shown): Parameters {
  return { ...filterParameters(filter), sort: sortingParameter(sorting), columns: columns.map((column) => column.name).join(',') || null };
}

/** Return how the page shows a view. Conditions for which it has no words are named: without them it would be another list. */
export function opened(view: SavedView): Opened {
  return view.alarms ? openedAlarms(view.alarms) : openedDevices(view);
}

function openedAlarms({ filter, mine }: NonNullable<SavedView['alarms']>): Opened {
  const unknown: string[] = [];
  if (filter.networks.length) unknown.push($localize`networks`);
  if (filter.categories.length) unknown.push($localize`categories of alarms`);
  if (filter.assignees.length) unknown.push($localize`persons by name`);
  const { severities, states, areas, rules, withSnoozed } = filter;
  return { path: '/alarms', parameters: alarmParameters({ severities, states, areas, rules, device: filter.deviceId ?? '', mine, withSnoozed }), unknown };
}

function openedDevices(view: SavedView): Opened {
  const { filter } = view;
  const unknown: string[] = [];
  const olderThan: Partial<Record<FacetName, number>> = {};
  for (const { facet, seconds } of view.lasting) {
    if (facet && seconds % SECONDS_OF_AN_HOUR === 0) olderThan[facet] = seconds / SECONDS_OF_AN_HOUR;
    else unknown.push($localize`ages that are no whole hours`);
  }
  const silent = view.silentSeconds;
  if (silent !== null && silent % SECONDS_OF_AN_HOUR) unknown.push($localize`ages that are no whole hours`);
  if (filter.facetAges.length || filter.lastContact) unknown.push($localize`fixed times`);
  if (filter.usagePoints.length) unknown.push($localize`usage points`);
  if (filter.parents.length) unknown.push($localize`devices behind another one`);
  if (filter.neverContacted === false) unknown.push($localize`devices that were heard of`);
  if (view.orderBy.some(({ by }) => !SORT_KEYS.has(by))) unknown.push($localize`an order by a time of a state`);
  const shown: DeviceFilter = {
    ...NO_FILTER,
    words: Object.fromEntries(WORD_CONDITION_NAMES.map((name) => [name, filter[WORD_CONDITIONS[name].field]])),
    beginning: filter.textBeginning ?? '',
    ending: filter.textEnding ?? '',
    marked: filter.markedForExchange,
    olderThan,
    silentHours: filter.neverContacted ? 0 : silent === null ? null : silent / SECONDS_OF_AN_HOUR,
    box: filter.box,
    placed: filter.placed,
  };
  const parameters = { ...filterParameters(shown), sort: sortingParameter(view.orderBy), columns: view.columns.join(',') || null };
  return { path: '/devices', parameters, unknown: [...new Set(unknown)] };
}

/** Return whether two addresses show the same list in the same way. */
export function sameAddress(one: Parameters, other: Parameters): boolean {
  return canonical(one) === canonical(other);
}

function canonical(parameters: Parameters): string {
  return JSON.stringify(Object.entries(parameters).filter(([, said]) => said !== null).sort(([one], [other]) => (one < other ? -1 : 1)));
}
