import { causeText } from '../parts/causes';

/** Why a change was not made, as people read it, by the type of the answer (bff/graph/refusals.py). */
const REFUSALS: Readonly<Record<string, string>> = {
  RequestIdReused: $localize`This was done before with other words. Begin again.`,
  TooMany: $localize`That is more than is allowed at once, or more than can be kept. Choose fewer.`,
  DeviceUnknown: $localize`The register does not hold this device any more.`,
  AlarmUnknown: $localize`This alarm is not there any more.`,
  AlarmHistoryFull: $localize`The history of this alarm is full. It can only be resolved.`,
  JobUnknown: $localize`This job is not there any more.`,
  JobStateRefused: $localize`The job has ended meanwhile, or more is chosen than was shown before: look at it again.`,
  ShipmentImportUnknown: $localize`This import is not there any more.`,
  ShipmentImportStateRefused: $localize`This import has gone on meanwhile: look at it as it is now.`,
  ChunkOffsetWrong: $localize`A part of the file is missing. Bring the file again.`,
  QuarantinedMessageUnknown: $localize`The quarantine does not hold this message any more.`,
};

/** An answer to a change: what was changed, or why not. */
interface Answer {
  readonly __typename?: string;
  readonly message?: string;
}

/** Return why a change was not made. What is wrong with an argument only the server knows, in its own words. */
export function refusalText({ __typename = '', message = '' }: Answer): string {
  const known = REFUSALS[__typename];
  if (known) return known;
  if (__typename === 'NotAllowed') return $localize`Your role does not allow this: ${message}:reason:`;
  if (__typename === 'AlarmStateRefused') return causeText(message);
  return message ? $localize`This was not accepted: ${message}:reason:` : $localize`This was not accepted.`;
}
