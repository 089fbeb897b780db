import type { WholeDeviceFragment } from '../graph/generated';
import { differenceCount, factsOf, grouped } from './facts';
import type { FactGroup } from './facts';

function device(said: Partial<WholeDeviceFragment>): WholeDeviceFragment {
  return { serialNumber: '1ISK1', identifiers: [], names: [], lifeDates: [], latitude: null, longitude: null, ...said } as WholeDeviceFragment;
}

function read(groups: readonly FactGroup[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(groups.map(({ title, facts }) => [title, facts.map(({ name, value, other }) => `${name}: ${value}${other ? ` ≠ ${other.value}` : ''}`)]));
}

describe('what is known of a device', () => {
  test('is told in groups; what is not known is left out, with its group', () => {
    const facts = factsOf(device({ model: 'E450', seals: 'A17 locked', phaseCount: '3', moduleModel: '', latitude: 47.3769, longitude: 8.5417 }));
    expect(read(facts)).toEqual({
      Identity: ['Serial number: 1ISK1', 'Model: E450'],
      Place: ['Coordinates: 47.37690, 8.54170'],
      'Ratings and seals': ['Phases: 3', 'Seals: A17 locked'],
    });
    expect(differenceCount(facts)).toBe(0);
  });

  test('beside another state says of each fact what differs, also of one that only the other has', () => {
    const facts = grouped(device({ usagePoint: 'CH-1', firmwareVersion: '4.0' }), device({ usagePoint: 'CH-2', area: 'Seefeld', firmwareVersion: '4.0' }));
    expect(read(facts)).toEqual({
      Identity: ['Serial number: 1ISK1'],
      Place: ['Usage point: CH-1 ≠ CH-2', 'Area: null ≠ Seefeld'],
      'Firmware and configuration': ['Firmware: 4.0'],
    });
    expect(differenceCount(facts)).toBe(2);
  });

  test('names of one kind stand in one line, and what is shown already is no further name', () => {
    const facts = factsOf(device({
      names: [{ name: 'Inventory', value: 'I-1' }, { name: 'Inventory', value: 'I-2' }],
      identifiers: [{ scheme: 'name/SerialNumber', value: '1ISK1' }, { scheme: '', value: 'E-7' }, { scheme: 'name/Inventory', value: 'I-1' }],
    } as Partial<WholeDeviceFragment>));
    expect(read(facts)['Other names']).toEqual(['Inventory: I-1, I-2', 'also called: E-7']);
  });
});
