import { whole } from './numbers';

/** What is counted, in the words of a chip. */
export interface CountedWords {
  readonly all: (count: string) => string;
  /** Of what is not counted to the end. */
  readonly atLeast?: (count: string) => string;
  readonly one: string;
  readonly more: (count: string) => string;
}

export const DEVICES: CountedWords = {
  all: (count) => $localize`Take this condition away: ${count}:count: devices in all`,
  one: $localize`Take this condition away: one device more`,
  more: (count) => $localize`Take this condition away: ${count}:count: devices more`,
};

export const ALARMS: CountedWords = {
  all: (count) => $localize`Take this condition away: ${count}:count: alarms in all`,
  atLeast: (count) => $localize`Take this condition away: ${count}:count: alarms in all, or more`,
  one: $localize`Take this condition away: one alarm more`,
  more: (count) => $localize`Take this condition away: ${count}:count: alarms more`,
};

/** How many fit without a condition, and with it (null: not known); `cut`: there may be more than were counted. */
export interface Counted {
  readonly without: number;
  readonly present: number | null;
  readonly cut: boolean;
}

/** Say what taking a condition away would bring back. */
export function broughtBack({ without, present, cut }: Counted, words: CountedWords): string {
  if (cut && words.atLeast) return words.atLeast(whole(without));
  // What changed between both counts is nothing that a condition holds back.
  const more = present === null ? null : without - present;
  if (more === null || more < 0) return words.all(whole(without));
  if (more === 0) return $localize`Take this condition away: it holds nothing back`;
  return more === 1 ? words.one : words.more(whole(more));
}
