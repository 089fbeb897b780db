import { spoken } from '../parts/words';

/** Why a message could not be read, as people say it. */
const REASONS: Readonly<Record<string, string>> = {
  EMPTY_BODY: $localize`Empty message`, TEXT_ENCODING: $localize`Text cannot be decoded`, MESSAGE_TOO_LARGE: $localize`Message too large`, XML_MALFORMED: $localize`Broken XML`,
  DTD_FORBIDDEN: $localize`Document type not allowed`, TOO_DEEP: $localize`XML too deep`, XML_TOO_COMPLEX: $localize`XML too complex`, TOO_MANY_REPORTS: $localize`Too many reports in one message`,
  COMPRESSED_UNREADABLE: $localize`Cannot be unpacked`, INFLATED_TOO_LARGE: $localize`Too large when unpacked`, ENVELOPE_UNKNOWN: $localize`Envelope not known`, NAMESPACE_NOT_ALLOWED: $localize`Namespace not allowed`,
  NOUN_MISSING: $localize`Noun missing`, NOUN_UNKNOWN: $localize`Noun not known`, NOUN_NOT_READ: $localize`Noun is not read`, VERB_MISSING: $localize`Verb missing`, VERB_UNKNOWN: $localize`Verb not known`,
  PAYLOAD_MISSING: $localize`Payload missing`, PAYLOAD_UNKNOWN: $localize`Payload not known`, NOT_A_REPORT: $localize`Not a report`, FAULT_MESSAGE: $localize`Message of a fault`, CONTEXT_NOT_ACCEPTED: $localize`Context not accepted`,
  NETWORK_UNKNOWN: $localize`Network not told`, NETWORK_NOT_ALLOWED: $localize`Network not allowed`, DEVICE_MISSING: $localize`Device not named`, DEVICE_INVALID: $localize`Name of a device not valid`,
  EVENT_TYPE_MISSING: $localize`Event type missing`, TIME_MISSING: $localize`Time missing`, TIME_INVALID: $localize`Time not valid`, LINKAGE_INCOMPLETE: $localize`Linkage incomplete`, LOCATION_INVALID: $localize`Location not valid`,
  REPORT_REFUSED: $localize`Refused by the hub`, CONNECTOR_DEFECT: $localize`Defect of the connector`, READING_TOO_LONG: $localize`Reading took too long`, BODY_LOST: $localize`Part of the message is lost`, SOURCE_UNKNOWN: $localize`Source not configured`,
};

export function reasonText(reason: string): string {
  return REASONS[reason] ?? spoken(reason);
}
