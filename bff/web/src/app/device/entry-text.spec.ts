import { detailTitle, detailValue, entryText, plannedText } from './entry-text';
import type { Told } from './entry-text';
import { OWN_ZONE, showZone } from '../parts/zone';

function entry(kind: string, details: Readonly<Record<string, string>> = {}, more: Partial<Told> = {}): Told {
  return { kind, code: null, summary: 'as the hub says it', flags: [], details: Object.entries(details).map(([name, value]) => ({ name, value })), ...more };
}

describe('an entry of a timeline as a sentence', () => {
  test.each([
    [entry('power-lost', {}, { summary: 'Power lost (ElectricMeter.Power.NA.Failed)', code: '3.26.0.85' }), 'Power lost (ElectricMeter.Power.NA.Failed)'],
    [entry('power-lost', {}, { summary: 'Power lost', code: '3.26.0.85' }), 'Power lost (3.26.0.85)'],
    [entry('power-restored', {}, { flags: ['inferred'] }), 'Power is back: the device was heard'],
    [entry('phase-lost', { phase: 'B' }, { summary: 'Phase B lost (3.26.134.85)' }), 'Phase B lost (3.26.134.85)'],
    [entry('firmware-update-succeeded', { firmware_version: '1.5 (beta)' }, { summary: 'Firmware updated to 1.5 (beta) (3.11.83.58)' }), 'Firmware updated to 1.5 (beta) (3.11.83.58)'],
    [entry('contact', { readings: '1200' }), 'Heard from, with 1,200 readings'],
    [entry('lifecycle', { lifecycle: 'IN_OPERATION', cause: 'inferred from contact' }), 'Lifecycle: In operation (inferred from contact)'],
    [entry('lifecycle', { lifecycle: 'IN_OPERATION' }, { summary: 'Now in operation (MeterConfig)' }), 'Lifecycle: In operation (MeterConfig)'],
    [entry('configured', { lifecycle: 'IN_OPERATION', serial_number: '1ISK1', 'overtaken model': 'E350' }), 'Configured: Serial number 1ISK1; came too late: Model'],
    [entry('shipped', { lot_number: '7', 'contradicted model': 'E350' }), 'Named by a shipment file: Lot 7; says otherwise, and is not believed: Model'],
    [entry('installed', { usage_point: 'UP-7', area: 'North 4', parent: 'DC-1' }), 'Installed at usage point UP-7, behind DC-1'],
    [entry('identified', { serial_number: '1, 2', by: 'ingrid', reason: 'typo' }), 'Known as Serial number 1, 2, says ingrid: typo'],
    [entry('control-failed', { action: 'disconnect', reason: 'no answer' }), 'Order failed: disconnect (no answer)'],
    [entry('alarm-assigned', { username: 'anna', alarm: 'tamper is DETECTED (3.12.66.257)', rule: 'tamper' }), 'Alarm assigned by anna: Tamper: Detected'],
    [entry('alarm-opened', { rule: 'event-storm' }), 'Alarm opened: Event storm'],
    [entry('a-kind-of-tomorrow'), 'as the hub says it'],
  ])('%o', (told, text) => expect(entryText(told)).toBe(text));

  test('tells times in the zone that is shown', () => {
    showZone('Europe/Zurich');
    expect(entryText(entry('fell-silent', { silent_since: '2026-03-01T10:00:00+00:00' }))).toMatch(/^Silent since .*11:00:00.*\(GMT\+1\)$/);
    expect(plannedText([{ name: 'lifecycle', value: 'REMOVED' }, { name: 'plan', value: 'configuration' }], '2027-01-01T00:00:00Z')).toMatch(/^Planned for .*2027.*: Lifecycle Removed$/);
    expect(entryText(entry('plan-carried-out', { plan: 'unlink', usage_point: 'UP-7', effective_time: '2027-01-01T00:00:00Z' }))).toBe('As planned: unlinked from Usage point UP-7');
    showZone(OWN_ZONE);
  });
});

describe('a detail of an entry', () => {
  test('has a title and a value as people read them', () => {
    expect(detailTitle('names/meterNumber')).toBe('meter number');
    expect(detailTitle('overtaken firmware_version')).toBe('Firmware (came too late)');
    expect(detailTitle('volts')).toBe('volts');
    expect(detailValue({ name: 'lifecycle', value: 'IN_OPERATION' })).toBe('In operation');
    expect(detailValue({ name: 'volts', value: '2.9' })).toBe('2.9');
  });
});
