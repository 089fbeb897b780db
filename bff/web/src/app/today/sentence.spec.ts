import { countOf, parkSentence } from './sentence';
import type { Count } from './sentence';

const CALM: readonly Count[] = [{ dimension: 'LIFECYCLE', value: 'IN_OPERATION', deviceCount: 9_990 }];
const off = (deviceCount: number): Count => ({ dimension: 'POWER', value: 'OFF', deviceCount });
const lost = (deviceCount: number): Count => ({ dimension: 'COMMUNICATION', value: 'LOST', deviceCount });

describe('the sentence about the park', () => {
  test('says that there is no device rather than that all is well', () => {
    expect(parkSentence(0, [], [], false)).toBe('The park is empty: no device has been heard of yet.');
  });

  test('of a calm park says how many meters work, and rounds none away', () => {
    expect(parkSentence(10_000, CALM, [], false)).toBe('All is calm: >99 % of 10,000 meters are in operation, and nothing needs attention.');
  });

  test('names the worst first', () => {
    const text = parkSentence(10_000, [...CALM, off(1), lost(12)], ['CRITICAL', 'MAJOR', 'CRITICAL', null], false);
    expect(text).toBe('2 critical alarms, one meter without power, and 12 silent meters; >99 % of 10,000 meters are in operation.');
  });

  test('says "at least" while there are more alarms than were read', () => {
    expect(parkSentence(10_000, CALM, ['CRITICAL'], true)).toMatch(/^At least 1 critical alarms;/);
  });

  test('counts what is not listed as none', () => {
    expect(countOf(CALM, 'POWER', 'OFF')).toBe(0);
  });
});
