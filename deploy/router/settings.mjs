// What the router is told, all of it by environment variables ROUTER_... (and OpenTelemetry's own, where traces go to);
// a wrong one is a line that names it.

import { fileURLToPath } from 'node:url';

export class BadSetting extends Error {}

const SECOND = 1000;

// A path, not the path of a URL, in which a blank is %20.
const beside = (name) => fileURLToPath(new URL(name, import.meta.url));

export function readSettings(environment) {
  const text = (name, fallback) => {
    const value = environment[`ROUTER_${name}`] ?? fallback;
    if (value === undefined || value === '') throw new BadSetting(`ROUTER_${name} is not set`);
    return value;
  };
  const whole = (name, fallback, least, most) => {
    const value = Number(text(name, String(fallback)));
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new BadSetting(`ROUTER_${name}: a whole number from ${least} to ${most}, not ${environment[`ROUTER_${name}`]}`);
    }
    return value;
  };
  const checkedUrl = (variable, value) => {
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
      throw new BadSetting(`${variable}: a URL that begins with http:// or https://, not ${value}`);
    }
    return value;
  };
  const url = (name) => checkedUrl(`ROUTER_${name}`, text(name));
  // https://opentelemetry.io/docs/specs/otel/protocol/exporter/: its library reads them, too, and takes a wrong one for none.
  const receivers = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'].filter((name) => environment[name]);
  receivers.forEach((name) => checkedUrl(name, environment[name]));
  return {
    host: text('HOST', '127.0.0.1'),
    port: whole('PORT', undefined, 1, 65_535),
    supergraphFile: text('SUPERGRAPH', beside('supergraph.graphql')),
    documentsFile: text('TRUSTED_DOCUMENTS', beside('../../bff/trusted_documents.json')),
    documentsOnly: environment.ROUTER_TRUSTED_DOCUMENTS_ONLY === 'on',
    bffUrl: url('BFF_URL'),
    issuer: text('TOKEN_ISSUER'),
    jwksUrl: url('TOKEN_JWKS_URL'),
    audience: text('TOKEN_AUDIENCE', 'smoc-service'),
    leewaySeconds: whole('TOKEN_LEEWAY_SECONDS', 2, 0, 60),
    // Pages from other origins that may ask; none by default, as the page itself asks through the bff.
    corsOrigins: (environment.ROUTER_CORS_ORIGINS ?? '').split(',').map((one) => one.trim()).filter(Boolean),
    graphiql: environment.ROUTER_GRAPHIQL === 'on',
    limits: {
      depth: whole('MAX_DEPTH', 12, 1, 100),
      aliases: whole('MAX_ALIASES', 30, 0, 1000),
      fields: whole('MAX_FIELDS', 1000, 1, 100_000),
      tokens: whole('MAX_TOKENS', 2000, 100, 100_000),
      // Of variables and of extensions, all together; the bff has the same limits.
      variableKeys: whole('MAX_VARIABLE_KEYS', 500, 10, 10_000),
      variableItems: whole('MAX_VARIABLE_ITEMS', 2000, 10, 100_000),
      variableDepth: whole('MAX_VARIABLE_DEPTH', 10, 3, 100),
      // A chunk of a shipment file is the largest thing that is sent here.
      bodyBytes: whole('MAX_BODY_BYTES', 2 * 1024 * 1024, 1024, 64 * 1024 * 1024),
      connections: whole('MAX_CONNECTIONS', 2000, 1, 100_000),
    },
    bffTimeoutMs: whole('BFF_TIMEOUT_SECONDS', 30, 1, 600) * SECOND,
    drainMs: whole('DRAIN_SECONDS', 10, 1, 300) * SECOND,
    traces: receivers.length > 0,
  };
}
