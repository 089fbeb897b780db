import { Component, computed, effect, inject, input, linkedSignal, output, signal, untracked } from '@angular/core';
import { RouterLink } from '@angular/router';

import { asFailure } from '../graph/failure';
import { Graph } from '../graph/graph';
import { askAlarm } from '../graph/generated';
import type { AlarmFilterInput, AlarmQuery, AlarmRowFragment } from '../graph/generated';
import { Age } from '../parts/age';
import { causeText } from '../parts/causes';
import { StateMark, spoken } from '../parts/state-mark';
import { absolute, asTime } from '../parts/times';
import { ACTIONS, ACTION_TITLES } from './alarm-change';
import type { AlarmAction } from './alarm-change';
import { AlarmDialog } from './alarm-dialog';
import type { Subject } from './alarm-dialog';
import { alarmText, ruleText } from './alarm-words';
import type { AlarmText } from './alarm-words';
import { NOTHING, isChosen, selectionOf, toggled, toggledAll } from './bulk/chosen';
import { AffectedDevices } from './outage/affected-devices';
import { Outage } from './outage/outage';

/** An alarm as a list shows it. */
export type AlarmRow = Pick<AlarmRowFragment, 'alarmId' | 'version' | 'rule' | 'severity' | 'state' | 'summary' | 'since' | 'openedAt' | 'assignee' | 'snoozedUntil' | 'viewerCan' | 'device'>
  & Partial<Pick<AlarmRowFragment, 'affected' | 'area' | 'deviceId' | 'network'>>;
type History = NonNullable<AlarmQuery['alarm']>['history'];

/** Alarms with what can be done with each; one opens to its history, an area's to its devices; many are changed together. */
@Component({
  selector: 'mp-alarm-list',
  imports: [RouterLink, Age, StateMark, AlarmDialog, AffectedDevices, Outage],
  styleUrl: './alarm-list.css',
  templateUrl: './alarm-list.html',
})
export class AlarmList {
  readonly alarms = input.required<readonly AlarmRow[]>();
  /** The conditions of the list, if all that match may be chosen together; and whether there are more than are shown. */
  readonly matching = input<AlarmFilterInput | null>(null);
  readonly more = input(false);
  /** The one that is open at first. */
  readonly begins = input<string | null>(null);
  readonly changed = output();
  /** Whether a dialog is open: it has to stay, also when the list gets empty behind it. */
  readonly asking = output<boolean>();
  private readonly graph = inject(Graph);
  protected readonly spoken = spoken;
  protected readonly rule = ruleText;
  /** A reason, a name, or until when: what an entry of the history says beside the deed. */
  protected readonly detail = (text: string | null): string => causeText(asTime(text ?? ''));
  protected readonly actions = ACTIONS;
  protected readonly titles = ACTION_TITLES;

  // Another list begins with nothing chosen.
  protected readonly chosen = linkedSignal({ source: this.matching, computation: () => NOTHING, equal: Object.is });
  protected readonly selected = computed(() => this.alarms().filter((alarm) => isChosen(this.chosen(), alarm.alarmId)));
  protected readonly areAll = computed(() => this.alarms().length > 0 && this.selected().length === this.alarms().length);
  protected readonly works = computed(() => this.alarms().some((alarm) => alarm.viewerCan.comment));
  protected readonly dialog = signal<{ action: AlarmAction; subject: Subject } | null>(null);
  protected readonly opened = linkedSignal(() => this.begins());
  protected readonly history = signal<History | string | null>(null);

  private readings = 0;

  constructor() {
    const openedVersion = computed(() => this.alarms().find((alarm) => alarm.alarmId === this.opened())?.version);
    // With every change of the alarm there is more of its history.
    effect(() => {
      const opened = this.opened();
      openedVersion();
      if (opened) void untracked(async () => this.read(opened));
    });
  }

  protected whyOf({ summary }: AlarmRow): AlarmText {
    return alarmText(summary);
  }

  /** Return why it was raised and where: in a list there are many of one kind. */
  protected named(alarm: AlarmRow): string {
    const where = alarm.device?.serialNumber ?? alarm.device?.deviceIdentifier ?? alarm.area;
    return [this.whyOf(alarm).text, where].filter(Boolean).join(', ');
  }

  protected begin(action: AlarmAction, alarm: AlarmRow): void {
    this.show({ action, subject: { kind: 'one', alarmId: alarm.alarmId, summary: this.named(alarm) } });
  }

  protected beginMany(action: AlarmAction): void {
    const chosen = this.chosen();
    const selection = selectionOf(chosen, this.matching() ?? {});
    this.show({ action, subject: { kind: 'many', selection, count: chosen.kind === 'some' ? chosen.ids.size : null } });
  }

  protected isChosen(alarmId: string): boolean {
    return isChosen(this.chosen(), alarmId);
  }

  protected toggle(alarmId: string): void {
    this.chosen.update((chosen) => toggled(chosen, alarmId));
  }

  protected toggleAll(): void {
    this.chosen.update((chosen) => toggledAll(chosen, this.alarms().map((alarm) => alarm.alarmId)));
  }

  protected chooseMatching(): void {
    this.chosen.set({ kind: 'all', without: new Set() });
  }

  protected chooseNone(): void {
    this.chosen.set(NOTHING);
  }

  protected finish(): void {
    this.chosen.set(NOTHING);
    this.changed.emit();
  }

  protected close(): void {
    this.show(null);
    // What a job did since it was begun shows, too.
    this.changed.emit();
  }

  protected open(alarmId: string): void {
    this.history.set(null);
    this.opened.update((before) => (before === alarmId ? null : alarmId));
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

  private show(dialog: { action: AlarmAction; subject: Subject } | null): void {
    this.dialog.set(dialog);
    this.asking.emit(dialog !== null);
  }

  private async read(id: string): Promise<void> {
    const reading = ++this.readings;
    let history: History | string;
    try {
      const { alarm } = await this.graph.ask(askAlarm, { id });
      history = alarm?.history ?? $localize`This alarm is not there any more.`;
    } catch (error) {
      history = asFailure(error).message;
    }
    // Another one may have been opened meanwhile, or this one has changed again.
    if (this.readings === reading) this.history.set(history);
  }
}
