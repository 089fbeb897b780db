import { TestBed } from '@angular/core/testing';
import type { ComponentFixture } from '@angular/core/testing';

import { SERVER } from '../../graph/server';
import { NO_FILTER } from './device-filter';
import type { DeviceFilter } from './device-filter';
import { FilterChips } from './filter-chips';

/** The bff as the chips see it: it keeps each filter that it counts, and counts 120 devices. */
class Bff {
  readonly counted: object[] = [];

  readonly answer = async (path: string, request?: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (path === '/page/session') return Response.json({ username: 'anna', roles: [], networks: ['*'], expiresAt: '', csrfToken: 'first' });
    this.counted.push(JSON.parse(String(request?.body)).variables.filter);
    return Response.json({ data: { deviceCounts: { totalCount: 120, counts: [], cutDimensions: [] } } });
  };
}

async function chips(filter: DeviceFilter): Promise<{ bff: Bff; fixture: ComponentFixture<FilterChips>; look: (at: number) => Promise<void>; said: () => string }> {
  const bff = new Bff();
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: bff.answer }] });
  const fixture = TestBed.createComponent(FilterChips);
  fixture.componentRef.setInput('filter', filter);
  fixture.componentRef.setInput('total', 20);
  await fixture.whenStable();
  const element: HTMLElement = fixture.nativeElement;
  return {
    bff,
    fixture,
    look: async (at) => {
      element.querySelectorAll('button')[at]?.dispatchEvent(new Event('focus'));
      await fixture.whenStable();
    },
    said: () => element.querySelector('[role=status]')?.textContent?.trim() ?? '',
  };
}

describe('the chips of a filter', () => {
  const FILTER: DeviceFilter = { ...NO_FILTER, words: { power: ['OFF'] }, beginning: '1EMH' };

  test('ask for nothing until somebody looks at one, and then for that one, once', async () => {
    const { bff, look, said } = await chips(FILTER);
    expect(bff.counted).toEqual([]);
    await look(0);
    expect(bff.counted).toEqual([{ textBeginning: '1EMH' }]);
    expect(said()).toContain('100 devices more');
    await look(1);
    await look(0);
    expect(bff.counted).toEqual([{ textBeginning: '1EMH' }, { powers: ['OFF'] }]);
  });

  test('forget what they counted when the filter changes', async () => {
    const { bff, fixture, look, said } = await chips(FILTER);
    await look(0);
    fixture.componentRef.setInput('filter', { ...FILTER, ending: '9' });
    await fixture.whenStable();
    expect(said()).toBe('');
    await look(0);
    expect(bff.counted).toHaveLength(2);
  });
});
