import type { ImportFactsOfOneFragment, ShipmentImportState, ShipmentImportVerdict } from '../../graph/generated';

export const VERDICTS: readonly ShipmentImportVerdict[] = ['READY', 'IMPORTED', 'UNCHANGED', 'REFUSED', 'SKIPPED'];

const STATES: Readonly<Record<ShipmentImportState, string>> = {
  UPLOADING: $localize`Uploading`, CHECKING: $localize`Being checked`, CHECKED: $localize`Checked, nothing imported yet`, UNREADABLE: $localize`Cannot be read`,
  RUNNING: $localize`Being imported`, PAUSED: $localize`Paused`, DONE: $localize`Done`, CANCELLED: $localize`Cancelled`,
};
const VERDICT_WORDS: Readonly<Record<ShipmentImportVerdict, string>> = {
  READY: $localize`Ready`, IMPORTED: $localize`Imported`, UNCHANGED: $localize`Known so already`, REFUSED: $localize`Refused`, SKIPPED: $localize`Skipped`,
};

export function stateWord(state: ShipmentImportState | null): string {
  return state === null ? '–' : STATES[state];
}

export function verdictWord(verdict: ShipmentImportVerdict | null): string {
  return verdict === null ? '–' : VERDICT_WORDS[verdict];
}

/** Return whether the import goes on by itself, so that it is to be looked at again. */
export function isMoving(state: ShipmentImportState | null): boolean {
  return state === 'UPLOADING' || state === 'CHECKING' || state === 'RUNNING';
}

type Counts = Pick<ImportFactsOfOneFragment, 'readyCount' | 'importedCount' | 'unchangedCount' | 'refusedCount' | 'skippedCount' | 'rowCount'>;

export function countOf(facts: Counts, verdict: ShipmentImportVerdict): number {
  switch (verdict) {
    case 'READY': return facts.readyCount;
    case 'IMPORTED': return facts.importedCount;
    case 'UNCHANGED': return facts.unchangedCount;
    case 'REFUSED': return facts.refusedCount;
    case 'SKIPPED': return facts.skippedCount;
  }
}

/** Return how many rows have their last verdict: what is ready still waits for the import. */
export function doneRows(facts: Counts): number {
  return facts.rowCount - facts.readyCount;
}

export function readVerdicts(words: readonly string[]): ShipmentImportVerdict[] {
  return VERDICTS.filter((verdict) => words.includes(verdict));
}
