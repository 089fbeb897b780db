// One line per operation, when it is over, as the services behind write theirs: which it was, how long it took, how it
// ended, who asked. Never a token, a variable or a document.
import { isAsyncIterable } from '@graphql-tools/utils';
import { getOperationAST } from 'graphql';

import { traceOf } from './traceparent.mjs';

const LONGEST_NAME = 100;
const LONGEST_REASON = 60;
const MILLISECONDS = 1000;
const FINE = 'fine';
const NAMELESS = 'anonymous';

// `traces`, where there are any, are told of the same operations.
export function requestLogPlugin(log, endpoint, traces) {
  const asked = new WeakMap();

  const tell = (request, outcome, more) => {
    const about = asked.get(request);
    if (!about) return;
    asked.delete(request);
    const { startedAt, reasons, streams, ...known } = about;
    const seconds = Math.round(performance.now() - startedAt) / MILLISECONDS;
    log({ level: 'info', event: 'operation', ...known, outcome, seconds, ...more });
    traces?.end(request, {
      kind: known.kind,
      name: known.operation === NAMELESS ? undefined : known.operation,
      reason: outcome === FINE ? undefined : outcome,
    });
  };
  const starts = ({ args }) => {
    const about = asked.get(args.contextValue.request);
    const operation = getOperationAST(args.document, args.operationName);
    if (!about || !operation) return;
    about.kind = operation.operation;
    about.operation = operation.name?.value.slice(0, LONGEST_NAME) ?? NAMELESS;
  };

  return {
    onRequest({ request, url }) {
      if (url.pathname !== endpoint || request.method === 'OPTIONS') return;
      traces?.begin(request);
      asked.set(request, { startedAt: performance.now(), trace_id: traceOf(request).traceId });
    },
    onContextBuilding({ context }) {
      const about = asked.get(context.request);
      if (!about) return;
      about.user = context.claims?.preferred_username;
      about.subject = context.claims?.sub;
    },
    onExecute: starts,
    onSubscribe(payload) {
      starts(payload);
      const { request } = payload.args.contextValue;
      let events = 0;
      return {
        onSubscribeResult: ({ result }) => {
          if (!isAsyncIterable(result)) return undefined;
          return { onNext: () => void (events += 1), onEnd: () => tell(request, FINE, { events }) };
        },
      };
    },
    onResultProcess({ request, result }) {
      const about = asked.get(request);
      if (!about) return;
      // Told when it ends.
      about.streams = isAsyncIterable(result);
      const reasons = (result?.errors ?? []).map((one) => one.extensions?.reason ?? one.extensions?.code ?? 'ERROR');
      about.reasons = [...new Set(reasons.map((one) => String(one).slice(0, LONGEST_REASON)))];
    },
    onResponse({ request, response }) {
      const about = asked.get(request);
      if (!about) return;
      traces?.answered(request, response.status);
      if (about.streams) return;
      const refused = about.reasons?.join(',') || (response.ok ? '' : `HTTP ${response.status}`);
      tell(request, refused || FINE, { status: response.status });
    },
  };
}
