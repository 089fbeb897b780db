import type { WholeDeviceFragment } from '../graph/generated';

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Numbers and addresses, which are read letter by letter. */
  readonly code: boolean;
}

export interface FactGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

type TextField = { [Name in keyof WholeDeviceFragment]: WholeDeviceFragment[Name] extends string | null ? Name : never }[keyof WholeDeviceFragment];

const GROUPS: readonly [string, readonly [TextField, string][]][] = [
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
    ['moduleManufacturer', $localize`Module by`], ['moduleModel', $localize`Module`], ['moduleSerialNumber', $localize`Serial number of the module`],
    ['moduleFirmwareVersion', $localize`Firmware of the module`], ['moduleHardwareVersion', $localize`Hardware of the module`],
  ]],
  [$localize`Ratings and seals`, [
    ['ratedCurrent', $localize`Current`], ['ratedVoltage', $localize`Voltage`], ['phaseCount', $localize`Phases`], ['phaseCode', $localize`Phases connected`],
    ['multipliers', $localize`Multipliers`], ['switchArmState', $localize`Switch armed for`], ['switchOperationCount', $localize`Switch operations`], ['seals', $localize`Seals`],
  ]],
];
const CODES: ReadonlySet<string> = new Set(['serialNumber', 'utilityNumber', 'mrid', 'usagePoint', 'macAddress', 'radioAddress', 'ipAddress', 'iccid', 'imsi', 'imei', 'moduleSerialNumber', 'communicationAddress', 'lotNumber']);

/** Return what is known of a device, in groups; what is not known is left out. */
export function factsOf(device: WholeDeviceFragment): readonly FactGroup[] {
  const groups = GROUPS.map(([title, fields]) => ({
    title,
    facts: fields.flatMap(([field, name]): Fact[] => {
      const value = device[field];
      return value ? [{ name, value, code: CODES.has(field) }] : [];
    }),
  }));
  const { latitude, longitude } = device;
  const place = groups[1];
  if (place && latitude !== null && longitude !== null) {
    place.facts.push({ name: $localize`Coordinates`, value: `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`, code: true });
  }
  groups.push({ title: $localize`Other names`, facts: device.names.map(({ name, value }) => ({ name, value, code: true })) });
  groups.push({ title: $localize`Dates of its life`, facts: device.lifeDates.map(({ name, value }) => ({ name, value, code: false })) });
  return groups.filter((group) => group.facts.length > 0);
}
