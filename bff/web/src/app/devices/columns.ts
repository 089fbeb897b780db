import type { DeviceOrderKey } from '../graph/generated';
import type { DeviceRow } from './rows';

export interface Column {
  readonly name: string;
  readonly title: string;
  /** A track of the grid. */
  readonly width: string;
  readonly sort: DeviceOrderKey | null;
  readonly kind: 'device' | 'state' | 'text' | 'age' | 'tags';
  readonly value: (row: DeviceRow) => string | null;
}

const state = (name: 'lifecycle' | 'power' | 'switch' | 'communication' | 'tamper' | 'firmware', title: string, sort: DeviceOrderKey, width = '9rem'): Column => ({
  name, title, sort, width, kind: 'state', value: (row) => row[name].value,
});
const text = (name: 'network' | 'model' | 'manufacturer' | 'area' | 'usagePoint' | 'communicationTechnology' | 'firmwareVersion', title: string, sort: DeviceOrderKey, width = '9rem'): Column => ({
  name, title, sort, width, kind: 'text', value: (row) => row[name],
});
const age = (name: 'lastContactAt' | 'firstSeenAt' | 'updatedAt', title: string, sort: DeviceOrderKey): Column => ({
  name, title, sort, width: '8rem', kind: 'age', value: (row) => row[name],
});

/** Every column there is, in the order in which they are offered and shown. */
export const COLUMNS: readonly Column[] = [
  { name: 'device', title: $localize`Device`, width: 'minmax(14rem, 1.4fr)', sort: 'SERIAL_NUMBER', kind: 'device', value: (row) => row.serialNumber ?? row.deviceIdentifier },
  state('lifecycle', $localize`Lifecycle`, 'LIFECYCLE', '12rem'),
  state('power', $localize`Power`, 'POWER', '7.5rem'),
  state('switch', $localize`Switch`, 'SWITCH', '9.5rem'),
  state('communication', $localize`Communication`, 'COMMUNICATION', '10rem'),
  state('tamper', $localize`Tamper`, 'TAMPER', '7.5rem'),
  state('firmware', $localize`Firmware`, 'FIRMWARE', '7.5rem'),
  age('lastContactAt', $localize`Last contact`, 'LAST_CONTACT_AT'),
  text('area', $localize`Area`, 'AREA'),
  text('model', $localize`Model`, 'MODEL', '7rem'),
  text('network', $localize`Network`, 'NETWORK', '6rem'),
  text('manufacturer', $localize`Manufacturer`, 'MANUFACTURER'),
  text('usagePoint', $localize`Usage point`, 'USAGE_POINT', '11rem'),
  text('communicationTechnology', $localize`Technology`, 'COMMUNICATION_TECHNOLOGY', '7rem'),
  text('firmwareVersion', $localize`Version`, 'FIRMWARE_VERSION', '6rem'),
  age('firstSeenAt', $localize`First seen`, 'FIRST_SEEN_AT'),
  age('updatedAt', $localize`Updated`, 'UPDATED_AT'),
  { name: 'tags', title: $localize`Tags`, width: 'minmax(8rem, 1fr)', sort: null, kind: 'tags', value: (row) => row.tags.join(', ') || null },
];

export const SORT_KEYS: ReadonlySet<string> = new Set(['DEVICE_ID', ...COLUMNS.map((column) => column.sort).filter((key) => key !== null)]);
const SHOWN_AT_FIRST = new Set(['device', 'lifecycle', 'power', 'switch', 'communication', 'tamper', 'lastContactAt', 'area', 'model']);

/** Return how wide these columns are at least, as a length of CSS. */
export function leastWidth(columns: readonly Column[]): string {
  return columns.map(({ width }) => width.replace(/^minmax\(([^,]+),.*$/, '$1')).join(' + ');
}

/** Return the columns that an address or a person's choice names; the device itself is always there. */
export function chosenColumns(names: string | null): readonly Column[] {
  const chosen = names ? new Set(names.split(',')) : SHOWN_AT_FIRST;
  const columns = COLUMNS.filter((column) => column.name === 'device' || chosen.has(column.name));
  return columns.length > 1 ? columns : COLUMNS.filter((column) => SHOWN_AT_FIRST.has(column.name));
}
