import { whole } from './numbers';

/** What led to something where it was no event, and why something was left: words of the services, as people read them. */
const CAUSES: Readonly<Record<string, string>> = {
  'inferred from contact': $localize`inferred from contact`, contact: $localize`contact`, silence: $localize`silence`, 'inferred from silence': $localize`inferred from silence`,
  shipment: $localize`shipment file`, joined: $localize`another device joined`,
  'no such device in the register': $localize`no such device in the register`, 'no such alarm': $localize`no such alarm`,
  'an alarm of its area stands for it': $localize`an alarm of its area stands for it`, 'sleeps until then already': $localize`sleeps until then already`,
  'the cause is over': $localize`the cause is over`, 'the rule is off': $localize`the rule is off`, 'the device is not in the register any more': $localize`the device is not in the register any more`,
};
const SENTENCES: readonly [RegExp, (told: string) => string][] = [
  [/^(?:alarm \S+ )?is acknowledged already$/, () => $localize`The alarm is acknowledged already`],
  [/^(?:alarm \S+ )?is assigned already$/, () => $localize`The alarm is assigned already`],
  [/^is assigned to (.+) already$/, (assignee) => $localize`The alarm is assigned to ${assignee}:assignee: already`],
  [/^(?:alarm \S+ )?is resolved(?: already)?$/, () => $localize`The alarm is resolved already`],
  [/^(\d+) alarms?$/, (count) => (count === '1' ? $localize`1 alarm` : $localize`${whole(Number(count))}:count: alarms`)],
  [/^it would carry \d+ tags, (\d+) at most$/, (most) => $localize`It would carry more than ${most}:most: tags`],
];

/** Return why something is as it is. A code, the name of a message, or what is not known here is read as it is. */
export function causeText(cause: string | null): string {
  if (cause === null) return '';
  if (Object.hasOwn(CAUSES, cause)) return CAUSES[cause] ?? cause;
  for (const [pattern, sentence] of SENTENCES) {
    const found = pattern.exec(cause);
    if (found) return sentence(found[1] ?? '');
  }
  return cause;
}
