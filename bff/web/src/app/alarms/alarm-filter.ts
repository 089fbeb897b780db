import type { AlarmFilterInput, AlarmSeverity, AlarmState } from '../graph/generated';

export const SEVERITIES: readonly AlarmSeverity[] = ['CRITICAL', 'MAJOR', 'WARNING', 'INFO'];
export const STATES: readonly AlarmState[] = ['OPEN', 'ACKNOWLEDGED', 'ASSIGNED', 'RESOLVED'];

export interface AlarmFilter {
  readonly severities: readonly AlarmSeverity[];
  readonly states: readonly AlarmState[];
  readonly areas: readonly string[];
  readonly mine: boolean;
  readonly withSnoozed: boolean;
}

/** Read a filter from an address; what is no word of it is left out. */
export function readAlarmFilter(query: URLSearchParams): AlarmFilter {
  return {
    severities: SEVERITIES.filter((word) => query.getAll('severity').includes(word)),
    states: STATES.filter((word) => query.getAll('state').includes(word)),
    areas: query.getAll('area').filter(Boolean).slice(0, 100),
    mine: query.get('mine') === 'yes',
    withSnoozed: query.get('snoozed') === 'yes',
  };
}

export function alarmParameters(filter: AlarmFilter): Record<string, string[] | string | null> {
  return {
    severity: filter.severities.length ? [...filter.severities] : null,
    state: filter.states.length ? [...filter.states] : null,
    area: filter.areas.length ? [...filter.areas] : null,
    mine: filter.mine ? 'yes' : null,
    snoozed: filter.withSnoozed ? 'yes' : null,
  };
}

export function alarmInput(filter: AlarmFilter, username: string): AlarmFilterInput {
  const input: AlarmFilterInput = { withSnoozed: filter.withSnoozed };
  if (filter.severities.length) input.severities = [...filter.severities];
  if (filter.states.length) input.states = [...filter.states];
  if (filter.areas.length) input.areas = [...filter.areas];
  if (filter.mine) input.assignees = [username];
  return input;
}

export function without<Word>(words: readonly Word[], word: Word): readonly Word[] {
  return words.includes(word) ? words.filter((one) => one !== word) : [...words, word];
}
