import { CONDITION_TITLES } from '../devices/filter/titles';
import type { WordCondition } from '../devices/filter/device-filter';
import { causeText } from '../parts/causes';
import { whole } from '../parts/numbers';
import { spoken } from '../parts/words';

/** Why an alarm was raised, as people read it: in their language, and the code of the event beside it. */
export interface AlarmText {
  readonly text: string;
  /** "" where no event raised it. */
  readonly code: string;
}

/** The rules that the register comes with; those of an installation's own are read as they are called. */
const RULES: Readonly<Record<string, string>> = {
  'tamper-detected': $localize`Tamper detected`, 'power-lost': $localize`Power lost`, silent: $localize`Silent`, 'error-state': $localize`Error state`,
  'firmware-failed': $localize`Firmware failed`, 'alert-storm': $localize`Alert storm`, 'area-outage': $localize`Area outage`,
};

/** Return the name of a rule as people read it. */
export function ruleText(rule: string): string {
  return (Object.hasOwn(RULES, rule) ? RULES[rule] : null) ?? spoken(rule.replaceAll('-', '_'));
}

const OF_A_FACET = /^(lifecycle|power|switch|communication|tamper|firmware) is ([A-Z_]+)(?: \((.*)\))?$/;
const OF_AN_AREA = /^([a-z0-9-]+): ([\d,]+) devices or more within (\d+) s$/;
const STORM = /^more than (\d+) changes within (\d+) s$/;

/** Read the summary that the register gave an alarm; one of a kind that is not known here stays as it is. */
export function alarmText(summary: string): AlarmText {
  const facet = OF_A_FACET.exec(summary);
  if (facet) return { text: `${CONDITION_TITLES[facet[1] as WordCondition]}: ${spoken(facet[2] ?? '')}`, code: causeText(facet[3] ?? '') };
  const storm = STORM.exec(summary);
  if (storm) return { text: $localize`More than ${whole(Number(storm[1]))}:changes: changes within ${whole(Number(storm[2]))}:seconds: s`, code: '' };
  const area = OF_AN_AREA.exec(summary);
  if (area) {
    const count = whole(Number(area[2]?.replaceAll(',', '')));
    return { text: $localize`${ruleText(area[1] ?? '')}:cause:: ${count}:count: devices or more within ${whole(Number(area[3]))}:seconds: s`, code: '' };
  }
  return { text: summary, code: '' };
}
