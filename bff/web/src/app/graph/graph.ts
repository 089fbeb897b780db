import { Injectable, inject } from '@angular/core';

import { Session } from '../session/session';
import type { Document } from './document';
import { Failure, asFailure, failureOf } from './failure';
import { SERVER } from './server';
import { eventsOf } from './server-sent-events';

const EVENTS = 'text/event-stream';

/** Asks the park through /page/graphql, as the person who is logged in. */
@Injectable({ providedIn: 'root' })
export class Graph {
  private readonly session = inject(Session);
  private readonly server = inject(SERVER);

  /**
   * Return the answer's data. When the session is over, the question waits until the person has logged in again, and
   * is then asked once more: no click is lost.
   *
   * @throws Failure in every other case, also when part of the answer is missing.
   */
  async ask<Result, Variables>(document: Document<Result, Variables>, variables: Variables, signal?: AbortSignal): Promise<Result> {
    for (;;) {
      const session = this.session.current;
      const response = await this.post(document, variables, 'application/json', signal);
      const answer = await response.json().catch(() => ({}));
      if (!answer.errors?.length && answer.data) return answer.data as Result;
      const failure = failureOf(answer.errors ?? [], response.status, Number(response.headers.get('retry-after') ?? 0));
      if (failure.kind !== 'logged-out') throw failure;
      await this.session.after(session);
    }
  }

  /**
   * Yield each answer of a subscription; however it ends, it throws Failure, so that who goes on pauses first. When the
   * session is over, it waits like a question: who only looks on is told, too.
   */
  async *watch<Result, Variables>(document: Document<Result, Variables>, variables: Variables, signal: AbortSignal): AsyncGenerator<Result> {
    const { status, body } = await this.opened(document, variables, signal);
    for await (const event of eventsOf(body)) {
      // A server that stops ends its streams politely: for who watches that is a loss like any other.
      if (event.name === 'complete') break;
      if (!event.data) continue;
      const answer = JSON.parse(event.data);
      if (answer.errors?.length) throw failureOf(answer.errors, status);
      yield answer.data as Result;
    }
    throw new Failure('away', $localize`The stream of changes ended.`);
  }

  private async opened(document: Document<unknown, never>, variables: unknown, signal: AbortSignal): Promise<{ status: number; body: ReadableStream<Uint8Array> }> {
    for (;;) {
      const session = this.session.current;
      const response = await this.post(document, variables, EVENTS, signal);
      if (response.headers.get('content-type')?.startsWith(EVENTS) && response.body) return { status: response.status, body: response.body };
      const answer = await response.json().catch(() => ({}));
      const failure = failureOf(answer.errors ?? [], response.status, Number(response.headers.get('retry-after') ?? 0));
      if (failure.kind !== 'logged-out') throw failure;
      await this.session.after(session);
    }
  }

  private async post(document: Document<unknown, never>, variables: unknown, accept: string, signal?: AbortSignal): Promise<Response> {
    try {
      return await this.server('/page/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept, 'x-csrf-token': await this.session.csrfToken() },
        body: JSON.stringify({ documentId: `sha256:${document.hash}`, operationName: document.name, variables }),
        signal: signal ?? null,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw asFailure(error);
    }
  }
}
