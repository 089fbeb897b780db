import { signal } from '@angular/core';

const KEPT = 'meterpark.zone';
export const ZONE_PARAMETER = 'tz';

/** The zone of the person's machine. */
export const OWN_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

const chosen = signal(zoneOr(localStorage.getItem(KEPT), OWN_ZONE));
showZoneOf(location.search);
// Back and Forward lead to addresses that may name another zone.
window.addEventListener('popstate', () => { showZoneOf(location.search); });

/** In which zone the page shows times: what the address says, else what the person chose, else that of the machine. */
export const zone = chosen.asReadonly();

/** Show times in this zone from now on, as long as this tab is open. */
export function showZone(name: string): void {
  chosen.set(name);
}

/** Show times in the zone that an address names; one that names none, or none that is known, changes nothing. */
export function showZoneOf(address: string): void {
  const query = new URLSearchParams(address.slice(address.indexOf('?') + 1).split('#')[0]);
  showZone(zoneOr(query.get(ZONE_PARAMETER), chosen()));
}

/** Remember a person's choice for this browser; that of the own machine needs no memory. */
export function keepZone(name: string): void {
  if (name === OWN_ZONE) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, name);
  showZone(name);
}

/** Return the zone of that name, or the other one when nobody knows the name. */
export function zoneOr(name: string | null | undefined, other: string): string {
  if (!name) return other;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return other;
  }
}

/** Return all zones that a person can choose, by name. */
export function allZones(): readonly string[] {
  return [...new Set(['UTC', OWN_ZONE, ...Intl.supportedValuesOf('timeZone')])].sort();
}
