/** Return whether one of the roles may see devices and alarms: a hint for the page, the register decides. */
export function seesPark(roles: readonly string[] | undefined): boolean {
  return roles?.some((role) => role === 'asset-viewer' || role === 'asset-manager') ?? false;
}
