import type { Feed } from '../intake/feeds/feed-words';
import { arrivalsOf, intakeParts, unreadOf } from './intake-words';

function feed(told: Partial<Feed>): Feed {
  return {
    source: 'hes', network: 'north', heardAt: '2026-11-30T06:00:00Z', connectorCount: 1, connected: true, trouble: null, since: '2026-11-30T05:00:00Z',
    messageCount: 9, unreadableCount: 0, messagesPerMinute: 1, delaySeconds: null, lastMessageAt: null, lastCreatedAt: null, ...told,
  };
}

const reason = (name: string, openCount: number, oldestAt: string | null) => ({ reason: name, openCount, replayRequestedCount: 0, resolvedCount: 5, oldestAt, newestAt: oldestAt });

describe('the feeds on the start page', () => {
  test('name the slowest, and never take what is not known for 0', () => {
    expect(arrivalsOf([feed({}), feed({ network: 'south' })]).slowest).toBeNull();
    const slowest = arrivalsOf([feed({ delaySeconds: 2 }), feed({ network: 'south', delaySeconds: 40 }), feed({ network: 'west' })]).slowest;
    expect(slowest).toMatchObject({ seconds: 40, feed: { network: 'south' } });
  });

  test('do not take what a feed told last for the present when nobody tells of it now', () => {
    const arrivals = arrivalsOf([feed({ delaySeconds: 1 }), feed({ network: 'south', connectorCount: 0, delaySeconds: 900 }), feed({ network: 'west', connected: false })]);
    expect(arrivals).toMatchObject({ feedCount: 3, cutCount: 1, unknownCount: 1, slowest: { seconds: 1 } });
  });
});

describe('the quarantine on the start page', () => {
  test('counts what is open, the most first, with the oldest of all', () => {
    const unread = unreadOf({
      tooManyToCount: false,
      // As texts these times are in the other order.
      reasons: [reason('NOUN_UNKNOWN', 1, '2026-11-30T01:00:00Z'), reason('RESOLVED_ALL', 0, null), reason('XML_MALFORMED', 4, '2026-11-30T01:00:00.250Z')],
    });
    expect(unread).toMatchObject({ openCount: 5, oldestAt: '2026-11-30T01:00:00Z' });
    expect(unread.reasons.map((one) => one.reason)).toEqual(['XML_MALFORMED', 'NOUN_UNKNOWN']);
  });

  test('of too many messages has no number', () => {
    expect(unreadOf({ tooManyToCount: true, reasons: [] }).openCount).toBeNull();
  });
});

describe('the intake in the sentence about the park', () => {
  const quiet = arrivalsOf([feed({ delaySeconds: 3 })]);

  test('is not spoken of while it is well, or while it is not told', () => {
    expect(intakeParts(null, null)).toEqual([]);
    expect(intakeParts({ openCount: 0, oldestAt: null, reasons: [] }, quiet)).toEqual([]);
  });

  test('names feeds and messages that need somebody', () => {
    const arrivals = arrivalsOf([feed({ connected: false }), feed({ connectorCount: 0 }), feed({ connectorCount: 0 }), feed({ delaySeconds: 720 })]);
    expect(intakeParts({ openCount: 1, oldestAt: null, reasons: [] }, arrivals)).toEqual([
      'one feed without connection', '2 feeds of which nothing is known', 'messages that come 12 min late', 'one message that could not be read',
    ]);
    expect(intakeParts({ openCount: null, oldestAt: null, reasons: [] }, quiet)).toEqual(['more messages in quarantine than can be counted']);
  });
});
