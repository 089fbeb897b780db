const TAG = /^[a-z0-9_:-]{1,40}$/;
const TAGS_AT_MOST = 20;

/** Return the tags that a person wrote, separated by commas or spaces; capital letters become small ones. */
export function readTags(text: string): readonly string[] {
  return [...new Set(text.toLowerCase().split(/[\s,;]+/).filter(Boolean))];
}

/** Return what is wrong with the tags of a job, or null. */
export function wrongTags(add: readonly string[], remove: readonly string[]): string | null {
  const wrong = [...add, ...remove].find((tag) => !TAG.test(tag));
  if (wrong !== undefined) return $localize`"${wrong}:tag:" is no tag: use small letters, digits, "-", "_" and ":", at most 40 of them.`;
  const both = add.find((tag) => remove.includes(tag));
  if (both !== undefined) return $localize`"${both}:tag:" cannot be added and taken away at once.`;
  if (add.length > TAGS_AT_MOST || remove.length > TAGS_AT_MOST) return $localize`At most ${TAGS_AT_MOST}:count: tags at once.`;
  return null;
}
