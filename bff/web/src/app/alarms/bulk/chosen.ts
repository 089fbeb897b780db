import type { AlarmFilterInput, AlarmSelectionInput } from '../../graph/generated';

/** Which alarms are chosen: some of those shown, or all that match, also those on no page yet, but some. */
export type Chosen =
  | { readonly kind: 'some'; readonly ids: ReadonlySet<string> }
  | { readonly kind: 'all'; readonly without: ReadonlySet<string> };

export const NOTHING: Chosen = { kind: 'some', ids: new Set() };
/** As many as the register takes by name, and as many as it leaves out. */
export const NAMED_AT_MOST = 500;

export function isChosen(chosen: Chosen, id: string): boolean {
  return chosen.kind === 'some' ? chosen.ids.has(id) : !chosen.without.has(id);
}

/** Choose one more, or one less. */
export function toggled(chosen: Chosen, id: string): Chosen {
  const ids = new Set(chosen.kind === 'some' ? chosen.ids : chosen.without);
  if (!ids.delete(id)) ids.add(id);
  if (ids.size > NAMED_AT_MOST) return chosen;
  return chosen.kind === 'some' ? { kind: 'some', ids } : { kind: 'all', without: ids };
}

/** Choose all that are shown, or none when all are. */
export function toggledAll(chosen: Chosen, shown: readonly string[]): Chosen {
  const all = shown.length > 0 && shown.every((id) => isChosen(chosen, id));
  return all || chosen.kind === 'all' ? NOTHING : { kind: 'some', ids: new Set(shown.slice(0, NAMED_AT_MOST)) };
}

/** Return what is chosen as the graph takes it. */
export function selectionOf(chosen: Chosen, matching: AlarmFilterInput): AlarmSelectionInput {
  return chosen.kind === 'some' ? { alarmIds: [...chosen.ids] } : { filter: matching, excludedAlarmIds: [...chosen.without] };
}
