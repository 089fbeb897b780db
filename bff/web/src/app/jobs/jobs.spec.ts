import { TestBed } from '@angular/core/testing';
import { provideRouter } from '@angular/router';

import { SERVER } from '../graph/server';
import { Jobs } from './jobs';

interface Asked {
  readonly states: readonly string[];
  readonly after: string | null;
  answer(ids: readonly string[], next?: string): void;
}

/** The register's list of jobs; each answer comes when the test says so. */
class Register {
  readonly asked: Asked[] = [];

  readonly answer = async (path: string, request?: RequestInit): Promise<Response> => {
    if (path === '/page/session') return Response.json({ username: 'anna', roles: [], networks: ['*'], expiresAt: '', csrfToken: 'first' });
    const { operationName, variables: { states, after } } = JSON.parse(String(request?.body));
    if (operationName === 'Preferences') return Response.json({ data: { preferences: [] } });
    return new Promise((resolve) => {
      this.asked.push({ states, after, answer: (ids, next) => {
        const edges = ids.map((jobId) => ({ node: { jobId, state: 'DONE', action: { kind: 'TAG', addTags: ['x'] }, ofAlarms: false, username: 'anna', createdAt: '2026-11-30T00:00:00Z', endedAt: null, totalCount: 1, pendingCount: 0, doneCount: 1, unchangedCount: 0, failedCount: 0, skippedCount: 0 } }));
        resolve(Response.json({ data: { jobs: { edges, pageInfo: { hasNextPage: next !== undefined, endCursor: next ?? null } } } }));
      } });
    });
  };
}

describe('the list of jobs', () => {
  test('shows each older job once, however often it is asked for them', async () => {
    const register = new Register();
    TestBed.configureTestingModule({ providers: [provideRouter([]), { provide: SERVER, useValue: register.answer }] });
    const fixture = TestBed.createComponent(Jobs);
    const view = fixture.nativeElement as HTMLElement;
    const links = (): string[] => Array.from(view.querySelectorAll('.what a'), (link) => link.getAttribute('href') ?? '');
    const until = async (is: () => boolean): Promise<void> => { await vi.waitUntil(() => { fixture.detectChanges(); return is(); }, { timeout: 10_000 }); };

    await until(() => register.asked.length === 1);
    register.asked[0]?.answer(['2'], 'after 2');
    await until(() => links().length === 1);
    const button = view.querySelector<HTMLButtonElement>('section > button');
    button?.click();
    button?.click();
    await until(() => register.asked.length > 1);
    for (const older of register.asked.slice(1)) older.answer(['1']);
    await until(() => links().length > 1);
    await fixture.whenStable();
    expect(links()).toEqual(['/jobs/2', '/jobs/1']);
    expect(register.asked).toHaveLength(2);
  });
});
