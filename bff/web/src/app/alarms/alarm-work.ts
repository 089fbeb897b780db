import { Injectable, inject } from '@angular/core';

import type { Document } from '../graph/document';
import { Failure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAcknowledgeAlarm, askAssignAlarm, askCommentAlarm, askCreateAlarmJob, askResolveAlarm, askSnoozeAlarm } from '../graph/generated';
import type { AlarmSelectionInput } from '../graph/generated';
import { refusalText } from '../graph/refusal';
import { jobActionOf } from './alarm-change';
import type { AlarmChange } from './alarm-change';

interface Answer {
  readonly __typename?: string;
  readonly message?: string;
}

/** What people do with alarms. A change that is sent twice, because an answer was lost, is made once. */
@Injectable({ providedIn: 'root' })
export class AlarmWork {
  private readonly graph = inject(Graph);

  /**
   * Make one change; `requestId` is the same for every try of it.
   *
   * @throws Failure with the register's own sentence when the change is refused.
   */
  async change(alarmId: string, { action, comment, assignee, until }: AlarmChange, requestId: string): Promise<void> {
    switch (action) {
      case 'acknowledge': return this.send(askAcknowledgeAlarm, { alarmId, requestId, comment }, (data) => data.acknowledgeAlarm);
      case 'resolve': return this.send(askResolveAlarm, { alarmId, requestId, comment }, (data) => data.resolveAlarm);
      case 'assign': return this.send(askAssignAlarm, { alarmId, requestId, comment, assignee }, (data) => data.assignAlarm);
      case 'comment': return this.send(askCommentAlarm, { alarmId, requestId, comment }, (data) => data.commentAlarm);
      case 'snooze': return this.send(askSnoozeAlarm, { alarmId, requestId, comment, until: until ?? '' }, (data) => data.snoozeAlarm);
    }
  }

  /**
   * Have one change made with many alarms by the register, one by one; return the job that does it.
   *
   * @throws Failure when the order is refused, or when no number was agreed: the register takes 0 for any number.
   */
  async changeMany(selection: AlarmSelectionInput, change: AlarmChange, expectedCount: number | null, requestId: string): Promise<string> {
    if (!expectedCount) throw new Failure('refused', $localize`No alarm is chosen.`);
    const { createAlarmJob } = await this.graph.ask(askCreateAlarmJob, { selection, action: jobActionOf(change), expectedCount, requestId });
    if (createAlarmJob.__typename !== 'JobChanged') throw new Failure('refused', refusalText(createAlarmJob));
    return createAlarmJob.job.jobId;
  }

  private async send<Result, Variables>(document: Document<Result, Variables>, variables: Variables, read: (result: Result) => Answer): Promise<void> {
    const answer = read(await this.graph.ask(document, variables));
    if (answer.__typename !== 'AlarmChanged') throw new Failure('refused', refusalText(answer));
  }
}
