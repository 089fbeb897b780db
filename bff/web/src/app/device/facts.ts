import type { WholeDeviceFragment } from '../graph/generated';
import { asTime } from '../parts/times';
import { FACT_GROUPS, schemeTitle, wordOf, words } from './fact-titles';

export interface Fact {
  readonly name: string;
  /** The journal's word for it, "serial_number"; "" where it has none of its own. */
  readonly word: string;
  /** Null: nothing is known of it. */
  readonly value: string | null;
  /** Numbers and addresses, which are read letter by letter. */
  readonly code: boolean;
  /** Where another state of the device is laid beside this one: what that says, when it says something else. */
  readonly other: { readonly value: string | null } | null;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

const PLACE = 1;
const CODES: ReadonlySet<string> = new Set(['serialNumber', 'utilityNumber', 'mrid', 'usagePoint', 'macAddress', 'radioAddress', 'ipAddress', 'iccid', 'imsi', 'imei', 'moduleSerialNumber', 'communicationAddress', 'lotNumber']);

type Said = Omit<Fact, 'other'>;

/** Return what is known of a device, in groups; what is not known is left out. */
export function factsOf(device: WholeDeviceFragment): readonly FactGroup[] {
  return grouped(device, device);
}

/** Return what is known of one state of a device beside another, fact by fact: each that differs says what the other says. */
export function grouped(device: WholeDeviceFragment, other: WholeDeviceFragment): readonly FactGroup[] {
  const others = saidOf(other);
  return saidOf(device)
    .map(({ title, said }, place) => ({ title, facts: beside(said, others[place]?.said ?? []) }))
    .filter((group) => group.facts.length > 0);
}

export function differenceCount(groups: readonly FactGroup[]): number {
  return groups.reduce((count, group) => count + group.facts.filter((fact) => fact.other).length, 0);
}

function beside(said: readonly Said[], others: readonly Said[]): readonly Fact[] {
  const names = [...new Set([...said, ...others].map(({ name }) => name))];
  return names
    .map((name): Fact => {
      const one = said.find((fact) => fact.name === name);
      const another = others.find((fact) => fact.name === name);
      const value = one?.value ?? null;
      const differs = value !== (another?.value ?? null);
      return { name, word: (one ?? another)?.word ?? '', value, code: (one ?? another)?.code ?? false, other: differs ? { value: another?.value ?? null } : null };
    })
    .filter((fact) => fact.value !== null || fact.other?.value != null);
}

function saidOf(device: WholeDeviceFragment): readonly { title: string; said: readonly Said[] }[] {
  const groups = FACT_GROUPS.map(([title, fields]) => ({
    title,
    said: fields.map(([field, name]): Said => ({ name, word: wordOf(field), value: device[field] || null, code: CODES.has(field) })),
  }));
  const { latitude, longitude } = device;
  groups[PLACE]?.said.push({ name: $localize`Coordinates`, word: 'latitude', value: latitude === null || longitude === null ? null : `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`, code: true });
  const shown = new Set([device.serialNumber, device.utilityNumber, device.mrid, ...device.names.map(({ value }) => value)]);
  const further = device.identifiers.filter(({ value }) => !shown.has(value));
  groups.push({
    title: $localize`Other names`,
    said: together([...device.names.map(({ name, value }) => [name, value] as const), ...further.map(({ scheme, value }) => [schemeTitle(scheme), value] as const)]),
  });
  groups.push({ title: $localize`Dates of its life`, said: device.lifeDates.map(({ name, value }) => ({ name: words(name), word: '', value: asTime(value), code: false })) });
  return groups;
}

/** Names of one kind stand in one line. */
function together(names: readonly (readonly [string, string])[]): Said[] {
  const values = new Map<string, string[]>();
  for (const [name, value] of names) values.set(name, [...(values.get(name) ?? []), value]);
  return [...values].map(([name, all]) => ({ name, word: '', value: all.join(', '), code: true }));
}
