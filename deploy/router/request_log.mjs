// One line per operation, when it is over: what it was, how long it took, how it ended, who asked. Never a token, a
// variable or a document.
import { isAsyncIterable } from '@graphql-tools/utils';
import { getOperationAST } from 'graphql';

const LONGEST_NAME = 100;
const LONGEST_CODE = 60;

export function requestLogPlugin(log, endpoint) {
  const asked = new WeakMap();

  const tell = (request, outcome, more) => {
    const about = asked.get(request);
    if (!about) return;
    asked.delete(request);
    const { startedAt, ...known } = about;
    log({ level: 'info', event: 'operation', ...known, outcome, ms: Math.round(performance.now() - startedAt), ...more });
  };
  const starts = ({ args }) => {
    const about = asked.get(args.contextValue.request);
    const operation = getOperationAST(args.document, args.operationName);
    if (!about || !operation) return;
    about.kind = operation.operation;
    about.name = operation.name?.value.slice(0, LONGEST_NAME) ?? '';
  };

  return {
    onRequest({ request, url }) {
      if (url.pathname !== endpoint || request.method === 'OPTIONS') return;
      asked.set(request, { startedAt: performance.now(), trace: traceId(request) });
    },
    onContextBuilding({ context }) {
      const about = asked.get(context.request);
      if (!about) return;
      about.subject = context.claims?.sub;
      about.username = context.claims?.preferred_username;
    },
    onExecute: starts,
    onSubscribe(payload) {
      starts(payload);
      const request = payload.args.contextValue.request;
      let events = 0;
      return {
        onSubscribeResult: ({ result }) => {
          if (!isAsyncIterable(result)) return undefined;
          return { onNext: () => void (events += 1), onEnd: () => tell(request, 'ended', { events }) };
        },
      };
    },
    onResultProcess({ request, result }) {
      const about = asked.get(request);
      if (!about || isAsyncIterable(result)) return;
      const errors = Array.isArray(result) ? result.flatMap((one) => one.errors ?? []) : (result?.errors ?? []);
      about.codes = [...new Set(errors.map((one) => String(one.extensions?.reason ?? one.extensions?.code ?? 'ERROR').slice(0, LONGEST_CODE)))];
    },
    onResponse({ request, response }) {
      const about = asked.get(request);
      if (!about || response.headers.get('content-type')?.startsWith('text/event-stream')) return;
      const { codes = [] } = about;
      delete about.codes;
      const refused = codes.length ? codes.join(',') : `HTTP ${response.status}`;
      tell(request, response.ok && !codes.length ? 'ok' : refused, { status: response.status });
    },
  };
}

// The second field of https://www.w3.org/TR/trace-context/#traceparent-header.
function traceId(request) {
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(request.headers.get('traceparent') ?? '')?.[1];
}
