import { toneOf } from './state-mark';
import { spoken } from './words';

describe('a word of the contract', () => {
  test('is said as people say it', () => {
    expect([spoken('IN_OPERATION'), spoken('INVENTORY'), spoken('LOST')]).toEqual(['In operation', 'In stock', 'Lost']);
  });

  test('that is new is read as it is', () => {
    expect(spoken('SEAL_BROKEN_TWICE')).toBe('Seal broken twice');
    expect(spoken('')).toBe('');
    expect([spoken('constructor'), toneOf('constructor')]).toEqual(['Constructor', 'off']);
  });

  test('is judged only where its meaning is known', () => {
    expect([toneOf('OFF'), toneOf('ON'), toneOf('SEAL_BROKEN_TWICE')]).toEqual(['bad', 'good', 'off']);
  });
});
