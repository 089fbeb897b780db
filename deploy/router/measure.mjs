// How large a document is: the depth, aliases and fields of its largest operation, each fragment counted where it is used.
//
// Each fragment is measured once, however often it is used: in a chain of fragments that use the next one twice the
// paths double with each, and a limit that walks them is itself the attack. (The limiters of the gateway do, and so does
// what comes behind them: 40 such fragments, 600 tokens, kept it busy for more than it was given time.)
import { Kind } from 'graphql';

const NOTHING = { depth: 0, aliases: 0, fields: 0 };
const ENOUGH = 1_000_000_000;

export function measure(document) {
  const fragments = new Map();
  for (const one of document.definitions) {
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  }
  const measured = new Map();

  function selections(set) {
    const sum = { ...NOTHING };
    for (const one of set?.selections ?? []) {
      const { depth, aliases, fields } = selection(one);
      sum.depth = Math.max(sum.depth, depth);
      sum.aliases = Math.min(sum.aliases + aliases, ENOUGH);
      sum.fields = Math.min(sum.fields + fields, ENOUGH);
    }
    return sum;
  }

  function selection(one) {
    if (one.kind === Kind.FRAGMENT_SPREAD) return fragment(one.name.value);
    const inside = selections(one.selectionSet);
    if (one.kind === Kind.INLINE_FRAGMENT) return inside;
    return { depth: inside.depth + 1, aliases: inside.aliases + (one.alias ? 1 : 0), fields: inside.fields + 1 };
  }

  function fragment(name) {
    if (!measured.has(name)) {
      // One that uses itself counts as empty; validation refuses it.
      measured.set(name, NOTHING);
      measured.set(name, selections(fragments.get(name)?.selectionSet));
    }
    return measured.get(name);
  }

  const largest = { ...NOTHING };
  for (const one of document.definitions) {
    if (one.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const [name, value] of Object.entries(selections(one.selectionSet))) largest[name] = Math.max(largest[name], value);
  }
  return largest;
}
