import type { Column } from '../columns';

const OF_THE_DEVICE = ['device_id', 'serial_number', 'network', 'device_identifier'];
const NAMES: Readonly<Record<string, readonly string[]>> = {
  device: OF_THE_DEVICE,
  network: ['network'], model: ['model'], manufacturer: ['manufacturer'], area: ['area'], usagePoint: ['usage_point'],
  communicationTechnology: ['communication_technology'], firmwareVersion: ['firmware_version'],
  lastContactAt: ['last_contact_time'], firstSeenAt: ['first_seen_time'], updatedAt: ['update_time'], tags: ['tags', 'exchange_reason'],
};

/** Return the columns of a file, by the register's names, for columns of the list: a state comes with since when it is so. */
export function exportColumns(columns: readonly Column[]): readonly string[] {
  return [...new Set([...OF_THE_DEVICE, ...columns.flatMap(({ name, kind }) => (kind === 'state' ? [name, `${name}.as_of_time`] : (NAMES[name] ?? [])))])];
}
