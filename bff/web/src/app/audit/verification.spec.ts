import { NOTHING_READ, unlike, withCommits } from './verification';

const commit = (revision: number, committedAt = `2026-01-01T00:00:0${revision}Z`) => ({ revision, committedAt, events: [{ entryId: `${revision}.0` }] });

describe('the verification of a history', () => {
  it('finds nothing wrong with revisions that follow each other, over pages', () => {
    const first = withCommits(NOTHING_READ, [commit(1), commit(2)], '');
    const { findings } = withCommits(first.findings, [commit(3)], first.lastTime);
    expect(findings).toMatchObject({ commits: 3, lastRevision: 3, missing: [], timesGoBack: [] });
    expect([...findings.entryIds]).toEqual(['1.0', '2.0', '3.0']);
  });

  it('names the revisions that are missing, also at the beginning', () => {
    expect(withCommits(NOTHING_READ, [commit(2), commit(6)], '').findings.missing).toEqual(['1', '3 – 5']);
  });

  it('names where the time goes back', () => {
    expect(withCommits(NOTHING_READ, [commit(1, '2026-01-02T00:00:00Z'), commit(2, '2026-01-01T00:00:00Z')], '').findings.timesGoBack).toEqual([2]);
  });

  it('names what only one of both holds', () => {
    expect(unlike(new Set(['1.0', '2.0']), new Set(['2.0', '9.0']))).toEqual({ onlyJournal: ['1.0'], onlyRegister: ['9.0'] });
  });
});
