import { locale } from './locale';

const WHOLE = new Intl.NumberFormat(locale());

export function whole(value: number): string {
  return WHOLE.format(value);
}

/** Return how many devices that are, in words. */
export function devicesText(count: number): string {
  return count === 1 ? $localize`1 device` : $localize`${whole(count)}:count: devices`;
}

const COMPACT = new Intl.NumberFormat(locale(), { notation: 'compact', maximumSignificantDigits: 3 });

/** Return a number where there is little room: 12,345 is "12.3K". */
export function compact(value: number): string {
  return COMPACT.format(value);
}

/** Read so many numbers with commas between them; null for anything else. */
export function decimals(text: string | null, count: number): readonly number[] | null {
  const numbers = (text ?? '').split(',').map((part) => (/^-?\d{1,3}(\.\d{1,15})?$/.test(part) ? Number(part) : NaN));
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : null;
}

/** Return a share as a person reads it: what is there is never "0 %". */
export function share(part: number, all: number): string {
  if (!all) return '–';
  const percent = (100 * part) / all;
  if (part > 0 && percent < 1) return '<1 %';
  if (part < all && percent > 99) return '>99 %';
  return `${Math.round(percent)} %`;
}
