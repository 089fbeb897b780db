import { Injectable, inject } from '@angular/core';

import { Failure } from '../../graph/failure';
import { Graph } from '../../graph/graph';
import { askReplayQuarantinedMessages } from '../../graph/generated';
import { refusalText } from '../../graph/refusal';

export interface Wanted {
  /** Null: all that are open, of `reason` if one is given. */
  readonly ids: readonly string[] | null;
  readonly reason: string | null;
}

/** How far a request to read messages again is, in the order in which a person asks. */
export interface Progress {
  readonly waitingCount: number;
  readonly resolvedCount: number;
  readonly failedCount: number;
}

export function askedFor(progress: Progress): number {
  return progress.waitingCount + progress.resolvedCount + progress.failedCount;
}

const LOOK_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Return how long to wait before `progress` is read again, or null when it stays as it is: nothing waits any more, or the
 * person may not see it. After `failures` in a row the pauses grow.
 */
export function lookAgainMs(progress: Progress | null, failure: Failure | null, failures: number): number | null {
  if (failure?.kind === 'not-allowed') return null;
  if (failure) return Math.max(Math.min(LOOK_MS * 2 ** failures, LONGEST_PAUSE_MS), failure.retryAfterSeconds * 1000);
  return progress?.waitingCount === 0 ? null : LOOK_MS;
}

@Injectable({ providedIn: 'root' })
export class Replay {
  private readonly graph = inject(Graph);

  /**
   * Ask for messages to be read again; the same `requestId` asks once. Return how many cannot be.
   *
   * @throws Failure with the hub's own sentence when it refuses.
   */
  async ask(requestId: string, wanted: Wanted): Promise<number> {
    const ids = wanted.ids === null ? null : [...wanted.ids];
    const answer = (await this.graph.ask(askReplayQuarantinedMessages, { requestId, ids, reason: wanted.reason })).replayQuarantinedMessages;
    if (answer.__typename === 'ReplayRequested') return answer.notReplayableCount;
    throw new Failure('refused', refusalText(answer));
  }
}
