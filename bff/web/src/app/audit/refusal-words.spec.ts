import { refusalOf } from './refusal-words';

describe('why a deed was refused', () => {
  test('is told by the word of the contract, with what the service said', () => {
    expect(refusalOf({ detail: 'a device cannot be joined into itself', refusalReason: 'JOIN_REFUSED' }))
      .toEqual({ text: 'These devices cannot be joined, or not be taken apart', asSaid: 'a device cannot be joined into itself' });
  });

  test('is told in one sentence where the page knows all of it', () => {
    expect(refusalOf({ detail: 'alarm north/a is resolved', refusalReason: 'ALARM_STATE_REFUSED' })).toEqual({ text: 'The alarm is resolved already', asSaid: '' });
  });

  test.each([['a word of a later version', 'PAINT_MISSING'], ['a deed of an earlier version', null]])('is told as it was said: %s', (detail, refusalReason) => {
    expect(refusalOf({ detail, refusalReason })).toEqual({ text: '', asSaid: detail });
  });

  test('is nothing where nothing was refused', () => expect(refusalOf({ detail: null, refusalReason: null })).toBeNull());
});
