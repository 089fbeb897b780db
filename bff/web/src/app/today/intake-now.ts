import { DestroyRef, computed, inject, resource } from '@angular/core';
import type { Signal } from '@angular/core';

import { asFailure } from '../graph/failure';
import type { Failure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askFeeds, askQuarantineReasons } from '../graph/generated';
import { seesIntake } from '../intake/mends';
import { every } from '../parts/every';
import { Session } from '../session/session';
import { arrivalsOf, unreadOf } from './intake-words';
import type { Arrivals, Unread } from './intake-words';

const READ_AGAIN_MS = 15_000;

/** What comes in, as the start page tells it; null where it was not told (yet). */
export interface IntakeNow {
  /** Whether the person's role may see it; nothing is asked else. */
  readonly sees: Signal<boolean>;
  readonly unread: Signal<Unread | null>;
  readonly arrivals: Signal<Arrivals | null>;
  readonly failure: Signal<Failure | null>;
  readonly again: () => void;
}

/** Read what comes in now and then, until the calling component ends. */
export function intakeNow(): IntakeNow {
  const graph = inject(Graph);
  const session = inject(Session);
  const sees = computed(() => seesIntake(session.person()?.roles));
  const reasons = resource({ params: () => sees() || undefined, loader: async ({ abortSignal }) => (await graph.ask(askQuarantineReasons, {}, abortSignal)).quarantineReasons });
  const feeds = resource({ params: () => sees() || undefined, loader: async ({ abortSignal }) => (await graph.ask(askFeeds, {}, abortSignal)).feeds });
  const again = (): void => {
    reasons.reload();
    feeds.reload();
  };
  every(READ_AGAIN_MS, again, inject(DestroyRef));
  return {
    sees,
    unread: computed(() => (reasons.hasValue() ? unreadOf(reasons.value()) : null)),
    arrivals: computed(() => (feeds.hasValue() ? arrivalsOf(feeds.value().feeds) : null)),
    failure: computed(() => {
      const error = reasons.error() ?? feeds.error();
      return error ? asFailure(error) : null;
    }),
    again,
  };
}
