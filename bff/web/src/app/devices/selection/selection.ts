import type { DeviceFilterInput, DeviceSelectionInput } from '../../graph/generated';

/** Which devices a person chose: some by name, or all that fit the filter but for some. */
export type Selection = { readonly kind: 'some'; readonly ids: readonly string[] } | { readonly kind: 'all'; readonly without: readonly string[] };

export const NOTHING: Selection = { kind: 'some', ids: [] };
/** As many as a job takes by name, or leaves out of a filter. */
export const NAMED_AT_MOST = 500;
/** More than so many do not go into an address; they are kept for this tab. */
const IN_ADDRESS_AT_MOST = 40;
const KEPT = 'kept:';
/** One place in a tab: the selection before gives way. */
const STORED = 'meterpark.chosen';

export function isChosen(selection: Selection, deviceId: string): boolean {
  return selection.kind === 'some' ? selection.ids.includes(deviceId) : !selection.without.includes(deviceId);
}

/** Return how many are chosen of `total` that fit. */
export function countOf(selection: Selection, total: number): number {
  return selection.kind === 'some' ? selection.ids.length : Math.max(0, total - selection.without.length);
}

/** Return the devices of a selection of exactly two, as the comparison takes them; null of any other. */
export function pairOf(selection: Selection): { readonly a: string; readonly b: string } | null {
  const [a, b, ...more] = selection.kind === 'some' ? selection.ids : [];
  return a !== undefined && b !== undefined && !more.length ? { a, b } : null;
}

/** Return the selection with these devices in it or out of it; null where it would name more than a job takes. */
export function withDevices(selection: Selection, deviceIds: readonly string[], chosen: boolean): Selection | null {
  const named = new Set(selection.kind === 'some' ? selection.ids : selection.without);
  const names = selection.kind === 'some' ? chosen : !chosen;
  for (const deviceId of deviceIds) {
    if (names) named.add(deviceId);
    else named.delete(deviceId);
  }
  if (named.size > NAMED_AT_MOST) return null;
  return selection.kind === 'some' ? { kind: 'some', ids: [...named] } : { kind: 'all', without: [...named] };
}

/** Return the selection as a job takes it. */
export function selectionInput(selection: Selection, filter: DeviceFilterInput): DeviceSelectionInput {
  if (selection.kind === 'some') return { deviceIds: [...selection.ids] };
  return selection.without.length ? { filter, excludedDeviceIds: [...selection.without] } : { filter };
}

type Store = Pick<Storage, 'getItem' | 'setItem'>;

/** Read a selection from an address; one that this tab does not keep, or that nobody made, is nothing. */
export function readSelection(query: URLSearchParams, store: Store): Selection {
  const [first, ...rest] = query.getAll('chosen');
  if (first === undefined) return NOTHING;
  if (first === 'all') return { kind: 'all', without: deviceIds(query.getAll('without')) };
  if (!first.startsWith(KEPT)) return { kind: 'some', ids: deviceIds([first, ...rest]) };
  try {
    const text = store.getItem(STORED) ?? '';
    if (nameOf(text) !== first.slice(KEPT.length)) return NOTHING;
    const kept: unknown = JSON.parse(text);
    if (!kept || typeof kept !== 'object') return NOTHING;
    const { ids, without } = kept as { ids?: unknown; without?: unknown };
    return Array.isArray(ids) ? { kind: 'some', ids: deviceIds(ids) } : Array.isArray(without) ? { kind: 'all', without: deviceIds(without) } : NOTHING;
  } catch {
    return NOTHING;
  }
}

/**
 * Return what an address says of a selection; what is too long for one is put into `store`, and the address says its name,
 * which is made of it. A store that is full leaves it to the address, however long that is.
 */
export function selectionParameters(selection: Selection, store: Store): { chosen: string | string[] | null; without: string[] | null } {
  const named = selection.kind === 'some' ? selection.ids : selection.without;
  if (named.length > IN_ADDRESS_AT_MOST) {
    const text = JSON.stringify(selection.kind === 'some' ? { ids: named } : { without: named });
    if (isKept(text, store)) return { chosen: KEPT + nameOf(text), without: null };
  }
  if (selection.kind === 'all') return { chosen: 'all', without: named.length ? [...named] : null };
  return { chosen: named.length ? [...named] : null, without: null };
}

function isKept(text: string, store: Store): boolean {
  try {
    store.setItem(STORED, text);
    return true;
  } catch {
    return false;
  }
}

function deviceIds(texts: readonly unknown[]): readonly string[] {
  const ids = texts.filter((text): text is string => typeof text === 'string' && /^[^/]+\/[^/]+$/.test(text));
  return [...new Set(ids)].slice(0, NAMED_AT_MOST);
}

/** The same selection has the same name: the address of another finds nothing (FNV-1a). */
function nameOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  return hash.toString(36);
}
