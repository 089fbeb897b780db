import { alarmText, ruleText } from './alarm-words';

describe('the name of a rule', () => {
  test.each([['tamper-detected', 'Tamper detected'], ['error-state', 'Error state'], ['our-own-rule', 'Our own rule'], ['constructor', 'Constructor']])('%s is read as "%s"', (rule, text) => {
    expect(ruleText(rule)).toBe(text);
  });
});

describe('why an alarm was raised', () => {
  test.each([
    ['tamper is DETECTED (3.12.66.257)', 'Tamper: Detected', '3.12.66.257'],
    ['lifecycle is POOR_COMMUNICATION (inferred from silence)', 'Lifecycle: Poor communication', 'inferred from silence'],
    ['power is OFF', 'Power: Off', ''],
    ['more than 1000 changes within 60 s', 'More than 1,000 changes within 60 s', ''],
    ['power-off: 1,200 devices or more within 300 s', 'Power off: 1,200 devices or more within 300 s', ''],
    ['weather is BAD (3.1)', 'weather is BAD (3.1)', ''],
    ['', '', ''],
  ])('"%s" is read as "%s"', (summary, text, code) => {
    expect(alarmText(summary)).toEqual({ text, code });
  });
});
