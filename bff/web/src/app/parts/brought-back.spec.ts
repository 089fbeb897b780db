import { ALARMS, DEVICES, broughtBack } from './brought-back';

describe('what taking a condition away would bring back', () => {
  test.each([
    [1_500, 300, 'Take this condition away: 1,200 devices more'],
    [301, 300, 'Take this condition away: one device more'],
    [300, 300, 'Take this condition away: it holds nothing back'],
    [299, 300, 'Take this condition away: 299 devices in all'],
    [300, null, 'Take this condition away: 300 devices in all'],
  ])('is the difference, in words, and never less than nothing: %d without, %s with it', (without, present, words) => {
    expect(broughtBack({ without, present, cut: false }, DEVICES)).toBe(words);
  });

  test('is no difference when the register did not count all', () => {
    expect(broughtBack({ without: 1_004, present: 3, cut: true }, ALARMS)).toBe('Take this condition away: 1,004 alarms in all, or more');
  });
});
