import { delay, feedSentence, rate, stateOf } from './feed-words';
import type { Feed } from './feed-words';

const FEED: Feed = {
  source: 'hes', network: 'north', heardAt: null, connectorCount: 1, connected: true, trouble: null, since: null, messageCount: 5, unreadableCount: 0,
  messagesPerMinute: 12, delaySeconds: 3.4, lastMessageAt: null, lastCreatedAt: null,
};

describe('the words of feeds', () => {
  it('tell what is not known from nothing', () => {
    expect([rate(null), rate(0), rate(0.04), rate(3.14), rate(1234.5)]).toEqual(['–', '0', '<0.1', '3.1', '1,235']);
    expect([delay(null), delay(0.2), delay(59.6), delay(600), delay(90_000), delay(864_000)]).toEqual(['–', '<1 s', '60 s', '10 min', '25 h', '10 days']);
  });

  it('call a feed unknown when no connector tells of it, though it was connected', () => {
    expect(stateOf({ ...FEED, connectorCount: 0 })).toBe('UNKNOWN');
    expect(stateOf({ ...FEED, connected: false })).toBe('DISCONNECTED');
    expect(stateOf(FEED)).toBe('CONNECTED');
  });

  it('say first what is wrong', () => {
    expect(feedSentence([])).toContain('No connector');
    expect(feedSentence([FEED, { ...FEED, connectorCount: 0 }])).toContain('1 of 2');
    expect(feedSentence([FEED, { ...FEED, connected: false }])).toContain('not connected');
    expect(feedSentence([FEED, { ...FEED, connected: false }, { ...FEED, connectorCount: 0 }])).toBe('Of 3 feeds 1 are not connected to their broker, and nothing is known of 1.');
    expect(feedSentence([FEED, { ...FEED, delaySeconds: null }])).toBe('All feeds are connected: 24 messages a minute, the slowest took 3 s.');
    expect(feedSentence([{ ...FEED, delaySeconds: null }])).not.toContain('slowest');
  });
});
