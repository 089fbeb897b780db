import { Injectable, inject } from '@angular/core';

import type { Document } from '../graph/document';
import { Failure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAcknowledgeAlarm, askAssignAlarm, askCommentAlarm, askResolveAlarm, askSnoozeAlarm } from '../graph/generated';

export type AlarmAction = 'acknowledge' | 'assign' | 'snooze' | 'resolve' | 'comment';

export interface AlarmChange {
  readonly action: AlarmAction;
  readonly comment: string;
  readonly assignee: string;
  readonly snoozeHours: number;
}

interface Answer {
  readonly __typename?: string;
  readonly message?: string;
}

/** What people do with an alarm. A change that is sent twice, because an answer was lost, is made once. */
@Injectable({ providedIn: 'root' })
export class AlarmWork {
  private readonly graph = inject(Graph);

  /**
   * Make one change; `requestId` is the same for every try of one click.
   *
   * @throws Failure with the register's own sentence when the change is refused.
   */
  async change(alarmId: string, change: AlarmChange, requestId: string): Promise<void> {
    const { comment, assignee } = change;
    switch (change.action) {
      case 'acknowledge': return this.send(askAcknowledgeAlarm, { alarmId, requestId, comment }, (data) => data.acknowledgeAlarm);
      case 'resolve': return this.send(askResolveAlarm, { alarmId, requestId, comment }, (data) => data.resolveAlarm);
      case 'assign': return this.send(askAssignAlarm, { alarmId, requestId, comment, assignee }, (data) => data.assignAlarm);
      case 'comment': return this.send(askCommentAlarm, { alarmId, requestId, comment }, (data) => data.commentAlarm);
      case 'snooze': {
        const until = new Date(Date.now() + change.snoozeHours * 3_600_000).toISOString();
        return this.send(askSnoozeAlarm, { alarmId, requestId, comment, until }, (data) => data.snoozeAlarm);
      }
    }
  }

  private async send<Result, Variables>(document: Document<Result, Variables>, variables: Variables, read: (result: Result) => Answer): Promise<void> {
    const answer = read(await this.graph.ask(document, variables));
    if (answer.__typename !== 'AlarmChanged') throw new Failure('refused', answer.message ?? $localize`The alarm was not changed.`);
  }
}
