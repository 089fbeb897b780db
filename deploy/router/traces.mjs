// Traces: a span for each operation and one for each request to the bff, sent to an OTLP receiver in batches. This file
// and its packages are loaded only where a receiver is named (OTEL_EXPORTER_OTLP_ENDPOINT).
//
// Never a token, a variable or a document. A receiver that is away costs spans and a line a minute, never a request.
// Names: https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/ and .../http/http-spans/
import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

import { givenTrace, goOnWith, traceparentFrom } from './traceparent.mjs';

// Spans beyond the queue are dropped; at the end what waits is sent for this long.
const BATCHES = { maxQueueSize: 2048, maxExportBatchSize: 512, scheduledDelayMillis: 1000, exportTimeoutMillis: 15_000 };
const REQUESTS_AT_ONCE = 4;
const FLUSH_MS = 3000;
const MINUTE = 60_000;
const LONGEST_REASON = 300;
const NOT_KNOWN_YET = 'GraphQL Operation';

export function openTraces(endpoint, log) {
  const tell = atMostOnceAMinute((why, untold) =>
    log({ level: 'warning', event: 'traces not sent', why: why.slice(0, LONGEST_REASON), ...(untold && { untold }) }),
  );
  // What the library cannot send, and what it drops.
  setGlobalErrorHandler((error) => tell(String(error?.message || error)));
  const say = (...said) => tell(said.filter((one) => typeof one === 'string').join(' '));
  const nothing = () => {};
  diag.setLogger({ error: say, warn: say, info: nothing, debug: nothing, verbose: nothing }, DiagLogLevel.WARN);

  const exporter = new OTLPTraceExporter({ concurrencyLimit: REQUESTS_AT_ONCE });
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': 'router' })),
    spanProcessors: [new BatchSpanProcessor({ exporter, ...BATCHES })],
  });
  const tracer = provider.getTracer('router');
  const operations = new WeakMap();

  return {
    begin(request) {
      const given = givenTrace(request);
      const span = tracer.startSpan(
        NOT_KNOWN_YET,
        { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'url.path': endpoint } },
        given ? trace.setSpanContext(ROOT_CONTEXT, given) : ROOT_CONTEXT,
      );
      operations.set(request, span);
      goOnWith(request, span.spanContext());
    },
    answered(request, status) {
      const span = operations.get(request);
      span.setAttribute('http.response.status_code', status);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    },
    end(request, { kind, name, reason }) {
      const span = operations.get(request);
      if (kind) {
        span.updateName(name ? `${kind} ${name}` : kind);
        span.setAttribute('graphql.operation.type', kind);
      }
      if (name) span.setAttribute('graphql.operation.name', name);
      if (reason) span.setAttribute('error.type', reason);
      span.end();
    },
    plugin: {
      onFetch({ executionRequest, fetchFn, setFetchFn }) {
        const operation = operations.get(executionRequest?.context?.request);
        if (operation) setFetchFn(tracedFetch(tracer, operation, fetchFn));
      },
    },
    async close() {
      const sent = provider.shutdown().catch((error) => tell(String(error?.message || error)));
      await Promise.race([sent, new Promise((done) => setTimeout(done, FLUSH_MS))]);
    },
  };
}

// The bff sees the span of the request to it as its parent.
function tracedFetch(tracer, operation, fetch) {
  return async (url, options, ...more) => {
    const { origin, pathname, hostname, port, protocol } = new URL(url);
    const attributes = {
      'http.request.method': options.method ?? 'GET',
      'server.address': hostname,
      'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
      'url.full': origin + pathname,
    };
    const within = trace.setSpan(ROOT_CONTEXT, operation);
    const span = tracer.startSpan(attributes['http.request.method'], { kind: SpanKind.CLIENT, attributes }, within);
    const failed = (why) => span.setAttribute('error.type', String(why)).setStatus({ code: SpanStatusCode.ERROR });
    try {
      const headers = { ...options.headers, traceparent: traceparentFrom(span.spanContext()) };
      const response = await fetch(url, { ...options, headers }, ...more);
      span.setAttribute('http.response.status_code', response.status);
      if (!response.ok) failed(response.status);
      return response;
    } catch (error) {
      failed([error?.cause?.code, error?.code, error?.name].find((one) => typeof one === 'string') ?? '_OTHER');
      throw error;
    } finally {
      span.end();
    }
  };
}

function atMostOnceAMinute(tell) {
  let toldAt = -MINUTE;
  let untold = 0;
  return (why) => {
    if (performance.now() - toldAt < MINUTE) {
      untold += 1;
      return;
    }
    tell(why, untold);
    toldAt = performance.now();
    untold = 0;
  };
}
