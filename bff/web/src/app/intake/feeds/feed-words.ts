import type { FeedsQuery } from '../../graph/generated';
import { locale } from '../../parts/locale';
import { whole } from '../../parts/numbers';

const TENTHS = new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 });

export type Feed = FeedsQuery['feeds']['feeds'][number];

/** Return how a feed is, as a word of a state: what no connector tells now is unknown, whatever was last. */
export function stateOf(feed: Feed): 'CONNECTED' | 'DISCONNECTED' | 'UNKNOWN' {
  if (!feed.connectorCount) return 'UNKNOWN';
  return feed.connected ? 'CONNECTED' : 'DISCONNECTED';
}

/** Return messages a minute as a person reads them. Null is not known, which is no zero. */
export function rate(perMinute: number | null): string {
  if (perMinute === null) return '–';
  if (perMinute > 0 && perMinute < 0.1) return `<${TENTHS.format(0.1)}`;
  return perMinute < 10 ? TENTHS.format(perMinute) : whole(Math.round(perMinute));
}

/** Return how long a message was on its way. */
export function delay(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 1) return '<1 s';
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return $localize`${whole(Math.round(seconds / 86_400))}:count: days`;
}

/** Say in one sentence how the intake is. */
export function feedSentence(feeds: readonly Feed[]): string {
  if (!feeds.length) return $localize`No connector has told of a feed yet.`;
  const unknown = feeds.filter((feed) => stateOf(feed) === 'UNKNOWN').length;
  const cut = feeds.filter((feed) => stateOf(feed) === 'DISCONNECTED').length;
  if (cut && unknown) return $localize`Of ${feeds.length}:count: feeds ${cut}:cut: are not connected to their broker, and nothing is known of ${unknown}:unknown:.`;
  if (unknown) return $localize`Nothing is known of ${unknown}:unknown: of ${feeds.length}:count: feeds: no connector tells of them now.`;
  if (cut) return $localize`${cut}:cut: of ${feeds.length}:count: feeds are not connected to their broker.`;
  const total = feeds.reduce((sum, feed) => sum + (feed.messagesPerMinute ?? 0), 0);
  const longest = Math.max(...feeds.map((feed) => feed.delaySeconds ?? -1));
  if (longest < 0) return $localize`All feeds are connected: ${rate(total)}:rate: messages a minute.`;
  return $localize`All feeds are connected: ${rate(total)}:rate: messages a minute, the slowest took ${delay(longest)}:delay:.`;
}
