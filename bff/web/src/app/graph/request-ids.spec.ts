import { RequestIds } from './request-ids';

describe('the id of a request', () => {
  test('is one for each thing that is asked, however often it is', () => {
    const ids = new RequestIds();
    const asked = { alarmId: 'north/1', comment: 'seen' };
    expect(ids.of(asked)).toBe(ids.of({ ...asked }));
    expect(ids.of({ ...asked, comment: 'seen twice' })).not.toBe(ids.of(asked));
  });

  test('is another one when the same is asked again after its answer', () => {
    const ids = new RequestIds();
    const asked = { text: 'The door code is 12' };
    const first = ids.of(asked);
    ids.answered({ ...asked });
    expect(ids.of(asked)).not.toBe(first);
  });
});
