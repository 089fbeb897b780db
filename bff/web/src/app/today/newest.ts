interface Counted {
  readonly asOf: string | null;
}

/** Return which of both was counted later, `one` when that is not known: an answer may be older than what a stream told. */
export function newest<One extends Counted, Other extends Counted>(one: One | null, other: Other | null): One | Other | null {
  if (!one || !other) return one ?? other;
  return timeOf(other) > timeOf(one) ? other : one;
}

function timeOf({ asOf }: Counted): number {
  return asOf ? Date.parse(asOf) : 0;
}
