import { alarmText, ruleText } from '../alarms/alarm-words';
import { causeText } from '../parts/causes';
import { whole } from '../parts/numbers';
import { absolute, asTime } from '../parts/times';
import { spoken } from '../parts/words';
import { factTitle, schemeTitle } from './fact-titles';

/** An entry of a timeline, as far as its sentence needs it. */
export interface Told {
  readonly kind: string;
  readonly code: string | null;
  /** The hub's own sentence, in English: the last resort for a kind that is not known here. */
  readonly summary: string;
  readonly details: readonly Detail[];
  readonly flags: readonly string[];
}

interface Detail {
  readonly name: string;
  readonly value: string;
}

/** Events that a message reports: the sentence, before the name or the number of the event. */
const REPORTED: Readonly<Record<string, string>> = {
  'power-lost': $localize`Power lost`, 'power-restored': $localize`Power restored`, 'phase-lost': $localize`Phase lost`, 'phase-restored': $localize`Phase restored`,
  'switch-connected': $localize`Switch connected`, 'switch-disconnected': $localize`Switch disconnected`,
  'tamper-detected': $localize`Tamper detected`, 'tamper-cleared': $localize`Tamper cleared`,
  'firmware-update-started': $localize`Firmware update started`, 'firmware-update-succeeded': $localize`Firmware updated`, 'firmware-update-failed': $localize`Firmware update failed`,
  'communication-established': $localize`Communication established`, 'communication-lost': $localize`Communication lost`, discovered: $localize`:an event@@deviceDiscovered:Discovered`,
  'fault-detected': $localize`Fault detected`, 'fault-cleared': $localize`Fault cleared`, noted: $localize`Event`, 'unknown-event': $localize`Event with unknown code`,
};
const ORDERS: Readonly<Record<string, string>> = {
  'control-noted': $localize`Order`, 'control-ordered': $localize`Ordered`, 'control-executed': $localize`Order carried out`, 'control-failed': $localize`Order failed`,
  'control-canceled': $localize`Order canceled`,
};
const DEEDS: Readonly<Record<string, string>> = {
  'alarm-opened': $localize`Alarm opened`, 'alarm-acknowledged': $localize`Alarm acknowledged`, 'alarm-assigned': $localize`Alarm assigned`, 'alarm-commented': $localize`Alarm commented on`,
  'alarm-snoozed': $localize`Alarm snoozed`, 'alarm-woken': $localize`Alarm back from its snooze`, 'alarm-joined': $localize`Alarm taken over by its area's`,
  'alarm-parted': $localize`Alarm on its own again`, 'alarm-cause-over': $localize`Cause of the alarm over`, 'alarm-cause-back': $localize`Cause of the alarm back`,
  'alarm-resolved': $localize`Alarm resolved`,
};
/** Words of details that are no fact about the device. */
const BESIDE = new Set(['lifecycle', 'effective_time', 'plan', 'refused']);
const OVERTAKEN = 'overtaken ';
const CONTRADICTED = 'contradicted ';

/** Return what happened as a sentence, in the person's language and time zone. */
export function entryText(entry: Told): string {
  const said = new Map(entry.details.map(({ name, value }) => [name, value]));
  const of = (name: string): string => said.get(name) ?? '';
  if (entry.flags.includes('inferred')) {
    if (entry.kind === 'power-restored') return $localize`Power is back: the device was heard`;
    if (entry.kind === 'communication-established') return $localize`Communication is back: the device was heard`;
  }
  switch (entry.kind) {
    case 'first-heard': return $localize`First heard of`;
    case 'contact': return of('readings') ? $localize`Heard from, with ${whole(Number(of('readings')))}:count: readings` : $localize`Heard from`;
    case 'fell-silent': return of('silent_since') ? $localize`Silent since ${absolute(new Date(of('silent_since')))}:time:` : $localize`Has fallen silent`;
    case 'phase-lost': if (of('phase')) return named($localize`Phase ${of('phase')}:phase: lost`, entry); break;
    case 'phase-restored': if (of('phase')) return named($localize`Phase ${of('phase')}:phase: restored`, entry); break;
    case 'firmware-update-succeeded': if (of('firmware_version')) return named($localize`Firmware updated to ${of('firmware_version')}:version:`, entry); break;
    case 'lifecycle': return withWhy(`${factTitle('lifecycle')}: ${spoken(of('lifecycle'))}`, causeText(of('cause') || inBrackets(entry.summary)));
    case 'configured': return opened($localize`Configured`, [facts(entry.details, OVERTAKEN), late(entry.details)]);
    case 'shipped': return opened($localize`Named by a shipment file`, [facts(entry.details, CONTRADICTED), disbelieved(entry.details)]);
    case 'installed': return of('parent') ? $localize`Installed at usage point ${of('usage_point')}:place:, behind ${of('parent')}:device:` : $localize`Installed at usage point ${of('usage_point')}:place:`;
    case 'attached': return $localize`Behind ${of('parent')}:device:`;
    case 'detached': return $localize`No longer behind ${of('parent')}:device:`;
    case 'uninstalled': return of('usage_point') ? $localize`Removed from usage point ${of('usage_point')}:place:` : $localize`Removed from its usage point`;
    case 'identified': return identified(entry.details, of('by'), of('reason'));
    case 'joined-into': return $localize`Joined into ${of('device_id')}:device:`;
    case 'device-joined': return $localize`${of('device_id')}:device: is this device`;
    case 'join-undone': return $localize`The join with ${of('device_id')}:device: is undone`;
    case 'change-planned': return plannedText(entry.details);
    case 'plan-withdrawn': return $localize`Called off: ${plannedText(entry.details)}:what:`;
    case 'plan-carried-out': return of('refused') ? $localize`Cannot be done as planned (${of('refused')}:why:): ${plan(entry.details)}:what:` : $localize`As planned: ${plan(entry.details)}:what:`;
  }
  const reported = REPORTED[entry.kind];
  if (reported) return named(reported, entry);
  const order = ORDERS[entry.kind];
  if (order) return withWhy(opened(order, [of('action') || of('code_name') || (entry.code ?? '')]), of('reason'));
  const deed = DEEDS[entry.kind];
  if (deed) return opened(of('username') ? $localize`${deed}:deed: by ${of('username')}:person:` : deed, [alarmText(of('alarm')).text || ruleText(of('rule'))]);
  return entry.summary;
}

