import { Component, computed, inject, input, output } from '@angular/core';

import { Graph } from '../graph/graph';
import { askAlarmChipCounts } from '../graph/generated';
import { ALARMS } from '../parts/brought-back';
import type { Counted } from '../parts/brought-back';
import { ConditionChips } from '../parts/condition-chips';
import type { Chip } from '../parts/condition-chips';
import { spoken } from '../parts/state-mark';
import { Session } from '../session/session';
import { NO_FILTER, alarmInput } from './alarm-filter';
import type { AlarmFilter } from './alarm-filter';
import { ruleText } from './alarm-words';

/** As far as the register counts alarms of one severity. */
const COUNTED_AT_MOST = 1_000;

/** What the inbox of alarms is limited to. */
@Component({
  selector: 'mp-alarm-chips',
  imports: [ConditionChips],
  template: `<mp-condition-chips [chips]="chips()" [none]="none()" [count]="count" [words]="words" (changed)="changed.emit($event)" />`,
})
export class AlarmChips {
  readonly filter = input.required<AlarmFilter>();
  readonly changed = output<AlarmFilter>();
  private readonly graph = inject(Graph);
  private readonly session = inject(Session);
  protected readonly words = ALARMS;
  // That those that sleep are shown, too, holds nothing back.
  protected readonly none = computed(() => ({ ...NO_FILTER, withSnoozed: this.filter().withSnoozed }));
  protected readonly chips = computed(() => chipsOf(this.filter()));
  protected readonly count = async (filter: AlarmFilter, abort: AbortSignal): Promise<Counted> => {
    const { without, present } = await this.graph.ask(askAlarmChipCounts, { without: this.input(filter), present: this.input(this.filter()) }, abort);
    return { without: sum(without), present: sum(present), cut: [...without, ...present].some((one) => one.alarmCount >= COUNTED_AT_MOST) };
  };

  private input(filter: AlarmFilter): ReturnType<typeof alarmInput> {
    return alarmInput(filter, this.session.person()?.username ?? '');
  }
}

function chipsOf(filter: AlarmFilter): readonly Chip<AlarmFilter>[] {
  const chips: Chip<AlarmFilter>[] = [];
  const add = (title: string, words: readonly string[], without: Partial<AlarmFilter>): void => {
    if (words.length) chips.push({ text: `${title}: ${words.join($localize`:@@or: or `)}`, without: { ...filter, ...without } });
  };
  add($localize`Severity`, filter.severities.map(spoken), { severities: [] });
  add($localize`State`, filter.states.map(spoken), { states: [] });
  add($localize`Area`, filter.areas, { areas: [] });
  add($localize`Rule`, filter.rules.map(ruleText), { rules: [] });
  add($localize`Device`, filter.device ? [filter.device] : [], { device: '' });
  if (filter.mine) chips.push({ text: $localize`assigned to me`, without: { ...filter, mine: false } });
  return chips;
}

function sum(counts: readonly { readonly alarmCount: number }[]): number {
  return counts.reduce((total, one) => total + one.alarmCount, 0);
}
