import { TestBed } from '@angular/core/testing';

import { SERVER } from '../graph/server';
import { Session } from '../session/session';
import { Preferences } from './preferences';

/** Open the page as somebody; null: before it is known who is there. */
async function as(username: string | null): Promise<Preferences> {
  TestBed.resetTestingModule();
  const answer = async (): Promise<Response> => Promise.resolve(Response.json({ username, roles: [], networks: [], expiresAt: '', csrfToken: '' }));
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: answer }] });
  if (username !== null) await TestBed.inject(Session).begin();
  return TestBed.inject(Preferences);
}

describe('what a person chose', () => {
  beforeEach(() => { localStorage.clear(); });

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
