import { TestBed } from '@angular/core/testing';

import { SERVER } from '../graph/server';
import { AlarmWork } from './alarm-work';

const CHANGE = { action: 'resolve', comment: '', assignee: '', until: null } as const;

/** The bff as this view sees it: it begins each job that is ordered, and keeps what was said of it. */
class Bff {
  readonly ordered: { expectedCount: number }[] = [];

  readonly answer = async (path: string, request?: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (path === '/page/session') return Response.json({ username: 'anna', roles: [], networks: ['*'], expiresAt: '', csrfToken: 'first' });
    this.ordered.push(JSON.parse(String(request?.body)).variables);
    return Response.json({ data: { createAlarmJob: { __typename: 'JobChanged', job: { jobId: 'job-1' } } } });
  };
}

function working(): { bff: Bff; work: AlarmWork } {
  const bff = new Bff();
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: bff.answer }] });
  return { bff, work: TestBed.inject(AlarmWork) };
}

describe('a change of many alarms', () => {
  test('is ordered for as many as the person has seen', async () => {
    const { bff, work } = working();
    expect(await work.changeMany({ filter: {} }, CHANGE, 12, 'r1')).toBe('job-1');
    expect(bff.ordered).toMatchObject([{ expectedCount: 12, requestId: 'r1' }]);
  });

  // For the register 0 means "however many there are".
  test('is not ordered for none, nor before they are counted: it would be for any number', async () => {
    const { bff, work } = working();
    await expect(work.changeMany({ filter: {} }, CHANGE, 0, 'r1')).rejects.toMatchObject({ kind: 'refused' });
    await expect(work.changeMany({ filter: {} }, CHANGE, null, 'r2')).rejects.toMatchObject({ kind: 'refused' });
    expect(bff.ordered).toEqual([]);
  });
});
