import { jobActionOf } from './alarm-change';

describe('a change of alarms', () => {
  test('is the same when a job makes it', () => {
    const until = '2026-12-01T08:00:00Z';
    expect(jobActionOf({ action: 'snooze', comment: 'rain', assignee: '', until })).toEqual({ kind: 'SNOOZE_ALARMS', comment: 'rain', until });
    expect(jobActionOf({ action: 'assign', comment: '', assignee: 'victor', until: null })).toEqual({ kind: 'ASSIGN_ALARMS', comment: '', assignee: 'victor' });
  });
});
