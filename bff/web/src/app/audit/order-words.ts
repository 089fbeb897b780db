import { ruleText } from '../alarms/alarm-words';
import { factTitle } from '../device/fact-titles';
import { ACTION_TITLES } from '../jobs/job-words';
import { whole } from '../parts/numbers';
import { asTime } from '../parts/times';
import { spoken } from '../parts/words';

type Told = string | number | boolean | readonly Told[] | { readonly [name: string]: Told };

/** Fields of orders and filters, by their names in the contract (proto/meterpark/smoc/v1); factTitle knows the others. */
const TITLES: Readonly<Record<string, string>> = {
  networks: $localize`Network`, lifecycles: $localize`Lifecycle`, powers: $localize`Power`, switches: $localize`Switch`, communications: $localize`Communication`, tampers: $localize`Tamper`,
  firmwares: $localize`Firmware`, models: $localize`Model`, manufacturers: $localize`Manufacturer`, communication_technologies: $localize`Technology`, firmware_versions: $localize`Version`,
  usage_points: $localize`Usage point`, areas: $localize`Area`, parents: $localize`Behind`, tags: $localize`Tags`, text_beginning: $localize`begins with`, text_ending: $localize`ends with`,
  facet_ages: $localize`In its state`, last_contact: $localize`Last contact`, facet: $localize`Facet`, since: $localize`Since`, start_time: $localize`From`, end_time: $localize`:the last day|:To`,
  states: $localize`State`, severities: $localize`Severity`, categories: $localize`Category`, rules: $localize`Rule`, assignees: $localize`Assigned to`,
  add: $localize`Tags to add`, remove: $localize`Tags to take away`, until_time: $localize`Until`, box: $localize`Part of the map`,
  south: $localize`South`, west: $localize`West`, north: $localize`North`, east: $localize`East`,
};
const FLAGS: Readonly<Record<string, readonly [string, string]>> = {
  marked_for_exchange: [$localize`marked for exchange`, $localize`not marked for exchange`],
  never_contacted: [$localize`never heard of`, $localize`heard of at least once`],
  placed: [$localize`with coordinates`, $localize`without coordinates`],
  with_snoozed: [$localize`also those that sleep`, $localize`without those that sleep`],
};
const LISTS: Readonly<Record<string, (count: string) => string>> = {
  device_ids: (count) => $localize`named devices: ${count}:count:`,
  excluded_device_ids: (count) => $localize`left out: ${count}:count:`,
  alarm_ids: (count) => $localize`named alarms: ${count}:count:`,
  quarantine_ids: (count) => $localize`named messages: ${count}:count:`,
  excluded_alarm_ids: (count) => $localize`left out: ${count}:count:`,
};
const A_NUMBER = /^\d{1,9}$/;
/** Prefixes of the contract's words: ALARM_STATE_OPEN is "Open". */
const OF_A_KIND = /^(ALARM_STATE|ALARM_SEVERITY|ALARM_CATEGORY)_/;
const OF_WORDS: ReadonlySet<string> = new Set(['lifecycles', 'powers', 'switches', 'communications', 'tampers', 'firmwares', 'states', 'severities', 'categories', 'facet']);

/**
 * Return what a request asked for in words, where it is a number, a time, or an order with parts, which the services keep
 * as JSON. Null for plain text, which is what a person wrote, and for what is kept in part only.
 */
export function orderText(value: string): string | null {
  if (A_NUMBER.test(value)) return whole(Number(value));
  if (asTime(value) !== value) return asTime(value);
  const told = parsed(value);
  return told === null ? null : inWords(told);
}

function parsed(value: string): Exclude<Told, string | number | boolean> | null {
  if (!/^[[{]/.test(value)) return null;
  try {
    return JSON.parse(value) as Exclude<Told, string | number | boolean>;
  } catch {
    return null;
  }
}

function inWords(told: Told, name = ''): string {
  if (typeof told === 'string') {
    if (name === 'rules') return ruleText(told);
    return OF_WORDS.has(name) ? spoken(told.toUpperCase().replace(OF_A_KIND, '')) : asTime(told);
  }
  if (typeof told === 'number' || typeof told === 'boolean') return String(told);
  if (isList(told)) return told.map((one) => inWords(one, name)).join(told.some((one) => typeof one === 'object') ? '; ' : ', ');
  return Object.entries(told).map(([field, part]) => fieldText(field, part)).join('; ');
}

function fieldText(field: string, told: Told): string {
  const flag = FLAGS[field];
  if (flag && typeof told === 'boolean') return flag[told ? 0 : 1];
  const list = LISTS[field];
  if (list && isList(told)) return told.length > 1 || !told.length ? list(whole(told.length)) : inWords(told);
  if (field === 'filter') return inWords(told) || $localize`all`;
  const action = ACTION_TITLES[field.toUpperCase() as keyof typeof ACTION_TITLES] as string | undefined;
  const title = action ?? TITLES[field] ?? factTitle(field);
  const text = inWords(told, field);
  return text ? `${title}: ${text}` : title;
}

function isList(told: Told): told is readonly Told[] {
  return Array.isArray(told);
}
