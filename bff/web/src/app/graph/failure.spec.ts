import { Failure, asFailure, failureOf, orNothing } from './failure';

describe('a failure', () => {
  test('is of the kind that the first error names', () => {
    const errors = [{ message: 'No.', extensions: { code: 'FORBIDDEN' } }, { message: 'Later.', extensions: { code: 'UNAVAILABLE' } }];
    expect(failureOf(errors, 200)).toMatchObject({ kind: 'not-allowed', message: 'No.' });
  });

  test.each([[502, 'away'], [503, 'away'], [500, 'defect'], [404, 'defect']])('of a bare answer %i is %s', (status, kind) => {
    expect(failureOf([], status).kind).toBe(kind);
  });

  test('that depends on no question is told in the language of the page', () => {
    expect(failureOf([{ message: 'the hub did not answer in time', extensions: { code: 'UNAVAILABLE' } }], 200).message).toBe('A part of the park does not answer at the moment.');
  });

  test('keeps for how long the server wants to be left alone', () => {
    expect(failureOf([{ message: 'Slower.', extensions: { code: 'TOO_MANY_REQUESTS' } }], 429, 7)).toMatchObject({ kind: 'too-often', retryAfterSeconds: 7 });
  });

  test('of a network that is away is told from a defect', () => {
    expect(asFailure(new TypeError('Failed to fetch')).kind).toBe('away');
    expect(asFailure(new Error('x is undefined')).kind).toBe('defect');
    const known = new Failure('refused', 'No such device.');
    expect(asFailure(known)).toBe(known);
  });

  test('that says that no such name can be is nothing found, and any other stays one', async () => {
    await expect(orNothing(Promise.reject(new Failure('refused', 'no id')))).resolves.toBeNull();
    await expect(orNothing(Promise.reject(new Failure('away', 'gone')))).rejects.toMatchObject({ kind: 'away' });
    await expect(orNothing(Promise.resolve(7))).resolves.toBe(7);
  });
});
