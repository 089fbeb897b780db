import { TestBed } from '@angular/core/testing';

import type { Document } from '../graph/document';
import { Graph } from '../graph/graph';
import { SERVER } from '../graph/server';
import { LOGGED_IN_CHANNEL, Session } from './session';

const MARK: Document<{ done: number }, { id: string }> = { name: 'Mark', hash: 'abc' };

/** The bff as the page sees it: a session that may end, and a graph that counts what it did. */
class Bff {
  loggedIn: string | null = 'anna';
  csrfToken = 'first';
  done = 0;
  sessionsRead = 0;
  readonly refused: string[] = [];
  private held: Promise<void> = Promise.resolve();

  /** From now on answers that refuse come only once the returned function is called. */
  holdRefusals(): () => void {
    let release = (): void => undefined;
    this.held = new Promise((resolve) => { release = resolve; });
    return release;
  }

  readonly answer = async (path: string, request?: RequestInit): Promise<Response> => {
    if (path === '/page/session') {
      this.sessionsRead++;
      if (!this.loggedIn) return Response.json({}, { status: 401 });
      return Response.json({ username: this.loggedIn, roles: [], networks: ['*'], expiresAt: '', csrfToken: this.csrfToken });
    }
    const token = new Headers(request?.headers).get('x-csrf-token') ?? '';
    if (!this.loggedIn || token !== this.csrfToken) {
      this.refused.push(token);
      await this.held;
      return Response.json({ errors: [{ message: 'Log in.', extensions: { code: 'NOT_LOGGED_IN' } }] }, { status: 401 });
    }
    const answer = { data: { done: ++this.done } };
    if (new Headers(request?.headers).get('accept') !== 'text/event-stream') return Response.json(answer);
    return new Response(`data: ${JSON.stringify(answer)}\n\n`, { headers: { 'content-type': 'text/event-stream' } });
  };
}

function opened(): { bff: Bff; graph: Graph; session: Session } {
  const bff = new Bff();
  TestBed.configureTestingModule({ providers: [{ provide: SERVER, useValue: bff.answer }] });
  return { bff, graph: TestBed.inject(Graph), session: TestBed.inject(Session) };
}

describe('a session', () => {
  test('is read once, however many questions begin at the same time', async () => {
    const { bff, graph } = opened();
    await Promise.all([graph.ask(MARK, { id: '1' }), graph.ask(MARK, { id: '2' }), graph.ask(MARK, { id: '3' })]);
    expect(bff.sessionsRead).toBe(1);
    expect(bff.done).toBe(3);
  });

  test('that ended loses no click: it waits for the next login and is then done once', async () => {
    const { bff, graph, session } = opened();
    await session.begin();
    bff.loggedIn = null;
    const clicks = Promise.all([graph.ask(MARK, { id: '1' }), graph.ask(MARK, { id: '2' })]);
    await vi.waitUntil(() => session.isOver());
    expect(bff.done).toBe(0);

    bff.loggedIn = 'anna';
    bff.csrfToken = 'second';
    new BroadcastChannel(LOGGED_IN_CHANNEL).postMessage('logged in');
    // Whoever is shown stays: without a person the page would take the view away, with all that was written in it.
    expect(session.person()?.username).toBe('anna');
    await clicks;
    expect(bff.done).toBe(2);
    expect(session.isOver()).toBe(false);
    expect(new Set(bff.refused)).toEqual(new Set(['first']));
  });

  test('that ended is told to who only looks on, too, and the stream goes on in the next one', async () => {
    const { bff, graph, session } = opened();
    await session.begin();
    bff.loggedIn = null;
    const stream = graph.watch(MARK, { id: '1' }, new AbortController().signal);
    const first = stream.next();
    await vi.waitUntil(() => session.isOver());
    bff.loggedIn = 'anna';
    bff.csrfToken = 'second';
    await session.again();
    expect(await first).toMatchObject({ value: { done: 1 } });
    expect(session.isOver()).toBe(false);
    await stream.return(undefined);
  });

  test('that follows one that ended is found, even when no window says that it logged in', async () => {
    const { bff, graph, session } = opened();
    await session.begin();
    bff.loggedIn = null;
    const click = graph.ask(MARK, { id: '1' });
    await vi.waitUntil(() => session.isOver());
    bff.loggedIn = 'anna';
    bff.csrfToken = 'second';
    await click;
    expect(bff.done).toBe(1);
    expect(session.isOver()).toBe(false);
  });

  test('is not over again when an answer of the one before comes late', async () => {
    const { bff, graph, session } = opened();
    await session.begin();
    bff.loggedIn = null;
    const first = graph.ask(MARK, { id: '1' });
    await vi.waitUntil(() => session.isOver());
    const late = bff.holdRefusals();
    const second = graph.ask(MARK, { id: '2' });
    await vi.waitUntil(() => bff.refused.length === 2);
    bff.loggedIn = 'anna';
    bff.csrfToken = 'second';
    await session.again();
    await first;
    late();
    await second;
    expect(session.isOver()).toBe(false);
    expect(bff.done).toBe(2);
  });

  test('stays over when the other window did not log in', async () => {
    const { bff, graph, session } = opened();
    await session.begin();
    bff.loggedIn = null;
    void graph.ask(MARK, { id: '1' });
    await vi.waitUntil(() => session.isOver());
    await session.again();
    expect(session.isOver()).toBe(true);
    expect(bff.done).toBe(0);
  });

  test('of a server that is away is no session that ended', async () => {
    const { bff, session } = opened();
    const away = async (): Promise<Response> => { await Promise.resolve(); throw new TypeError('Failed to fetch'); };
    TestBed.resetTestingModule().configureTestingModule({ providers: [{ provide: SERVER, useValue: away }] });
    await expect(TestBed.inject(Session).begin()).rejects.toMatchObject({ kind: 'away' });
    expect(session.isOver()).toBe(false);
    expect(bff.sessionsRead).toBe(0);
  });
});
