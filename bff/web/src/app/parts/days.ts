import { fromTheWall } from './wall-clock';

/** Return a day of an address, "2026-03-01"; "" for what is none. */
export function day(text: string | null): string {
  return text && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : '';
}

/** Return when a day begins in the zone that is shown, `later` days on: clocks that change are minded. */
export function startOf(text: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = text.split('-').map(Number);
  const inUtc = new Date(Date.UTC(year, month - 1, date + later));
  return fromTheWall(`${inUtc.toISOString().slice(0, 10)}T00:00`) ?? inUtc;
}

/** Return the time from the first day to the last, both included; null without a limit, or when the last lies before the first. */
export function daysInput(from: string, to: string): { start: string | null; end: string | null } | null {
  const start = from ? startOf(from, 0) : null;
  const end = to ? startOf(to, 1) : null;
  if ((!start && !end) || (start && end && start >= end)) return null;
  return { start: start?.toISOString() ?? null, end: end?.toISOString() ?? null };
}
