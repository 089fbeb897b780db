import { TestBed } from '@angular/core/testing';

import { SERVER } from '../graph/server';
import { Session } from '../session/session';
import { Preferences } from './preferences';

/** What the register keeps, by person and name; null: it is away. */
let kept: Record<string, Record<string, string>> | null = {};

/** Open the page as somebody; null: before it is known who is there. */
async function as(username: string | null): Promise<Preferences> {
  TestBed.resetTestingModule();
  const answer = async (path: string, request?: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (path === '/page/session') return Response.json({ username, roles: [], networks: [], expiresAt: '', csrfToken: '' });
    if (!kept) throw new TypeError('the connection was lost');
    const own = (kept[username ?? ''] ??= {});
    const { operationName, variables } = JSON.parse(String(request?.body));
    if (operationName === 'SetPreference') {
      own[variables.name] = variables.value;
      return Response.json({ data: { setPreference: { __typename: 'PreferenceSet' } } });
    }
    return Response.json({ data: { preferences: Object.entries(own).map(([name, value]) => ({ name, value })) } });
  };
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: answer }] });
  if (username !== null) await TestBed.inject(Session).begin();
  return TestBed.inject(Preferences);
}

describe('what a person chose', () => {
  beforeEach(() => {
    localStorage.clear();
    kept = {};
  });

  test('follows them to another browser, but for the theme', async () => {
    const here = await as('anna');
    here.setDensity('comfortable');
    here.setColumns(['device', 'power']);
    here.setTheme('dark');
    await settled();
    expect(kept).toEqual({ anna: { density: 'comfortable', columns: 'device,power' } });
    localStorage.clear();
    const elsewhere = await as('anna');
    await settled();
    expect([elsewhere.density(), elsewhere.columns(), elsewhere.theme()]).toEqual(['comfortable', 'device,power', 'auto']);
  });

  test('stays as they chose it since, when the answer comes later', async () => {
    kept = { anna: { density: 'comfortable', 'page-size': '25' } };
    const anna = await as('anna');
    anna.setPageSize('100');
    await settled();
    expect([anna.density(), anna.pageSize()]).toEqual(['comfortable', 100]);
  });

  test('is what this browser knows while the register is away', async () => {
    (await as('anna')).setDensity('comfortable');
    kept = null;
    const again = await as('anna');
    again.setPageSize('25');
    await settled();
    expect([again.density(), again.pageSize()]).toEqual(['comfortable', 25]);
  });

  test('is there again after a reload, and is nobody else\'s', async () => {
    const before = await as('anna');
    before.setDensity('comfortable');
    before.setPageSize('100');
    before.setColumns(['device', 'power']);
    expect(before.density()).toBe('comfortable');
    const again = await as('anna');
    expect([again.density(), again.pageSize(), again.columns()]).toEqual(['comfortable', 100, 'device,power']);
    const other = await as('victor');
    expect([other.density(), other.pageSize(), other.columns()]).toEqual(['dense', 50, null]);
  });

  test('is how the page looks until it is known who is there', async () => {
    (await as('anna')).setTheme('dark');
    expect((await as(null)).theme()).toBe('dark');
    expect((await as('victor')).theme()).toBe('auto');
  });

  test('is the usual one when what is kept is no choice any more', async () => {
    localStorage.setItem('meterpark.anna/density', 'cosy');
    localStorage.setItem('meterpark.anna/page-size', '1000000');
    const anna = await as('anna');
    expect([anna.density(), anna.pageSize()]).toEqual(['dense', 50]);
  });
});

/** Return when what was asked is answered and taken up. */
async function settled(): Promise<void> {
  TestBed.tick();
  await new Promise((resolve) => { setTimeout(resolve); });
}
