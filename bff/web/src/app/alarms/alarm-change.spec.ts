import { RequestIds, jobActionOf } from './alarm-change';

describe('a change of alarms', () => {
  test('has one id for each thing that is asked, however often it is', () => {
    const ids = new RequestIds();
    const asked = { alarmId: 'north/1', comment: 'seen' };
    expect(ids.of(asked)).toBe(ids.of({ ...asked }));
    expect(ids.of({ ...asked, comment: 'seen twice' })).not.toBe(ids.of(asked));
  });

  test('is the same when a job makes it', () => {
    const until = '2026-12-01T08:00:00Z';
    expect(jobActionOf({ action: 'snooze', comment: 'rain', assignee: '', until })).toEqual({ kind: 'SNOOZE_ALARMS', comment: 'rain', until });
    expect(jobActionOf({ action: 'assign', comment: '', assignee: 'victor', until: null })).toEqual({ kind: 'ASSIGN_ALARMS', comment: '', assignee: 'victor' });
  });
});
