// Who asks: the bearer token of a request, checked before its document is even parsed.
//
// The same rules as bearer_tokens/ has for the services behind: signature by a key of the issuer, RS256 or ES256,
// issuer, audience, exp and nbf with a leeway. The last good key set is used until another one was read, so that
// valid tokens go on while Keycloak is away; an unknown key makes the router look, at most once a second.
import { GraphQLError } from 'graphql';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

import { refusal } from './refusals.mjs';

const ALGORITHMS = ['RS256', 'ES256'];
const REFRESH_MS = 60_000;
// While there are none yet, as when Keycloak starts beside the router.
const FIRST_MS = 4000;
const PAUSE_MS = 1000;
// As the services take them (bearer_tokens/token_check.py).
const LONGEST_TOKEN = 8192;
const LAST_SECOND = Date.parse('9999-12-31T23:59:59Z') / 1000;

export function tokenCheck(settings, log) {
  const keys = createRemoteJWKSet(new URL(settings.jwksUrl), { cacheMaxAge: Infinity, cooldownDuration: PAUSE_MS });
  async function refresh() {
    try {
      await keys.reload();
    } catch (error) {
      log({ level: 'warning', event: 'keys not read', why: error.message });
    }
    const pause = keys.jwks() ? REFRESH_MS : FIRST_MS;
    setTimeout(refresh, pause * (0.5 + Math.random() / 2)).unref();
  }
  void refresh();

  async function claimsOf(request) {
    const [scheme, token, ...more] = (request.headers.get('authorization') ?? '').split(' ');
    if (scheme.toLowerCase() !== 'bearer' || !token || more.length || token.length > LONGEST_TOKEN) {
      throw refusal('UNAUTHENTICATED');
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: ALGORITHMS,
        clockTolerance: settings.leewaySeconds,
        requiredClaims: ['exp', 'sub'],
      });
      // The services name a person by it, and an end that their calendar does not have is none.
      if (typeof payload.sub !== 'string' || !payload.sub || payload.exp > LAST_SECOND) throw refusal('UNAUTHENTICATED');
      return payload;
    } catch (error) {
      if (error instanceof GraphQLError) throw error;
      if (error instanceof errors.JWTExpired) throw refusal('TOKEN_EXPIRED');
      // It timed out, or there was no answer: nothing is known about the token.
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout || !keys.jwks()) {
        throw refusal('PEER_UNAVAILABLE');
      }
      throw refusal('UNAUTHENTICATED');
    }
  }

  return {
    ready: () => keys.jwks() !== undefined,
    plugin: {
      async onRequestParse({ request, serverContext }) {
        serverContext.claims = await claimsOf(request);
      },
    },
  };
}

export function rolesOf(claims) {
  const roles = claims?.realm_access?.roles;
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
}

export function scopesOf(claims) {
  return typeof claims?.scope === 'string' ? claims.scope.split(' ').filter(Boolean) : [];
}
