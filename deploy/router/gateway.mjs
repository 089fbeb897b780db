// The router: Hive Gateway as a library, told what this system needs of it and nothing else.
//
// A request goes through the locks in this order: its length, its token, what it brings (input.mjs), the number of
// tokens, depth and aliases of its document, whether its variables fit, then the directives of the supergraph
// (@authenticated, @requiresScopes, @policy: policies are the roles of the token). What is left goes to the bff with the
// caller's own token; bff and register judge again.
import { defaultProtectSingleValidateFn } from '@envelop/generic-auth';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { Logger } from '@graphql-hive/logger';
import http from '@graphql-mesh/transport-http';

import { trustedDocuments } from './documents.mjs';
import { inputPlugin } from './input.mjs';
import { limitsPlugin } from './limits.mjs';
import { maskError } from './masking.mjs';
import { refusal } from './refusals.mjs';
import { requestLogPlugin } from './request_log.mjs';
import { lineFeedsPlugin, reasonsPlugin } from './subgraph.mjs';
import { rolesOf, scopesOf, tokenCheck } from './tokens.mjs';
import { traceOf, traceparentFrom } from './traceparent.mjs';

export const ENDPOINT = '/graphql';

export function createGateway(settings, supergraph, documents, log, traces) {
  const tokens = tokenCheck(settings, log);
  const gateway = createGatewayRuntime({
    supergraph: () => supergraph.text,
    gracefulSchemaReload: { drainTimeout: settings.drainMs },
    transports: { http },
    transportEntries: {
      bff: {
        location: settings.bffUrl,
        options: {
          // It joins equal queries that are under way when their headers are equal, too. No two are, as each has a trace
          // of its own; and whose answer one is given shall not hang on the key of a cache.
          deduplicateInflightRequests: false,
        },
      },
    },
    upstreamTimeout: ({ executionRequest }) =>
      executionRequest?.operationType === 'subscription' ? undefined : settings.bffTimeoutMs,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request }) => ({
        authorization: request.headers.get('authorization'),
        traceparent: traceparentFrom(traceOf(request)),
      }),
      fromSubgraphsToClient: ({ response }) => ({ 'retry-after': response.headers.get('retry-after') }),
    },
    genericAuth: {
      mode: 'protect-granular',
      resolveUserFn: ({ claims }) => claims,
      extractScopes: scopesOf,
      extractPolicies: rolesOf,
      validateUser: (asked) => {
        const denied = defaultProtectSingleValidateFn(asked);
        return denied && refusal(asked.user ? 'ROLE_MISSING' : 'UNAUTHENTICATED', { nodes: denied.nodes, path: denied.path });
      },
    },
    plugins: () => [
      requestLogPlugin(log, ENDPOINT, traces),
      traces?.plugin ?? {},
      limitsPlugin(settings.limits, { endpoint: ENDPOINT, graphiql: settings.graphiql }),
      tokens.plugin,
      inputPlugin(settings.limits),
      lineFeedsPlugin,
      reasonsPlugin(),
    ],
    persistedDocuments: trustedDocuments(documents, { only: settings.documentsOnly }),
    executionCancellation: true,
    upstreamCancellation: true,
    maskedErrors: { maskError: maskError(log) },
    subgraphErrors: false,
    graphqlEndpoint: ENDPOINT,
    healthCheckEndpoint: '/healthz',
    readinessCheckEndpoint: '/graph-is-read',
    cors: settings.corsOrigins.length ? { origin: settings.corsOrigins, methods: ['POST', 'OPTIONS'], credentials: false } : false,
    graphiql: settings.graphiql,
    landingPage: false,
    requestId: false,
    multipart: false,
    batching: false,
    logging: loggerOf(log),
  });
  return { gateway, ready: tokens.ready };
}

// What the libraries have to say, as lines like ours: their message, not what they say beside it. Errors of operations
// are told by maskError, without what was asked.
function loggerOf(log) {
  const write = (level, about, message) => {
    const error = about?.err ?? about;
    if (!error?.extensions) log({ level, event: 'gateway', message: String(message ?? error?.message ?? '') });
  };
  return new Logger({ level: 'error', writers: [{ write }] });
}
