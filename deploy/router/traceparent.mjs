// The trace that a request belongs to, as its header has it: https://www.w3.org/TR/trace-context/#traceparent-header
import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = 1;

const goesOn = new WeakMap();

// What the asker said, or nothing where that is none.
export function givenTrace(request) {
  const found = TRACEPARENT.exec(request.headers.get('traceparent') ?? '');
  return found && { traceId: found[1], spanId: found[2], traceFlags: Number.parseInt(found[3], 16) & SAMPLED, isRemote: true };
}

export function traceparentFrom({ traceId, spanId, traceFlags }) {
  return `00-${traceId}-${spanId}-0${traceFlags & SAMPLED}`;
}

// From here on the request belongs to this trace, whatever its header says.
export function goOnWith(request, trace) {
  goesOn.set(request, trace);
}

// The trace that the asker is in; a new one where there is none, so that the lines of all services can be put together.
export function traceOf(request) {
  if (!goesOn.has(request)) goesOn.set(request, givenTrace(request) ?? { traceId: hex(16), spanId: hex(8), traceFlags: 0 });
  return goesOn.get(request);
}

const hex = (bytes) => randomBytes(bytes).toString('hex');
