const LOGIN = '/page/login?returnTo=';
const KEPT = 'meterpark.return';
/** As much as the server takes along to the login and back. */
const LONGEST = 512;
const BACK = '/?back=1';

/**
 * Return the address of a login that leads back to `path`. A view's address can be longer than a login takes along, as it
 * names everything that is shown: then it waits in this tab.
 */
export function loginAddress(path: string, kept: Storage): string {
  // Characters that an address may have when it is typed, but not when it is checked, and a host in disguise.
  const safe = path.replace(/[^\w\-.~!$&'()*+,;=:@%?#/]/g, encodeURIComponent).replace(/^\/+/, '/');
  if (safe.length <= LONGEST) return LOGIN + encodeURIComponent(safe);
  kept.setItem(KEPT, safe);
  return LOGIN + encodeURIComponent(BACK);
}

/** Return the view that waited for the end of a login, once; null when `path` is that of no such return. */
export function viewThatWaited(path: string, kept: Storage): string | null {
  if (!path.startsWith(BACK)) return null;
  const view = kept.getItem(KEPT);
  kept.removeItem(KEPT);
  return view ?? '/';
}
