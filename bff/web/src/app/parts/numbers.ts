import { locale } from './locale';

const WHOLE = new Intl.NumberFormat(locale());

export function whole(value: number): string {
  return WHOLE.format(value);
}

/** Return a share as a person reads it: what is there is never "0 %". */
export function share(part: number, all: number): string {
  if (!all) return '–';
  const percent = (100 * part) / all;
  if (part > 0 && percent < 1) return '<1 %';
  if (part < all && percent > 99) return '>99 %';
  return `${Math.round(percent)} %`;
}
