import type { TimelineFilter, TimelineFlag } from '../graph/generated';
import { day, daysInput } from '../parts/days';

/** Kinds of entries by what a person looks for. tests/contracts/test_timeline_kinds.py wants every kind in one group. */
export const KIND_GROUPS = {
  power: ['power-lost', 'power-restored', 'phase-lost', 'phase-restored'],
  switch: ['switch-connected', 'switch-disconnected'],
  tamper: ['tamper-detected', 'tamper-cleared'],
  communication: ['first-heard', 'contact', 'fell-silent', 'communication-established', 'communication-lost', 'discovered'],
  firmware: ['firmware-update-started', 'firmware-update-succeeded', 'firmware-update-failed'],
  faults: ['fault-detected', 'fault-cleared'],
  place: ['installed', 'uninstalled', 'attached', 'detached'],
  configuration: ['configured', 'shipped', 'lifecycle', 'change-planned', 'plan-withdrawn', 'plan-carried-out'],
  names: ['identified', 'joined-into', 'device-joined', 'join-undone'],
  orders: ['control-noted', 'control-ordered', 'control-executed', 'control-failed', 'control-canceled'],
  others: ['noted', 'unknown-event'],
  alarms: [
    'alarm-opened', 'alarm-acknowledged', 'alarm-assigned', 'alarm-commented', 'alarm-snoozed', 'alarm-woken', 'alarm-joined', 'alarm-parted',
    'alarm-cause-over', 'alarm-cause-back', 'alarm-resolved',
  ],
} as const satisfies Record<string, readonly string[]>;

export type KindGroup = keyof typeof KIND_GROUPS;
export const KIND_GROUP_NAMES = Object.keys(KIND_GROUPS) as KindGroup[];
export const FLAGS: readonly TimelineFlag[] = ['LATE', 'DUPLICATE', 'FUTURE', 'CLOCK_SUSPECT', 'ZONE_ASSUMED', 'INFERRED'];

/** What a timeline is limited to, as the address says it. Days are of the person's time zone, both included. */
export interface EntryFilter {
  readonly groups: readonly KindGroup[];
  readonly flags: readonly TimelineFlag[];
  readonly from: string;
  readonly to: string;
}

export const ALL_ENTRIES: EntryFilter = { groups: [], flags: [], from: '', to: '' };

/** Read a filter from an address; what is no word or no day of it is left out. */
export function readEntryFilter(query: URLSearchParams): EntryFilter {
  const flags = query.getAll('flag').map((flag) => flag.toUpperCase().replaceAll('-', '_'));
  return {
    groups: KIND_GROUP_NAMES.filter((name) => query.getAll('what').includes(name)),
    flags: FLAGS.filter((flag) => flags.includes(flag)),
    from: day(query.get('from')),
    to: day(query.get('to')),
  };
}

export function entryParameters(filter: EntryFilter): Record<string, string[] | string | null> {
  return {
    what: filter.groups.length ? [...filter.groups] : null,
    flag: filter.flags.length ? filter.flags.map((flag) => flag.toLowerCase().replaceAll('_', '-')) : null,
    from: filter.from || null,
    to: filter.to || null,
  };
}

/** Return the filter as the graph takes it. A day that ends before it begins is no condition: nothing would ever fit. */
export function entryInput(filter: EntryFilter): TimelineFilter {
  const input: TimelineFilter = {};
  if (filter.groups.length && filter.groups.length < KIND_GROUP_NAMES.length) input.kinds = filter.groups.flatMap((name) => [...KIND_GROUPS[name]]);
  if (filter.flags.length) input.flags = [...filter.flags];
  const occurred = daysInput(filter.from, filter.to);
  if (occurred) input.occurred = occurred;
  return input;
}

export function isAll(filter: EntryFilter): boolean {
  return Object.keys(entryInput(filter)).length === 0;
}
