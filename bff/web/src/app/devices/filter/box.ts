import type { GeoBoxInput } from '../../graph/generated';
import { decimals } from '../../parts/numbers';

const DECIMALS = 7;

/** Return a part of the map as an address says it: south, west, north and east in degrees, to the centimetre. */
export function boxText({ south, west, north, east }: GeoBoxInput): string {
  return [south, west, north, east].map((side) => String(Number(side.toFixed(DECIMALS)))).join(',');
}

/** Read a part of the map from an address; null for none, and for what is none. */
export function readBox(text: string | null): GeoBoxInput | null {
  const [south = NaN, west = NaN, north = NaN, east = NaN] = decimals(text, 4) ?? [];
  const fits = Math.abs(west) <= 180 && Math.abs(east) <= 180 && west !== east && south >= -90 && south < north && north <= 90;
  return fits ? { south, west, north, east } : null;
}
