import { jobSentence } from './job-words';

describe('the sentence about a job', () => {
  test('on alarms counts alarms, not devices', () => {
    expect(jobSentence({ kind: 'ACKNOWLEDGE_ALARMS' }, 55, true)).toBe('Acknowledge 55 alarms');
    expect(jobSentence({ kind: 'ACKNOWLEDGE_ALARMS' }, 55)).toBe('Acknowledge the open alarms of 55 devices');
    expect(jobSentence(null, 2, true)).toBe('Work on 2 alarms');
  });

  test('of one says so', () => {
    expect(jobSentence({ kind: 'RESOLVE_ALARMS' }, 1, true)).toBe('Resolve 1 alarm');
    expect(jobSentence({ kind: 'UNMARK_FOR_EXCHANGE' }, 1)).toBe('Remove the exchange mark from 1 device');
  });

  test('says to whom alarms are given', () => {
    expect(jobSentence({ kind: 'ASSIGN_ALARMS', assignee: 'anna' }, 3, true)).toBe('Assign 3 alarms to anna');
  });

  test('with tags says which are added and which are taken away', () => {
    expect(jobSentence({ kind: 'TAG', addTags: ['old'], removeTags: ['new'] }, 2)).toBe('Tag 2 devices with old, and take new away');
  });
});