/** Return what was announced for later, and for when. */
export function plannedText(details: readonly Detail[], at: string | null = null): string {
  const when = at ?? details.find(({ name }) => name === 'effective_time')?.value;
  return when ? $localize`Planned for ${absolute(new Date(when))}:time:: ${plan(details)}:what:` : plan(details);
}

/** Return the value of a detail as people read it. */
export function detailValue({ name, value }: Detail): string {
  if (name === 'lifecycle' || name === 'switch') return spoken(value);
  if (name === 'cause' || name === 'why') return causeText(value);
  if (name === 'alarm') return alarmText(value).text;
  return asTime(value);
}

/** Return the title of a detail as people read it. */
export function detailTitle(name: string): string {
  if (name.startsWith(OVERTAKEN)) return $localize`${factTitle(name.slice(OVERTAKEN.length))}:fact: (came too late)`;
  if (name.startsWith(CONTRADICTED)) return $localize`${factTitle(name.slice(CONTRADICTED.length))}:fact: (not believed)`;
  return factTitle(name);
}

function plan(details: readonly Detail[]): string {
  const kind = details.find(({ name }) => name === 'plan')?.value;
  const lifecycle = details.filter(({ name }) => name === 'lifecycle').map(fact);
  const what = [...lifecycle, facts(details, '')].filter(Boolean).join(', ');
  if (kind === 'link') return $localize`linked to ${what}:what:`;
  if (kind === 'unlink') return $localize`unlinked from ${what}:what:`;
  return what;
}

function facts(details: readonly Detail[], except: string): string {
  return details.filter(({ name, value }) => value && !BESIDE.has(name) && !(except && name.startsWith(except))).map(fact).join(', ');
}

function fact(detail: Detail): string {
  return `${factTitle(detail.name)} ${detailValue(detail)}`;
}

function late(details: readonly Detail[]): string {
  const words = titles(details, OVERTAKEN);
  return words && $localize`came too late: ${words}:facts:`;
}

function disbelieved(details: readonly Detail[]): string {
  const words = titles(details, CONTRADICTED);
  return words && $localize`says otherwise, and is not believed: ${words}:facts:`;
}

function titles(details: readonly Detail[], beginning: string): string {
  return details.filter(({ name }) => name.startsWith(beginning)).map(({ name }) => factTitle(name.slice(beginning.length))).join(', ');
}

function identified(details: readonly Detail[], by: string, reason: string): string {
  const names = details.filter(({ name }) => name !== 'by' && name !== 'reason').map(({ name, value }) => `${name === 'name' ? schemeTitle('') : factTitle(name)} ${value}`).join(', ');
  return by ? $localize`Known as ${names}:names:, says ${by}:person:: ${reason}:reason:` : $localize`Known as ${names}:names:`;
}

/** An event is told with its readable name, which no detail holds; else with its number. */
function named(sentence: string, { summary, code }: Told): string {
  return withWhy(sentence, inBrackets(summary) || (code ?? ''));
}

function withWhy(sentence: string, why: string): string {
  return why ? `${sentence} (${why})` : sentence;
}

function opened(opening: string, parts: readonly string[]): string {
  const said = parts.filter(Boolean).join('; ');
  return said ? `${opening}: ${said}` : opening;
}

function inBrackets(summary: string): string {
  return /\(([^()]*)\)$/.exec(summary)?.[1] ?? '';
}
