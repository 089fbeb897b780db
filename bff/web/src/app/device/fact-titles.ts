import type { WholeDeviceFragment } from '../graph/generated';

type TextField = { [Name in keyof WholeDeviceFragment]: WholeDeviceFragment[Name] extends string | null ? Name : never }[keyof WholeDeviceFragment];

/** What can be known of a device, in the order in which it is shown: the graph's field and its title. */
export const FACT_GROUPS: readonly [string, readonly [TextField, string][]][] = [
  [$localize`Identity`, [
    ['serialNumber', $localize`Serial number`], ['utilityNumber', $localize`Utility number`], ['mrid', $localize`mRID`],
    ['manufacturer', $localize`Manufacturer`], ['model', $localize`Model`], ['modelVersion', $localize`Model version`], ['deviceType', $localize`Type`],
    ['hardwareVersion', $localize`Hardware`], ['lotNumber', $localize`Lot`], ['formNumber', $localize`Form`], ['amrSystem', $localize`AMR system`],
  ]],
  [$localize`Place`, [
    ['usagePoint', $localize`Usage point`], ['area', $localize`Area`], ['streetAddress', $localize`Address`], ['connectionState', $localize`Connection`],
    ['gridPosition', $localize`Grid position`], ['altitude', $localize`Altitude`], ['timeZone', $localize`Time zone`],
  ]],
  [$localize`Firmware and configuration`, [
    ['firmwareVersion', $localize`Firmware`], ['configurationId', $localize`Configuration`], ['programId', $localize`Program`], ['capabilities', $localize`Capabilities`],
    ['status', $localize`Status`], ['statusReason', $localize`Reason of the status`], ['statusRemark', $localize`Remark`],
    ['changeReason', $localize`Reason of the last change`], ['changeRemark', $localize`Remark of the last change`], ['changeAuthor', $localize`Changed by`],
  ]],
  [$localize`Communication`, [
    ['communicationTechnology', $localize`Technology`], ['communicationAddress', $localize`Address`], ['macAddress', 'MAC'], ['radioAddress', $localize`Radio`],
    ['ipAddress', 'IP'], ['phoneNumber', $localize`Phone`], ['iccid', 'ICCID'], ['imsi', 'IMSI'], ['imei', 'IMEI'],
  ]],
  [$localize`Communication module`, [
    ['moduleManufacturer', $localize`Module by`], ['moduleModel', $localize`Module`], ['moduleSerialNumber', $localize`Serial number of the module`],
    ['moduleFirmwareVersion', $localize`Firmware of the module`], ['moduleHardwareVersion', $localize`Hardware of the module`],
  ]],
  [$localize`Ratings and seals`, [
    ['ratedCurrent', $localize`Current`], ['ratedVoltage', $localize`Voltage`], ['phaseCount', $localize`Phases`], ['phaseCode', $localize`Phases connected`],
    ['multipliers', $localize`Multipliers`], ['switchArmState', $localize`Switch armed for`], ['switchOperationCount', $localize`Switch operations`], ['seals', $localize`Seals`],
  ]],
];

/** Return "serialNumber" as "serial_number". */
export function wordOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What entries of a timeline say beside what a device is, by the word of their details. */
const OTHERS: Readonly<Record<string, string>> = {
  parent: $localize`Behind`, parent_id: $localize`Behind`, latitude: $localize`Latitude`, longitude: $localize`Longitude`,
  lifecycle: $localize`Lifecycle`, switch: $localize`Switch`, cause: $localize`Cause`, phase: $localize`Phase`, readings: $localize`Readings`, silent_since: $localize`Silent since`,
  severity: $localize`Severity`, reason: $localize`Reason`, remark: $localize`Remark`, author: $localize`Author`, by: $localize`By`, comment: $localize`Comment`,
  event_mrid: $localize`mRID of the event`, control_mrid: $localize`mRID of the order`, issuer_tracking_id: $localize`Tracking number of the issuer`, code_name: $localize`Name of the code`,
  action: $localize`Order`, stated_time: $localize`Stated time`, effective_time: $localize`From when`, plan: $localize`Kind`, refused: $localize`Not possible`, device_id: $localize`Other device`,
  file_name: $localize`File name`, expected_count: $localize`Expected number`, selection: $localize`Selection`, text: $localize`Text`, name: $localize`Name`, tags: $localize`Tags`,
  alarm_selection: $localize`Selection`, until_time: $localize`Until`, view: $localize`Saved view`, etag: $localize`Version`, all_open: $localize`All that are open`,
  assigned_device_id: $localize`Device that it names`, kept_device_id: $localize`Device that stays`, joined_device_id: $localize`Device that is joined`,
  alarm: $localize`Alarm`, alarm_id: $localize`Number of the alarm`, rule: $localize`Rule`, username: $localize`Person`, assignee: $localize`Assigned to`, until: $localize`Until`, why: $localize`Why`, area_alarm: $localize`Alarm of the area`,
};
const TITLES: ReadonlyMap<string, string> = new Map([...FACT_GROUPS.flatMap(([, fields]) => fields.map(([field, title]) => [wordOf(field), title] as const)), ...Object.entries(OTHERS)]);

/** Return the journal's word "serial_number" as people read it. What a message says in words of its own is read as it is. */
export function factTitle(word: string): string {
  return TITLES.get(word) ?? words(word.replace(/^(names?|life_dates)\//, ''));
}

export function schemeTitle(scheme: string): string {
  return scheme ? words(scheme.replace(/^name\//, '')) : $localize`also called`;
}

/** Return "installationDate" as "installation date". */
export function words(name: string): string {
  return name.replaceAll('_', ' ').replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
}
