import { TestBed } from '@angular/core/testing';

import { SERVER } from '../graph/server';
import { Session } from '../session/session';
import { AlarmChips } from './alarm-chips';
import { NO_FILTER } from './alarm-filter';
import type { AlarmFilter } from './alarm-filter';

const FILTER: AlarmFilter = { ...NO_FILTER, severities: ['CRITICAL', 'MAJOR'], areas: ['Nord'], mine: true, withSnoozed: true };

/** Show the chips of `FILTER` before a bff that counts `without` and `present` by severity; return what was asked, too. */
async function chips(without: number[], present: number[]): Promise<{ asked: object[]; changed: AlarmFilter[]; buttons: () => HTMLButtonElement[]; said: (at: number) => Promise<string> }> {
  const asked: object[] = [];
  const answer = async (path: string, request?: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (path === '/page/session') return Response.json({ username: 'anna', roles: [], networks: ['*'], expiresAt: '', csrfToken: 'first' });
    asked.push(JSON.parse(String(request?.body)).variables);
    const counts = (all: number[]): object[] => all.map((alarmCount) => ({ alarmCount }));
    return Response.json({ data: { without: counts(without), present: counts(present) } });
  };
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: answer }] });
  await TestBed.inject(Session).begin();
  const fixture = TestBed.createComponent(AlarmChips);
  fixture.componentRef.setInput('filter', FILTER);
  const changed: AlarmFilter[] = [];
  fixture.componentInstance.changed.subscribe((filter) => changed.push(filter));
  await fixture.whenStable();
  const element: HTMLElement = fixture.nativeElement;
  const buttons = (): HTMLButtonElement[] => [...element.querySelectorAll('button')];
  const said = async (at: number): Promise<string> => {
    buttons()[at]?.dispatchEvent(new Event('focus'));
    await fixture.whenStable();
    return element.querySelector('[role=status]')?.textContent?.trim() ?? '';
  };
  return { asked, changed, buttons, said };
}

describe('the chips of alarms', () => {
  test('are the conditions, and what each holds back is counted when somebody looks', async () => {
    const { asked, buttons, said } = await chips([7, 12], [2, 3]);
    expect(buttons().map((one) => one.querySelector('.text')?.textContent)).toEqual(['Severity: Critical or Major', 'Area: Nord', 'assigned to me', undefined]);
    expect(asked).toEqual([]);
    expect(await said(2)).toBe('Take this condition away: 14 alarms more');
    const conditions = { withSnoozed: true, severities: ['CRITICAL', 'MAJOR'], areas: ['Nord'] };
    expect(asked).toEqual([{ without: conditions, present: { ...conditions, assignees: ['anna'] } }]);
  });

  test('promise no difference of what was not counted to the end', async () => {
    const { said } = await chips([1_000, 4], [2, 3]);
    expect(await said(1)).toBe('Take this condition away: 1,004 alarms in all, or more');
  });

  test('go one by one, or all together; alarms that sleep stay shown', async () => {
    const { changed, buttons } = await chips([], []);
    buttons()[1]?.click();
    buttons()[3]?.click();
    expect(changed).toEqual([{ ...FILTER, areas: [] }, { ...NO_FILTER, withSnoozed: true }]);
  });
});
