import type { QuarantineReasonsQuery } from '../graph/generated';
import { delay, stateOf } from '../intake/feeds/feed-words';
import type { Feed } from '../intake/feeds/feed-words';
import { whole } from '../parts/numbers';

/** Messages that wait in the quarantine. */
export interface Unread {
  /** Null: there are too many to count. */
  readonly openCount: number | null;
  readonly oldestAt: string | null;
  /** Those with open messages, the most first. */
  readonly reasons: readonly { readonly reason: string; readonly openCount: number; readonly oldestAt: string | null }[];
}

/** How the feeds are. */
export interface Arrivals {
  readonly feedCount: number;
  /** The one of which a message took longest; null: no feed tells how long its messages took. */
  readonly slowest: { readonly feed: Feed; readonly seconds: number } | null;
  /** Not connected to their broker. */
  readonly cutCount: number;
  /** No connector tells of them now. */
  readonly unknownCount: number;
}

const REASONS_SHOWN = 3;
/** A message that took longer than this is late: the clock tolerance of the hub. */
const LATE_SECONDS = 300;

/** Return what waits in the quarantine. What is too many to count is no number, and no 0. */
export function unreadOf({ reasons, tooManyToCount }: QuarantineReasonsQuery['quarantineReasons']): Unread {
  const open = reasons.filter((one) => one.openCount > 0).sort((one, other) => other.openCount - one.openCount);
  const times = open.map((one) => one.oldestAt).filter((at) => at !== null).sort((one, other) => Date.parse(one) - Date.parse(other));
  return {
    openCount: tooManyToCount ? null : open.reduce((sum, one) => sum + one.openCount, 0),
    oldestAt: times[0] ?? null,
    reasons: open.slice(0, REASONS_SHOWN).map(({ reason, openCount, oldestAt }) => ({ reason, openCount, oldestAt })),
  };
}

/** Return how the feeds are. One of which nobody tells now is not the slowest: what it told last is not the present. */
export function arrivalsOf(feeds: readonly Feed[]): Arrivals {
  let slowest: Arrivals['slowest'] = null;
  for (const feed of feeds) {
    if (stateOf(feed) === 'UNKNOWN' || feed.delaySeconds === null) continue;
    if (slowest === null || feed.delaySeconds > slowest.seconds) slowest = { feed, seconds: feed.delaySeconds };
  }
  return {
    feedCount: feeds.length,
    slowest,
    cutCount: feeds.filter((feed) => stateOf(feed) === 'DISCONNECTED').length,
    unknownCount: feeds.filter((feed) => stateOf(feed) === 'UNKNOWN').length,
  };
}

/** Return what of the intake needs attention, as parts of a sentence; what was not told is not judged. */
export function intakeParts(unread: Unread | null, arrivals: Arrivals | null): readonly string[] {
  const parts: string[] = [];
  if (arrivals?.cutCount) parts.push(arrivals.cutCount === 1 ? $localize`one feed without connection` : $localize`${whole(arrivals.cutCount)}:count: feeds without connection`);
  if (arrivals?.unknownCount) parts.push(arrivals.unknownCount === 1 ? $localize`one feed of which nothing is known` : $localize`${whole(arrivals.unknownCount)}:count: feeds of which nothing is known`);
  if (arrivals?.slowest && arrivals.slowest.seconds > LATE_SECONDS) parts.push($localize`messages that come ${delay(arrivals.slowest.seconds)}:delay: late`);
  if (unread?.openCount === null) parts.push($localize`more messages in quarantine than can be counted`);
  else if (unread?.openCount) parts.push(unread.openCount === 1 ? $localize`one message that could not be read` : $localize`${whole(unread.openCount)}:count: messages that could not be read`);
  return parts;
}
