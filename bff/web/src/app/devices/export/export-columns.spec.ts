import { COLUMNS, chosenColumns } from '../columns';
import { exportColumns } from './export-columns';

describe('the columns of a file', () => {
  it('name the device first, and say since when a state is so', () => {
    expect(exportColumns(chosenColumns('power,lastContactAt'))).toEqual(['device_id', 'serial_number', 'network', 'device_identifier', 'power', 'power.as_of_time', 'last_contact_time']);
  });

  it('are no more than the register gives, and none twice', () => {
    const all = exportColumns(COLUMNS);
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeLessThanOrEqual(40);
    expect(all).toContain('usage_point');
  });
});
