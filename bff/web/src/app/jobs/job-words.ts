import type { JobActionInput, JobActionKind, JobOutcome, JobRowFragment, SkipReason } from '../graph/generated';
import { devicesText, whole } from '../parts/numbers';

/** What a job does with each device, as an answer or a question of the graph says it. */
export type JobAction = Pick<JobActionInput, 'kind' | 'addTags' | 'removeTags' | 'assignee' | 'reason'>;

export const OUTCOMES: readonly JobOutcome[] = ['DONE', 'UNCHANGED', 'FAILED', 'SKIPPED', 'PENDING'];

export const OUTCOME_TITLES: Readonly<Record<JobOutcome, string>> = {
  DONE: $localize`:of a device in a job@@jobDone:Done`,
  UNCHANGED: $localize`:of a device in a job@@jobUnchanged:Was so already`,
  FAILED: $localize`:of a device in a job@@jobFailed:Failed`,
  SKIPPED: $localize`:of a device in a job@@jobSkipped:Not done: cancelled`,
  PENDING: $localize`:of a device in a job@@jobPending:Waiting`,
};

export const ACTION_TITLES: Readonly<Record<JobActionKind, string>> = {
  TAG: $localize`Tag`,
  MARK_FOR_EXCHANGE: $localize`Mark for exchange`,
  UNMARK_FOR_EXCHANGE: $localize`Remove the exchange mark`,
  ACKNOWLEDGE_ALARMS: $localize`Acknowledge alarms`,
  ASSIGN_ALARMS: $localize`Assign alarms`,
  COMMENT_ALARMS: $localize`Comment alarms`,
  RESOLVE_ALARMS: $localize`Resolve alarms`,
  SNOOZE_ALARMS: $localize`Snooze alarms`,
};

/** Return what a job does with how many devices, or alarms, as a sentence. */
export function jobSentence(action: JobAction | null, count: number, ofAlarms = false): string {
  if (ofAlarms) return alarmSentence(action, count);
  const devices = devicesText(count);
  switch (action?.kind) {
    case 'TAG': {
      const added = action.addTags?.join(', ') ?? '';
      const removed = action.removeTags?.join(', ') ?? '';
      if (added && removed) return $localize`Tag ${devices}:devices: with ${added}:added:, and take ${removed}:removed: away`;
      return added ? $localize`Tag ${devices}:devices: with ${added}:added:` : $localize`Take ${removed}:removed: away from ${devices}:devices:`;
    }
    case 'MARK_FOR_EXCHANGE': return $localize`Mark ${devices}:devices: for exchange: ${action.reason ?? ''}:reason:`;
    case 'UNMARK_FOR_EXCHANGE': return $localize`Remove the exchange mark from ${devices}:devices:`;
    case 'ACKNOWLEDGE_ALARMS': return $localize`Acknowledge the open alarms of ${devices}:devices:`;
    case 'ASSIGN_ALARMS': return $localize`Assign the alarms of ${devices}:devices: to ${action.assignee ?? ''}:assignee:`;
    default: return $localize`Work on ${devices}:devices:`;
  }
}

function alarmSentence(action: JobAction | null, count: number): string {
  const alarms = count === 1 ? $localize`1 alarm` : $localize`${whole(count)}:count: alarms`;
  switch (action?.kind) {
    case 'ACKNOWLEDGE_ALARMS': return $localize`Acknowledge ${alarms}:alarms:`;
    case 'ASSIGN_ALARMS': return $localize`Assign ${alarms}:alarms: to ${action.assignee ?? ''}:assignee:`;
    case 'COMMENT_ALARMS': return $localize`Comment ${alarms}:alarms:`;
    case 'RESOLVE_ALARMS': return $localize`Resolve ${alarms}:alarms:`;
    case 'SNOOZE_ALARMS': return $localize`Snooze ${alarms}:alarms:`;
    default: return $localize`Work on ${alarms}:alarms:`;
  }
}

/** Return why so many devices would stay as they are. */
export function skipSentence(count: number, reason: SkipReason | null): string {
  const devices = whole(count);
  switch (reason) {
    case 'TAGS_ALREADY_SO': return $localize`${devices}:devices: have these tags so already, and stay as they are.`;
    case 'NOT_MARKED': return $localize`${devices}:devices: are not marked, and stay as they are.`;
    case 'MARKED_ALREADY': return $localize`${devices}:devices: are marked already; they only get another reason, if it is another one.`;
    default: return $localize`${devices}:devices: stay as they are.`;
  }
}

export function countsOf(job: JobRowFragment): Readonly<Record<JobOutcome, number>> {
  return { DONE: job.doneCount, UNCHANGED: job.unchangedCount, FAILED: job.failedCount, SKIPPED: job.skippedCount, PENDING: job.pendingCount };
}

export function isUnfinished(job: Pick<JobRowFragment, 'state'>): boolean {
  return job.state !== 'DONE' && job.state !== 'CANCELLED';
}
