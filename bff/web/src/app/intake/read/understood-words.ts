import { whole } from '../../parts/numbers';

const KINDS: Readonly<Record<string, string>> = {
  configuration: $localize`Configuration`, event: $localize`Event`, linkage: $localize`Linkage`, contact: $localize`Contact`, control: $localize`Control`,
};

export function kindText(kind: string): string {
  return KINDS[kind] ?? kind;
}

export interface Counts {
  readonly unreadable: unknown;
  readonly reportCount: number;
  readonly problemCount: number;
}

/** Say in one sentence how much of a message is understood. */
export function understoodSentence({ unreadable, reportCount, problemCount }: Counts): string {
  if (unreadable) return $localize`Nothing of this message can be read`;
  if (problemCount) return $localize`${whole(reportCount)}:reports: reports are understood, ${whole(problemCount)}:problems: parts are not`;
  if (!reportCount) return $localize`The message is understood, and says nothing that is wanted`;
  return reportCount === 1 ? $localize`The whole message is understood: one report` : $localize`The whole message is understood: ${whole(reportCount)}:reports: reports`;
}
