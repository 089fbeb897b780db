import type { WholeDeviceFragment } from '../graph/generated';
import { grouped } from '../device/facts';

const FACETS = ['lifecycle', 'power', 'switch', 'communication', 'tamper', 'firmware'] as const;

export interface FacetPair {
  readonly name: (typeof FACETS)[number];
  readonly a: WholeDeviceFragment['lifecycle'];
  readonly b: WholeDeviceFragment['lifecycle'];
  readonly differs: boolean;
}

export interface FactPair {
  readonly name: string;
  readonly code: boolean;
  readonly a: string | null;
  readonly b: string | null;
  readonly differs: boolean;
}

/** Return the facets of two devices side by side. Since when does not count as a difference: the value does. */
export function facetPairs(a: WholeDeviceFragment, b: WholeDeviceFragment): readonly FacetPair[] {
  return FACETS.map((name) => ({ name, a: a[name], b: b[name], differs: a[name].value !== b[name].value }));
}

/** Return the facts of two devices side by side, in their groups; what neither has is left out. */
export function factPairs(a: WholeDeviceFragment, b: WholeDeviceFragment): readonly { title: string; pairs: readonly FactPair[] }[] {
  return grouped(a, b).map(({ title, facts }) => ({
    title,
    pairs: facts.map(({ name, code, value, other }) => ({ name, code, a: value, b: other ? other.value : value, differs: other !== null })),
  }));
}
