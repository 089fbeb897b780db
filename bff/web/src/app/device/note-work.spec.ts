import { TestBed } from '@angular/core/testing';

import { SERVER } from '../graph/server';
import { NoteWork } from './note-work';

/** The bff as this service sees it: it answers each change with `answers` in turn, and keeps what it was asked. */
class Bff {
  readonly asked: { requestId?: string }[] = [];
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

const WRITTEN = { __typename: 'NoteCreated', note: { noteId: '1' } };

function working(...answers: (object | null)[]): { bff: Bff; work: NoteWork } {
  const bff = new Bff();
  bff.answers = answers;
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: bff.answer }] });
  return { bff, work: TestBed.inject(NoteWork) };
}

describe('writing a note', () => {
  test('asks once more with the same id after an answer that was lost, and with another one after that', async () => {
    const { bff, work } = working(null, WRITTEN, WRITTEN);
    await expect(work.write('north/1', 'Dog in the yard')).rejects.toMatchObject({ kind: 'away' });
    await work.write('north/1', 'Dog in the yard');
    await work.write('north/1', 'Dog in the yard');
    const [first, second, third] = bff.asked.map((one) => one.requestId);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test.each([['north/2', 'Dog in the yard'], ['north/1', 'Another dog']])('asks with another id for another note, on %s', async (id, text) => {
    const { bff, work } = working(null, WRITTEN);
    await expect(work.write('north/1', 'Dog in the yard')).rejects.toMatchObject({ kind: 'away' });
    await work.write(id, text);
    expect(bff.asked[1]?.requestId).not.toBe(bff.asked[0]?.requestId);
  });

  test.each([
    ['TooMany', 'as many notes as it may have'],
    ['NotAllowed', 'network south'],
    ['DeviceUnknown', 'network south'],
    ['ArgumentInvalid', 'network south'],
  ])('tells the refusal %s in words', async (__typename, words) => {
    const { work } = working({ __typename, message: 'network south' }, { __typename, message: 'network south' });
    await expect(work.write('north/1', 'Dog in the yard')).rejects.toThrow(words);
    await expect(work.delete('north/1', '1')).rejects.toThrow(words);
  });
});
