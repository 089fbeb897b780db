import { alarmInput, alarmParameters, readAlarmFilter, without } from './alarm-filter';
import type { AlarmFilter } from './alarm-filter';

const FULL: AlarmFilter = { severities: ['CRITICAL', 'MAJOR'], states: ['OPEN'], areas: ['Nord'], rules: ['power-lost'], device: 'north/1', mine: true, withSnoozed: true };

describe('the filter of alarms', () => {
  test('is the same after its way through the address', () => {
    const query = new URLSearchParams();
    for (const [name, said] of Object.entries(alarmParameters(FULL))) for (const value of said === null ? [] : [said].flat()) query.append(name, value);
    expect(readAlarmFilter(query)).toEqual(FULL);
  });

  test('leaves out words that are no severity and no state', () => {
    const read = readAlarmFilter(new URLSearchParams('severity=URGENT&state=open&state=RESOLVED&mine=1&rule=DROP+TABLE&device=1'));
    expect(read).toEqual({ severities: [], states: ['RESOLVED'], areas: [], rules: [], device: '', mine: false, withSnoozed: false });
  });

  test('asks for the own alarms by the name of who is logged in', () => {
    expect(alarmInput(FULL, 'anna').assignees).toEqual(['anna']);
    expect(alarmInput({ ...FULL, mine: false }, 'anna').assignees).toBeUndefined();
  });

  test('gains a word by a click, and loses it by the next', () => {
    expect(without(without(['OPEN'], 'RESOLVED'), 'OPEN')).toEqual(['RESOLVED']);
  });
});
