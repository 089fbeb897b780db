import { TestBed } from '@angular/core/testing';

import { SERVER } from '../graph/server';
import { ViewWork } from './view-work';

/** The bff as this service sees it: it answers each change with `answers` in turn, and keeps what it was asked. */
class Bff {
  readonly asked: { requestId?: string; etag?: string }[] = [];
  answers: (object | null)[] = [];

  readonly answer = async (path: string, request?: RequestInit): Promise<Response> => {
    await Promise.resolve();
    if (path === '/page/session') return Response.json({ username: 'anna', roles: [], networks: ['*'], expiresAt: '', csrfToken: 'first' });
    const { operationName, variables } = JSON.parse(String(request?.body));
    this.asked.push(variables);
    const answer = this.answers.shift();
    if (!answer) throw new TypeError('the connection was lost');
    return Response.json({ data: { [operationName.charAt(0).toLowerCase() + operationName.slice(1)]: answer } });
  };
}

const BEFORE = { viewId: '1', etag: 'v3' };
const SAVED = { __typename: 'ViewChanged', view: { viewId: '1' } };

function working(...answers: (object | null)[]): { bff: Bff; work: ViewWork } {
  const bff = new Bff();
  bff.answers = answers;
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: bff.answer }] });
  return { bff, work: TestBed.inject(ViewWork) };
}

describe('saving a view', () => {
  test('asks once more with the same id after an answer that was lost, and with another one after that', async () => {
    const { bff, work } = working(null, SAVED, SAVED);
    await expect(work.create({ name: 'dark' })).rejects.toMatchObject({ kind: 'away' });
    await work.create({ name: 'dark' });
    await work.create({ name: 'dark' });
    const [first, second, third] = bff.asked.map((one) => one.requestId);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('names the view that the person saw in each change of it', async () => {
    const { bff, work } = working(SAVED, { __typename: 'ViewDeleted' });
    await work.update(BEFORE, { name: 'dark' });
    await work.delete(BEFORE);
    expect(bff.asked.map((one) => one.etag)).toEqual(['v3', 'v3']);
  });

  test.each([
    ['ViewNameTaken', 'You have a view of this name already'],
    ['TooMany', 'too many views'],
    ['ViewUnknown', 'not yours'],
    ['ViewChangedMeanwhile', 'in another tab'],
    ['NotAllowed', 'network south'],
    ['ArgumentInvalid', 'network south'],
  ])('tells the refusal %s in words', async (__typename, words) => {
    const { work } = working({ __typename, message: 'network south' }, { __typename, message: 'network south' }, { __typename, message: 'network south' });
    await expect(work.create({ name: 'dark' })).rejects.toThrow(words);
    await expect(work.update(BEFORE, { name: 'dark' })).rejects.toThrow(words);
    await expect(work.delete(BEFORE)).rejects.toThrow(words);
  });
});
