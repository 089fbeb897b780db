import { zone } from './zone';

/** Return a time as the clock on the wall says it in the zone that is shown, as a field for times takes it: "2026-11-29T13:00". */
export function onTheWall(at: Date): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone(), year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(at);
  const said = (type: Intl.DateTimeFormatPartTypes): string => parts.find((part) => part.type === type)?.value ?? '';
  return `${said('year').padStart(4, '0')}-${said('month')}-${said('day')}T${said('hour')}:${said('minute')}`;
}

/**
 * Return when the clock on the wall says so in the zone that is shown; null when the text is no time. Of an hour that comes
 * twice it is the first; one that summer time leaves out is the hour after it.
 */
export function fromTheWall(text: string): Date | null {
  const asUtc = Date.parse(`${text}Z`);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) || Number.isNaN(asUtc)) return null;
  const offsetAt = (time: number): number => Date.parse(`${onTheWall(new Date(time))}Z`) - Math.floor(time / 60_000) * 60_000;
  // A zone's offset a day before and a day after: between them lies at most one change of the clock.
  const guesses = [offsetAt(asUtc - 86_400_000), offsetAt(asUtc + 86_400_000)].map((offset) => asUtc - offset);
  const right = guesses.filter((guess) => onTheWall(new Date(guess)) === text.slice(0, 16));
  return new Date(right.length ? Math.min(...right) : Math.max(...guesses));
}
