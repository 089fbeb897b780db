import { ALARMS_COUNTED, countOf, intakeSentence, parkSentence } from './sentence';
import type { Count } from './sentence';

const NOTHING = { stuck: 0, intake: [] };
const CALM: readonly Count[] = [{ dimension: 'LIFECYCLE', value: 'IN_OPERATION', deviceCount: 9_990 }];
const off = (deviceCount: number): Count => ({ dimension: 'POWER', value: 'OFF', deviceCount });
const lost = (deviceCount: number): Count => ({ dimension: 'COMMUNICATION', value: 'LOST', deviceCount });

describe('the sentence about the park', () => {
  test('says that there is no device rather than that all is well', () => {
    expect(parkSentence(0, [], 0, NOTHING)).toBe('The park is empty: no device has been heard of yet.');
  });

  test('of a calm park says how many meters work, and rounds none away', () => {
    expect(parkSentence(10_000, CALM, 0, NOTHING)).toBe('All is calm: >99 % of 10,000 meters are in operation, and nothing needs attention.');
  });

  test('names the worst first', () => {
    const text = parkSentence(10_000, [...CALM, off(1), lost(12)], 2, NOTHING);
    expect(text).toBe('2 critical alarms, one meter without power, and 12 silent meters; >99 % of 10,000 meters are in operation.');
  });

  test('says "at least" of as many alarms as are counted', () => {
    expect(parkSentence(10_000, CALM, ALARMS_COUNTED, NOTHING)).toMatch(/^At least 1,000 critical alarms;/);
  });

  test('speaks of meters that stick and of what comes in, after what is without power or silent', () => {
    const text = parkSentence(10_000, [...CALM, lost(1)], 0, { stuck: 3, intake: ['one feed without connection', 'one message that could not be read'] });
    expect(text).toBe('One silent meter, 3 meters that stick in a state, one feed without connection, and one message that could not be read; >99 % of 10,000 meters are in operation.');
  });

  test('is never calm while a message could not be read, also of an empty park', () => {
    expect(parkSentence(10_000, CALM, 0, { stuck: 0, intake: ['one message that could not be read'] })).toMatch(/^One message that could not be read;/);
    expect(parkSentence(0, [], 0, { stuck: 0, intake: ['one feed without connection'] })).toMatch(/heard of yet\. One feed without connection\.$/);
  });

  test('of the intake alone is empty when nothing needs attention', () => {
    expect(intakeSentence([])).toBe('');
    expect(intakeSentence(['one feed without connection'])).toBe('One feed without connection.');
  });

  test('counts what is not listed as none', () => {
    expect(countOf(CALM, 'POWER', 'OFF')).toBe(0);
  });
});
