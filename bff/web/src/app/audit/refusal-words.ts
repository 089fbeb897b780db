import { causeText } from '../parts/causes';

/** Why a change was refused, by the contract's word (proto/meterpark/errors/v1, ErrorReason). */
const REASONS: Readonly<Record<string, string>> = {
  ARGUMENT_INVALID: $localize`What was asked for is not valid`, BATCH_TOO_LARGE: $localize`That is more than is taken at once`, TOO_MANY: $localize`That is more than is allowed at once, or more than can be kept`,
  DEVICE_UNKNOWN: $localize`There is no such device`, DEVICE_JOINED: $localize`The device was joined into another one`, JOIN_REFUSED: $localize`These devices cannot be joined, or not be taken apart`,
  ALARM_UNKNOWN: $localize`There is no such alarm`, ALARM_STATE_REFUSED: $localize`The alarm does not take this in its state`, ALARM_HISTORY_FULL: $localize`The history of the alarm is full`,
  JOB_UNKNOWN: $localize`There is no such job`, JOB_STATE_REFUSED: $localize`The job does not take this in its state`,
  IMPORT_UNKNOWN: $localize`There is no such import`, IMPORT_STATE_REFUSED: $localize`The import does not take this in its state`,
  VIEW_UNKNOWN: $localize`There is no such saved view`, VIEW_NAME_TAKEN: $localize`There is another view of this name`, VIEW_CHANGED: $localize`The view was changed meanwhile`,
  IDENTITY_CONFLICT_UNKNOWN: $localize`There is no such conflict about a name`, IDENTITY_CONFLICT_DECIDED: $localize`The conflict was decided otherwise before`,
  QUARANTINED_MESSAGE_UNKNOWN: $localize`The quarantine does not hold this message`, QUARANTINED_MESSAGE_BUSY: $localize`The message is being read again, or was resolved`,
  REQUEST_ID_REUSED: $localize`The same request came before with other words`, ROLE_MISSING: $localize`The role does not allow this`, NETWORK_DENIED: $localize`The network is not seen by this person`,
};

/**
 * Return why a deed was refused, in words of the page, and beside them what the service said where it says more; that is
 * English. Null: it was not refused.
 */
export function refusalOf({ detail, refusalReason }: { readonly detail: string | null; readonly refusalReason: string | null }): { readonly text: string; readonly asSaid: string } | null {
  if (!detail) return null;
  const cause = causeText(detail);
  if (cause !== detail) return { text: cause, asSaid: '' };
  return { text: refusalReason !== null && Object.hasOwn(REASONS, refusalReason) ? (REASONS[refusalReason] ?? '') : '', asSaid: detail };
}
