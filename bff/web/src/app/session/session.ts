import { Injectable, inject, signal } from '@angular/core';

import { Failure, asFailure, failureOf } from '../graph/failure';
import { SERVER } from '../graph/server';
import type { AskServer } from '../graph/server';
import { loginAddress } from './return-address';

export interface Person {
  readonly username: string;
  readonly roles: readonly string[];
  readonly networks: readonly string[];
  readonly expiresAt: string;
  readonly csrfToken: string;
}

export const LOGGED_IN_CHANNEL = 'meterpark-logged-in';
const LOOKED_FOR_MS = 2_000;

/** Who is logged in. The page holds no token: the bff does. */
@Injectable({ providedIn: 'root' })
export class Session {
  private readonly server = inject(SERVER);
  private readonly known = signal<Person | null>(null);
  private asking: Promise<Person> | null = null;
  private waiting: { promise: Promise<void>; done: () => void } | null = null;

  readonly person = this.known.asReadonly();
  readonly isOver = signal(false);
  /** Rises with each session that follows one that ended. */
  private begun = 0;

  constructor() {
    new BroadcastChannel(LOGGED_IN_CHANNEL).onmessage = () => void this.again();
  }

  /** Return whether somebody is logged in; if not, the browser is on its way to the login when this returns. */
  async begin(): Promise<boolean> {
    try {
      await this.read();
      return true;
    } catch (error) {
      const failure = asFailure(error);
      if (failure.kind !== 'logged-out') throw failure;
      location.assign(loginAddress(location.pathname + location.search, sessionStorage));
      return false;
    }
  }

  async csrfToken(): Promise<string> {
    return (this.known() ?? (await this.read())).csrfToken;
  }

  /** Which session a question is asked in, for `after`. */
  get current(): number {
    return this.begun;
  }

  /** Return when the session `ended`, of which an answer just said so, was followed by another of the same person. */
  after(ended: number): Promise<void> {
    // An answer may be slower than a person: then the next session is there already.
    if (ended !== this.begun) return Promise.resolve();
    if (!this.waiting) {
      let done = (): void => undefined;
      const promise = new Promise<void>((resolve) => { done = resolve; });
      this.waiting = { promise, done };
      this.lookForTheNext();
    }
    this.isOver.set(true);
    return this.waiting.promise;
  }

  /** Open the login in a window of its own, so that this one stays as it is. Call it from a click. */
  logInAgain(): void {
    window.open(loginAddress('/logged-in', sessionStorage), 'meterpark-login', 'popup,width=480,height=640');
  }

  async logOut(): Promise<void> {
    await this.server('/page/logout', { method: 'POST', headers: { 'x-csrf-token': await this.csrfToken() } });
    this.known.set(null);
    location.assign('/page/login');
  }

  /** Take up the session that another window has just opened; another person's begins the page anew. */
  async again(): Promise<void> {
    // The one before stays until then: what is shown goes on standing there, dialogs and all.
    const before = this.known()?.username;
    const person = await this.read().catch(() => null);
    if (!person) return;
    if (before !== undefined && before !== person.username) {
      location.reload();
      return;
    }
    if (!this.waiting) return;
    this.begun++;
    this.isOver.set(false);
    this.waiting.done();
    this.waiting = null;
  }

  /** A window that logs in says so and closes; what it said may get lost with it, and any other tab may have logged in. */
  private lookForTheNext(): void {
    const timer = setInterval(() => {
      if (!this.isOver()) clearInterval(timer);
      else if (!document.hidden) void this.again();
    }, LOOKED_FOR_MS);
  }

  private async read(): Promise<Person> {
    this.asking ??= readSession(this.server).finally(() => { this.asking = null; });
    const person = await this.asking;
    this.known.set(person);
    return person;
  }
}

async function readSession(server: AskServer): Promise<Person> {
  let response: Response;
  try {
    response = await server('/page/session');
  } catch (error) {
    throw asFailure(error);
  }
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer as Person;
  throw response.status === 401
    ? new Failure('logged-out', $localize`You are not logged in.`)
    : failureOf(answer.errors ?? [], response.status, Number(response.headers.get('retry-after') ?? 0));
}
