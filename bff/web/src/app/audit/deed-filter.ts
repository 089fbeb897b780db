import type { DeedFilterInput, DeedOutcome } from '../graph/generated';
import { day, daysInput } from '../parts/days';

/** Kinds of deeds by what a person looks for; words of register and hub. A new word is found without a kind. */
export const DEED_KINDS = {
  alarms: ['acknowledge-alarm', 'assign-alarm', 'comment-alarm', 'snooze-alarm', 'resolve-alarm'],
  jobs: ['create-job', 'pause-job', 'resume-job', 'cancel-job'],
  imports: ['create-import', 'check-import', 'run-import', 'pause-import', 'resume-import', 'cancel-import'],
  notes: ['create-note', 'delete-note'],
  views: ['create-view', 'update-view', 'delete-view'],
  identities: ['resolve-identity-conflict', 'join-devices', 'undo-join'],
  quarantine: ['replay-quarantined-messages'],
} as const satisfies Record<string, readonly string[]>;

export type DeedGroup = keyof typeof DEED_KINDS;
export const DEED_GROUPS = Object.keys(DEED_KINDS) as DeedGroup[];
export const OUTCOMES: readonly DeedOutcome[] = ['DONE', 'REFUSED', 'ASKED'];

/** What the list of deeds is limited to, as the address says it. Days are of the person's zone, both included. */
export interface DeedFilter {
  readonly who: string;
  readonly groups: readonly DeedGroup[];
  readonly outcomes: readonly DeedOutcome[];
  readonly device: string;
  readonly about: string;
  readonly from: string;
  readonly to: string;
}

export const ALL_DEEDS: DeedFilter = { who: '', groups: [], outcomes: [], device: '', about: '', from: '', to: '' };

export function readDeedFilter(query: URLSearchParams): DeedFilter {
  const text = (name: string): string => (query.get(name) ?? '').trim().slice(0, 200);
  const outcomes = query.getAll('outcome').map((word) => word.toUpperCase());
  const device = text('device');
  return {
    who: text('who'),
    groups: DEED_GROUPS.filter((name) => query.getAll('what').includes(name)),
    outcomes: OUTCOMES.filter((word) => outcomes.includes(word)),
    device: /^[a-z0-9][a-z0-9-]{0,62}\/[^/]{1,128}$/.test(device) ? device : '',
    about: text('about'),
    from: day(text('from')),
    to: day(text('to')),
  };
}

export function deedParameters(filter: DeedFilter): Record<string, string[] | string | null> {
  return {
    who: filter.who || null,
    what: filter.groups.length ? [...filter.groups] : null,
    outcome: filter.outcomes.length ? filter.outcomes.map((word) => word.toLowerCase()) : null,
    device: filter.device || null,
    about: filter.about || null,
    from: filter.from || null,
    to: filter.to || null,
  };
}

export function deedInput(filter: DeedFilter): DeedFilterInput {
  const input: DeedFilterInput = {};
  if (filter.who) input.usernames = [filter.who];
  if (filter.groups.length && filter.groups.length < DEED_GROUPS.length) input.kinds = filter.groups.flatMap((name) => [...DEED_KINDS[name]]);
  if (filter.outcomes.length && filter.outcomes.length < OUTCOMES.length) input.outcomes = [...filter.outcomes];
  if (filter.device) input.deviceId = filter.device;
  if (filter.about) input.about = filter.about;
  const time = daysInput(filter.from, filter.to);
  if (time) input.time = time;
  return input;
}

export function isAllDeeds(filter: DeedFilter): boolean {
  return Object.keys(deedInput(filter)).length === 0;
}
