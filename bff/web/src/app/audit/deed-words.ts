import type { DeedOutcome } from '../graph/generated';
import { alarmText } from '../alarms/alarm-words';
import { jobSentence } from '../jobs/job-words';
import { whole } from '../parts/numbers';
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

type Sentence = (...parts: string[]) => string;

/** What the services say a deed was done with, where that is a sentence and no name: bff/graph/audit shows it as it is. */
const SUMMARIES: readonly [RegExp, Sentence][] = [
  [/^Tag ([\d,]+) devices? with (.+), remove (.+) from them$/, (count = '', add = '', remove = '') => jobSentence({ kind: 'TAG', addTags: [add], removeTags: [remove] }, number(count))],
  [/^Tag ([\d,]+) devices? with (.+)$/, (count = '', add = '') => jobSentence({ kind: 'TAG', addTags: [add] }, number(count))],
  [/^Remove the exchange mark from ([\d,]+) devices?$/, (count = '') => jobSentence({ kind: 'UNMARK_FOR_EXCHANGE' }, number(count))],
  [/^Remove (.+) from ([\d,]+) devices?$/, (remove = '', count = '') => jobSentence({ kind: 'TAG', removeTags: [remove] }, number(count))],
  [/^Mark ([\d,]+) devices? for exchange: (.*)$/s, (count = '', reason = '') => jobSentence({ kind: 'MARK_FOR_EXCHANGE', reason }, number(count))],
  [/^Acknowledge (?:all alarms|alarms \(.*\)) of ([\d,]+) devices?$/, (count = '') => jobSentence({ kind: 'ACKNOWLEDGE_ALARMS' }, number(count))],
  [/^Assign (?:all alarms|alarms \(.*\)) of ([\d,]+) devices? to (.*)$/, (count = '', assignee = '') => jobSentence({ kind: 'ASSIGN_ALARMS', assignee }, number(count))],
  [/^Acknowledge ([\d,]+) alarms?$/, (count = '') => jobSentence({ kind: 'ACKNOWLEDGE_ALARMS' }, number(count), true)],
  [/^Resolve ([\d,]+) alarms?$/, (count = '') => jobSentence({ kind: 'RESOLVE_ALARMS' }, number(count), true)],
  [/^Comment ([\d,]+) alarms?$/, (count = '') => jobSentence({ kind: 'COMMENT_ALARMS' }, number(count), true)],
  [/^Assign ([\d,]+) alarms? to (.*)$/, (count = '', assignee = '') => jobSentence({ kind: 'ASSIGN_ALARMS', assignee }, number(count), true)],
  [/^Snooze ([\d,]+) alarms? until .*$/, (count = '') => jobSentence({ kind: 'SNOOZE_ALARMS' }, number(count), true)],
  [/^(\S+\/\S+) into (\S+\/\S+)$/, (joined = '', kept = '') => $localize`${joined}:device: into ${kept}:other:`],
  [/^(\S+\/\S+) out of (\S+\/\S+)$/, (joined = '', kept = '') => $localize`${joined}:device: out of ${kept}:other:`],
  [/^([\d,]+) messages?$/, (count = '') => (number(count) === 1 ? $localize`1 message` : $localize`${whole(number(count))}:count: messages`)],
];

/** Return what a deed was done with, in the person's language; a name, or what is not known here, is read as it is. */
export function deedSummary(summary: string): string {
  for (const [pattern, sentence] of SUMMARIES) {
    const found = pattern.exec(summary);
    if (found) return sentence(...found.slice(1));
  }
  const { text, code } = alarmText(summary);
  return code ? `${text} (${code})` : text;
}

function number(text: string): number {
  return Number(text.replaceAll(',', ''));
}
