/** An entry of a timeline, as far as it says where the device is. */
export interface Stated {
  readonly kind: string;
  readonly occurredAt: string | null;
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

/** The device at one usage point, from when to when. */
export interface Stay {
  readonly place: string;
  readonly area: string | null;
  readonly since: string | null;
  /** Null: it is there still. */
  readonly until: string | null;
}

/** Kinds of entries that state facts, also where the device is. */
export const STATING_KINDS: string[] = ['installed', 'uninstalled', 'configured', 'shipped', 'firmware-update-succeeded'];

/** Return since when each fact is as it is, by the journal's word for it: when the newest entry that says it happened. */
export function agesOf(entries: readonly Stated[]): ReadonlyMap<string, string> {
  const ages = new Map<string, string>();
  for (const { occurredAt, details } of entries) {
    for (const { name } of details) if (occurredAt && occurredAt > (ages.get(name) ?? '')) ages.set(name, occurredAt);
  }
  return ages;
}

/** Return where the device was, newest first, by when things happened and not by when they were heard. */
export function staysOf(entries: readonly Stated[]): readonly Stay[] {
  const stays: Stay[] = [];
  for (const entry of [...entries].sort((one, other) => (one.occurredAt ?? '').localeCompare(other.occurredAt ?? ''))) {
    const place = detail(entry, 'usage_point');
    const open = stays.at(-1)?.until === null ? stays.pop() : undefined;
    if (entry.kind === 'uninstalled') {
      if (open) stays.push({ ...open, until: entry.occurredAt });
      // That it was there is all that is known: it began before what was read.
      else if (place) stays.push({ place, area: null, since: null, until: entry.occurredAt });
      continue;
    }
    if (!place) {
      if (open) stays.push(open);
      continue;
    }
    const area = detail(entry, 'area');
    if (open?.place === place) {
      stays.push({ ...open, area: area ?? open.area });
      continue;
    }
    if (open) stays.push({ ...open, until: entry.occurredAt });
    stays.push({ place, area, since: entry.occurredAt, until: null });
  }
  return stays.reverse();
}

function detail(entry: Stated, name: string): string | null {
  return entry.details.find((one) => one.name === name)?.value ?? null;
}
