import type { DeedOutcome } from '../graph/generated';
import type { DeedGroup } from './deed-filter';

export const DEED_GROUP_TITLES: Readonly<Record<DeedGroup, string>> = {
  alarms: $localize`Alarms`, jobs: $localize`Jobs`, imports: $localize`Imports`, notes: $localize`Notes`, views: $localize`Saved views`,
  identities: $localize`Names and joins`, quarantine: $localize`Quarantine`,
};

export const OUTCOME_TITLES: Readonly<Record<DeedOutcome, string>> = {
  DONE: $localize`● done`, REFUSED: $localize`■ refused`, ASKED: $localize`▲ end not known`,
};

const KINDS: Readonly<Record<string, string>> = {
  'acknowledge-alarm': $localize`acknowledged an alarm`, 'assign-alarm': $localize`assigned an alarm`, 'comment-alarm': $localize`commented on an alarm`,
  'snooze-alarm': $localize`snoozed an alarm`, 'resolve-alarm': $localize`resolved an alarm`,
  'create-job': $localize`ordered a job`, 'pause-job': $localize`paused a job`, 'resume-job': $localize`let a job go on`, 'cancel-job': $localize`cancelled a job`,
  'create-import': $localize`began an import`, 'check-import': $localize`had an import checked`, 'run-import': $localize`ran an import`,
  'pause-import': $localize`paused an import`, 'resume-import': $localize`let an import go on`, 'cancel-import': $localize`cancelled an import`,
  'create-note': $localize`wrote a note`, 'delete-note': $localize`deleted a note`,
  'resolve-identity-conflict': $localize`decided a conflict about a name`, 'join-devices': $localize`joined two devices`, 'undo-join': $localize`undid a join`,
  'replay-quarantined-messages': $localize`had messages read again`,
  'create-view': $localize`saved a view`, 'update-view': $localize`changed a view`, 'delete-view': $localize`deleted a view`,
};

/** Return what somebody did, "acknowledged an alarm". A new word is read as it is. */
export function deedWords(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll('-', ' ');
}
