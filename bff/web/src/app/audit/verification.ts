/** A commit of the journal, as far as its place in the history goes. */
export interface Commit {
  readonly revision: number;
  readonly committedAt: string | null;
  readonly events: readonly { readonly entryId: string }[];
}

/** What was found of a device's history so far. Empty lists are good. */
export interface Findings {
  readonly commits: number;
  readonly lastRevision: number;
  /** Revisions that should be there and are not, as "7" or "7 to 9". */
  readonly missing: readonly string[];
  /** Revisions whose time lies before that of the one before. */
  readonly timesGoBack: readonly number[];
  readonly entryIds: ReadonlySet<string>;
}

export const NOTHING_READ: Findings = { commits: 0, lastRevision: 0, missing: [], timesGoBack: [], entryIds: new Set() };

/** Return the findings with one more page of commits, in the order of the journal. */
export function withCommits(before: Findings, page: readonly Commit[], lastTime: string): { findings: Findings; lastTime: string } {
  const missing = [...before.missing];
  const timesGoBack = [...before.timesGoBack];
  const entryIds = new Set(before.entryIds);
  let last = before.lastRevision;
  let time = lastTime;
  for (const commit of page) {
    if (commit.revision !== last + 1) missing.push(commit.revision === last + 2 ? String(last + 1) : `${last + 1} – ${commit.revision - 1}`);
    if (commit.committedAt !== null && commit.committedAt < time) timesGoBack.push(commit.revision);
    for (const { entryId } of commit.events) entryIds.add(entryId);
    last = commit.revision;
    time = commit.committedAt ?? time;
  }
  return { findings: { commits: before.commits + page.length, lastRevision: last, missing, timesGoBack, entryIds }, lastTime: time };
}

/** Return what journal and register do not both hold: entries of the one that the other lacks. */
export function unlike(journal: ReadonlySet<string>, register: ReadonlySet<string>): { onlyJournal: readonly string[]; onlyRegister: readonly string[] } {
  return { onlyJournal: [...journal].filter((id) => !register.has(id)), onlyRegister: [...register].filter((id) => !journal.has(id)) };
}
