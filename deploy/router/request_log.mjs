// One line per operation, when it is over, as the services behind write theirs: which it was, how long it took, how it
// ended, who asked. Never a token, a variable or a document.
import { randomBytes } from 'node:crypto';

import { isAsyncIterable } from '@graphql-tools/utils';
import { getOperationAST } from 'graphql';

const LONGEST_NAME = 100;
const LONGEST_REASON = 60;
const MILLISECONDS = 1000;
// https://www.w3.org/TR/trace-context/#traceparent-header
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

export function requestLogPlugin(log, endpoint) {
  const asked = new WeakMap();

  const tell = (request, outcome, more) => {
    const about = asked.get(request);
    if (!about) return;
    asked.delete(request);
    const { startedAt, reasons, streams, ...known } = about;
    const seconds = Math.round(performance.now() - startedAt) / MILLISECONDS;
    log({ level: 'info', event: 'operation', ...known, outcome, seconds, ...more });
  };
  const starts = ({ args }) => {
    const about = asked.get(args.contextValue.request);
    const operation = getOperationAST(args.document, args.operationName);
    if (!about || !operation) return;
    about.kind = operation.operation;
    about.operation = operation.name?.value.slice(0, LONGEST_NAME) ?? 'anonymous';
  };

  return {
    onRequest({ request, url }) {
      if (url.pathname !== endpoint || request.method === 'OPTIONS') return;
      asked.set(request, { startedAt: performance.now(), trace_id: TRACEPARENT.exec(traceparentOf(request))[1] });
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
          return { onNext: () => void (events += 1), onEnd: () => tell(request, 'fine', { events }) };
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
      if (!about || about.streams) return;
      const refused = about.reasons?.join(',') || (response.ok ? '' : `HTTP ${response.status}`);
      tell(request, refused || 'fine', { status: response.status });
    },
  };
}

const made = new WeakMap();

// The trace that the asker is in; a new one where there is none, so that the lines of all services can be put together.
export function traceparentOf(request) {
  const given = request.headers.get('traceparent') ?? '';
  if (TRACEPARENT.test(given)) return given;
  if (!made.has(request)) made.set(request, `00-${hex(16)}-${hex(8)}-00`);
  return made.get(request);
}

const hex = (bytes) => randomBytes(bytes).toString('hex');
