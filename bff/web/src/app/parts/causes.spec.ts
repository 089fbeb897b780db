import { causeText } from './causes';

describe('why something is as it is', () => {
  test.each([
    ['inferred from contact', 'inferred from contact'],
    ['alarm north/4711 is acknowledged already', 'The alarm is acknowledged already'],
    ['alarm north/4711 is resolved', 'The alarm is resolved already'],
    ['is assigned to anna already', 'The alarm is assigned to anna already'],
    ['it would carry 51 tags, 50 at most', 'It would carry more than 50 tags'],
    ['1200 alarms', '1,200 alarms'],
    ['3.26.0.85', '3.26.0.85'],
    ['constructor', 'constructor'],
    [null, ''],
  ])('%o is read as "%s"', (cause, text) => expect(causeText(cause)).toBe(text));
});
