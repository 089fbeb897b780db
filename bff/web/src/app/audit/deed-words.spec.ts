import { deedSummary, deedWords } from './deed-words';

describe('what somebody did', () => {
  test('is told in words, a new kind as it is', () => {
    expect(deedWords('assign-alarm')).toBe('assigned an alarm');
    expect(deedWords('paint-device')).toBe('paint device');
  });

  test.each([
    ['Tag 1,204 devices with exchange-2027', 'Tag 1,204 devices with exchange-2027'],
    ['Tag 1 device with a, remove b, c from them', 'Tag 1 device with a, and take b, c away'],
    ['Remove old from 2 devices', 'Take old away from 2 devices'],
    ['Mark 3 devices for exchange: seal broken', 'Mark 3 devices for exchange: seal broken'],
    ['Acknowledge all alarms of 5 devices', 'Acknowledge the open alarms of 5 devices'],
    ['Assign alarms (tamper) of 5 devices to anna', 'Assign the alarms of 5 devices to anna'],
    ['Resolve 1 alarm', 'Resolve 1 alarm'],
    ['Assign 2 alarms to anna', 'Assign 2 alarms to anna'],
    ['Snooze 2 alarms until 2026-03-01 10:00 UTC', 'Snooze 2 alarms'],
    ['north/1 into north/2', 'north/1 into north/2'],
    ['2,000 messages', '2,000 messages'],
    ['tamper is DETECTED (3.12.43.257)', 'Tamper: Detected (3.12.43.257)'],
    ['delivery-march.csv', 'delivery-march.csv'],
  ])('"%s" is read as "%s"', (summary, text) => expect(deedSummary(summary)).toBe(text));
});
