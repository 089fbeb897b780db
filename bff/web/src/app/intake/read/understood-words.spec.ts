import { kindText, understoodSentence } from './understood-words';

describe('what is said of a reading', () => {
  it('begins with what is wrong', () => {
    expect(understoodSentence({ unreadable: {}, reportCount: 0, problemCount: 0 })).toContain('Nothing');
    expect(understoodSentence({ unreadable: null, reportCount: 1200, problemCount: 3 })).toBe('1,200 reports are understood, 3 parts are not');
    expect(understoodSentence({ unreadable: null, reportCount: 0, problemCount: 0 })).toContain('nothing that is wanted');
    expect(understoodSentence({ unreadable: null, reportCount: 1, problemCount: 0 })).toContain('one report');
    expect(understoodSentence({ unreadable: null, reportCount: 7, problemCount: 0 })).toContain('7 reports');
  });

  it('shows a kind that a newer connector knows as it is', () => {
    expect([kindText('event'), kindText('outing')]).toEqual(['Event', 'outing']);
  });
});
