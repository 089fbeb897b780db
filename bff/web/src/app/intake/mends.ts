import { seesPark } from '../session/seen';

/** The role that sees messages and has them read again: a hint for the page, the hub decides. */
export const MENDS = 'integration-engineer';

/** Return whether one of the roles may see how much comes in, and how much cannot be read. */
export function seesIntake(roles: readonly string[] | undefined): boolean {
  return roles?.some((role) => role === MENDS || role === 'asset-manager') ?? false;
}

/** Return whether one of the roles may see what became of files of shipments. */
export function seesShipments(roles: readonly string[] | undefined): boolean {
  return seesPark(roles);
}
