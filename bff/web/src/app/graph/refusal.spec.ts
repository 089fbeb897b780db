import { refusalText } from './refusal';

describe('why a change was not made', () => {
  test.each([
    [{ __typename: 'AlarmUnknown', message: 'no such alarm' }, 'This alarm is not there any more.'],
    [{ __typename: 'AlarmStateRefused', message: 'alarm north/7 is acknowledged already' }, 'The alarm is acknowledged already'],
    [{ __typename: 'NotAllowed', message: 'asset-manager is needed' }, 'Your role does not allow this: asset-manager is needed'],
    [{ __typename: 'ArgumentInvalid', message: 'until: too late' }, 'This was not accepted: until: too late'],
    [{ __typename: 'Tomorrows' }, 'This was not accepted.'],
  ])('%o', (answer, text) => expect(refusalText(answer)).toBe(text));
});
