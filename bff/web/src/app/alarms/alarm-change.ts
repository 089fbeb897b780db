import type { JobActionInput, JobActionKind } from '../graph/generated';

export type AlarmAction = 'acknowledge' | 'assign' | 'snooze' | 'resolve' | 'comment';

/** What a person wants done with an alarm, whole: said twice, it is the same change. */
export interface AlarmChange {
  readonly action: AlarmAction;
  readonly comment: string;
  readonly assignee: string;
  /** Of a snooze. */
  readonly until: string | null;
}

export const ACTION_TITLES: Readonly<Record<AlarmAction, string>> = {
  acknowledge: $localize`Acknowledge`, assign: $localize`Assign`, snooze: $localize`Snooze`, resolve: $localize`Resolve`, comment: $localize`Comment`,
};
export const ACTIONS = Object.keys(ACTION_TITLES) as readonly AlarmAction[];

const KINDS: Readonly<Record<AlarmAction, JobActionKind>> = {
  acknowledge: 'ACKNOWLEDGE_ALARMS', assign: 'ASSIGN_ALARMS', snooze: 'SNOOZE_ALARMS', resolve: 'RESOLVE_ALARMS', comment: 'COMMENT_ALARMS',
};

/** Return a change as a job makes it with many alarms. */
export function jobActionOf(change: AlarmChange): JobActionInput {
  const action: JobActionInput = { kind: KINDS[change.action], comment: change.comment };
  if (change.action === 'assign') action.assignee = change.assignee;
  if (change.action === 'snooze') action.until = change.until;
  return action;
}
