import { whole } from '../../parts/numbers';

/** Say what taking a condition away would bring back: `without` devices fit without it, `present` fit now (null: not known). */
export function broughtBack(without: number, present: number | null): string {
  // What changed between both counts is no devices that a condition holds back.
  const more = present === null ? null : without - present;
  if (more === null || more < 0) return $localize`Take this condition away: ${whole(without)}:count: devices in all`;
  if (more === 0) return $localize`Take this condition away: it holds nothing back`;
  if (more === 1) return $localize`Take this condition away: one device more`;
  return $localize`Take this condition away: ${whole(more)}:count: devices more`;
}
