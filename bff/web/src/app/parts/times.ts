import { locale } from './locale';
import { zone } from './zone';

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600], ['month', 2_629_800], ['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1],
];

// Making a format takes a hundred times as long as using it, and a list uses some for every row.
const RELATIVE = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'short' });
const WHOLE = formatInZone({ dateStyle: 'medium', timeStyle: 'medium' });
const ZONE_NAME = formatInZone({ timeZoneName: 'short' });
const DAY = formatInZone({ dateStyle: 'medium' });
const TIME = formatInZone({ timeStyle: 'short' });
const YEAR = formatInZone({ year: 'numeric' });

/** By how much what has just happened may lie ahead: the page's clock ticks every five seconds, and may be behind. */
const NEARLY_NOW_SECONDS = 10;

/** Return a time as seen from `now`: "5 min. ago", "in 2 days". */
export function relative(at: Date, now: Date): string {
  const ahead = (at.getTime() - now.getTime()) / 1000;
  const seconds = ahead > 0 && ahead < NEARLY_NOW_SECONDS ? 0 : ahead;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return RELATIVE.format(Math.trunc(seconds / size), unit);
}

/** Return the whole time in the zone that is shown, and the zone. */
export function absolute(at: Date): string {
  return WHOLE().format(at) + ` (${zoneName(at)})`;
}

function zoneName(at: Date): string {
  const parts = ZONE_NAME().formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone();
}

/** Return the day in the zone that is shown. */
export function onDay(at: Date): string {
  return DAY().format(at);
}

/** Return the time of the day in the zone that is shown, and the zone. */
export function timeOfDay(at: Date): string {
  return `${TIME().format(at)} (${zoneName(at)})`;
}

/** Return the year in the zone that is shown. */
export function yearOf(at: Date): string {
  return YEAR().format(at);
}

/** Return a text that is a time, ISO 8601, as a person reads it; any other text as it is. */
export function asTime(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? new Date(text) : null;
  return at && !Number.isNaN(at.getTime()) ? absolute(at) : text;
}

/** Return what gives the format in the zone that is shown; it is made again when another zone is. */
function formatInZone(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  let made: { readonly zone: string; readonly format: Intl.DateTimeFormat } | undefined;
  return () => {
    const timeZone = zone();
    if (made?.zone !== timeZone) made = { zone: timeZone, format: new Intl.DateTimeFormat(locale(), { ...options, timeZone }) };
    return made.format;
  };
}
