import type { AlarmFilterInput, AlarmSeverity, AlarmState } from '../graph/generated';

export const SEVERITIES: readonly AlarmSeverity[] = ['CRITICAL', 'MAJOR', 'WARNING', 'INFO'];
export const STATES: readonly AlarmState[] = ['OPEN', 'ACKNOWLEDGED', 'ASSIGNED', 'RESOLVED'];

export interface AlarmFilter {
  readonly severities: readonly AlarmSeverity[];
  readonly states: readonly AlarmState[];
  readonly areas: readonly string[];
  readonly rules: readonly string[];
  /** One device, by its id; empty: all. */
  readonly device: string;
  readonly mine: boolean;
  readonly withSnoozed: boolean;
}

export const NO_FILTER: AlarmFilter = { severities: [], states: [], areas: [], rules: [], device: '', mine: false, withSnoozed: false };
/** As the register calls its rules and devices: what is no such name, it would refuse. */
const RULE = /^[a-z][a-z0-9-]{0,39}$/;
const DEVICE = /^[^/\s]+\/.{1,200}$/;
const WORDS_AT_MOST = 100;

/** Read a filter from an address; what is no word of it is left out. */
export function readAlarmFilter(query: URLSearchParams): AlarmFilter {
  return {
    severities: SEVERITIES.filter((word) => query.getAll('severity').includes(word)),
    states: STATES.filter((word) => query.getAll('state').includes(word)),
    areas: query.getAll('area').filter(Boolean).slice(0, WORDS_AT_MOST),
    rules: query.getAll('rule').filter((word) => RULE.test(word)).slice(0, WORDS_AT_MOST),
    device: DEVICE.test(query.get('device') ?? '') ? (query.get('device') ?? '') : '',
    mine: query.get('mine') === 'yes',
    withSnoozed: query.get('snoozed') === 'yes',
  };
}

export function alarmParameters(filter: AlarmFilter): Record<string, string[] | string | null> {
  return {
    severity: filter.severities.length ? [...filter.severities] : null,
    state: filter.states.length ? [...filter.states] : null,
    area: filter.areas.length ? [...filter.areas] : null,
    rule: filter.rules.length ? [...filter.rules] : null,
    device: filter.device || null,
    mine: filter.mine ? 'yes' : null,
    snoozed: filter.withSnoozed ? 'yes' : null,
  };
}

export function alarmInput(filter: AlarmFilter, username: string): AlarmFilterInput {
  const input: AlarmFilterInput = { withSnoozed: filter.withSnoozed };
  if (filter.severities.length) input.severities = [...filter.severities];
  if (filter.states.length) input.states = [...filter.states];
  if (filter.areas.length) input.areas = [...filter.areas];
  if (filter.rules.length) input.rules = [...filter.rules];
  if (filter.device) input.deviceId = filter.device;
  if (filter.mine) input.assignees = [username];
  return input;
}

export function without<Word>(words: readonly Word[], word: Word): readonly Word[] {
  return words.includes(word) ? words.filter((one) => one !== word) : [...words, word];
}
