import { Component, computed, inject, input, output, signal } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAlarm } from '../graph/generated';
import type { AlarmQuery, AlarmRowFragment } from '../graph/generated';
import { Age } from '../parts/age';
import { StateMark, spoken } from '../parts/state-mark';
import { absolute } from '../parts/times';
import { AlarmDialog } from './alarm-dialog';
import type { AlarmAction } from './alarm-work';

/** An alarm as a list shows it. */
export type AlarmRow = Pick<AlarmRowFragment, 'alarmId' | 'version' | 'rule' | 'severity' | 'state' | 'summary' | 'openedAt' | 'assignee' | 'snoozedUntil' | 'viewerCan' | 'device'> & { readonly area?: string | null; readonly deviceId?: string | null };
type History = NonNullable<AlarmQuery['alarm']>['history'];

/** Alarms with what can be done with each; one opens to its history, several are changed together. */
@Component({
  selector: 'mp-alarm-list',
  imports: [RouterLink, Age, StateMark, AlarmDialog],
  styleUrl: './alarm-list.css',
  templateUrl: './alarm-list.html',
})
export class AlarmList {
  readonly alarms = input.required<readonly AlarmRow[]>();
  readonly changed = output();
  private readonly graph = inject(Graph);
  protected readonly spoken = spoken;

  protected readonly chosen = signal<ReadonlySet<string>>(new Set());
  protected readonly selected = computed(() => this.alarms().filter((alarm) => this.chosen().has(alarm.alarmId)));
  protected readonly dialog = signal<{ action: AlarmAction; alarms: readonly AlarmRow[] } | null>(null);
  protected readonly opened = signal<string | null>(null);
  protected readonly history = signal<History | string | null>(null);
  protected readonly actions: readonly [AlarmAction, string][] = [
    ['acknowledge', $localize`Acknowledge`], ['assign', $localize`Assign`], ['snooze', $localize`Snooze`], ['resolve', $localize`Resolve`], ['comment', $localize`Comment`],
  ];

  protected can(alarms: readonly AlarmRow[], action: AlarmAction): boolean {
    return alarms.some((alarm) => alarm.viewerCan[action]);
  }

  protected begin(action: AlarmAction, alarms: readonly AlarmRow[]): void {
    // What does not apply to some is left out, and the dialog's number says so.
    this.dialog.set({ action, alarms: alarms.filter((alarm) => alarm.viewerCan[action]) });
  }

  protected finish(): void {
    this.chosen.set(new Set());
    this.changed.emit();
    const opened = this.opened();
    if (opened) void this.read(opened);
  }

  protected toggle(alarmId: string): void {
    const chosen = new Set(this.chosen());
    if (!chosen.delete(alarmId)) chosen.add(alarmId);
    this.chosen.set(chosen);
  }

  protected toggleAll(): void {
    this.chosen.set(this.selected().length === this.alarms().length ? new Set() : new Set(this.alarms().map((alarm) => alarm.alarmId)));
  }

  protected open(alarmId: string): void {
    this.history.set(null);
    this.opened.update((before) => (before === alarmId ? null : alarmId));
    if (this.opened()) void this.read(alarmId);
  }

  protected entries(): History | null {
    const history = this.history();
    return typeof history === 'string' ? null : history;
  }

  protected problem(): string | null {
    const history = this.history();
    return typeof history === 'string' ? history : null;
  }

  protected when(at: string | null): string {
    return at ? absolute(new Date(at)) : '';
  }

  private async read(id: string): Promise<void> {
    try {
      this.history.set((await this.graph.ask(askAlarm, { id })).alarm?.history ?? []);
    } catch (error) {
      this.history.set(asFailure(error).message);
    }
  }
}
